"""Who, what, when and whether it is provisional: the line under every title, and the footer."""

from toolkit.look import day_words, period_words, said
from toolkit.scorecard_reports.files import About


def subtitle(about: About, who: str = "") -> str:
    """Whose scorecard, the period, and the day the data stand at while the period goes on."""
    parts = [about.title, who, period_words(about.period)]
    if about.provisional:
        parts.append(said("CARD_PROVISIONAL", day=day_words(about.as_of)))
    return " · ".join(part for part in parts if part)


def footer(about: About) -> str:
    """What made the page."""
    return f"Scorecard {about.period.label} · {about.profile} · data to {day_words(about.as_of)} · {about.version}"
