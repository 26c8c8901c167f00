"""Stretches of time and deadlines, spelt so that every engine gives the same."""

import narwhals as nw

from toolkit.rows import floor_div

DAY_SECONDS = 24 * 60 * 60


def seconds_between(earlier: nw.Expr, later: nw.Expr) -> nw.Expr:
    """Whole seconds from one time to another, int64; negative where the second comes first."""
    return (later - earlier).dt.total_seconds().cast(nw.Int64)


def days_between(earlier: nw.Expr, later: nw.Expr) -> nw.Expr:
    """Days from one date to another, int64. As times, since engines disagree on what a difference of dates is."""
    seconds = seconds_between(earlier.cast(nw.Datetime("us")), later.cast(nw.Datetime("us")))
    return floor_div(seconds, nw.lit(DAY_SECONDS, nw.Int64))


def days_after(day: nw.Expr, days: int) -> nw.Expr:
    """The date so many days after another."""
    return day.dt.offset_by(f"{days}d").cast(nw.Date)


def end_of_day_after(time: nw.Expr, days: int) -> nw.Expr:
    """The day so many days later, as its midnight, which as a deadline stands for the whole day."""
    return time.dt.truncate("1d").dt.offset_by(f"{days}d")


def is_midnight(time: nw.Expr) -> nw.Expr:
    """Whether a time is a day without a time of day, as sources that keep dates only have it."""
    return (time.dt.hour() + time.dt.minute() + time.dt.second()) == 0
