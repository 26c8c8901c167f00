"""A period as people ask for it, and the sentence where it is none."""

from toolkit.periods import Period, parse
from toolkit.problems import ToolkitError, problem


def period_of(label: str, start_day: int = 1) -> Period:
    """The period of this label, a month beginning on this day. `ToolkitError` for what is no period."""
    try:
        return parse(label, start_day)
    except ValueError as error:
        raise ToolkitError([problem("PERIOD_LABEL", value=label, reason=error)]) from error
