"""Templates filled in: layout lives in templates/, figures come ready-made."""

from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from toolkit.shipped import shipped

_LAYOUT: dict[str, Any] = {
    "undefined": StrictUndefined,
    "trim_blocks": True,
    "lstrip_blocks": True,
    "keep_trailing_newline": False,
}


@cache
def _for_text() -> Environment:
    # text for a terminal or a file, never HTML: pages for a browser are made where everything is escaped
    return Environment(loader=FileSystemLoader(shipped("templates")), **_LAYOUT)  # noqa: S701


@cache
def _for_browsers() -> Environment:
    return Environment(loader=FileSystemLoader(shipped("templates")), autoescape=True, **_LAYOUT)


def text_page(template: str, page: object) -> str:
    """A plain text page; a name that the template uses and the page lacks is an error."""
    return _for_text().get_template(template).render(page=page)


def html_page(template: str, page: object) -> str:
    """A page for a browser: whatever stands in a text of `page` is shown as it is and never becomes a part of it."""
    return _for_browsers().get_template(template).render(page=page)
