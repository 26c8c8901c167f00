"""Templates filled in: layout lives in templates/, figures come ready-made."""

from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from toolkit.shipped import shipped


@cache
def _environment(*, escapes: bool = False) -> Environment:
    # text for a terminal or a file is no HTML; pages for a browser get an environment that escapes everything
    return Environment(  # noqa: S701
        loader=FileSystemLoader(shipped("templates")),
        undefined=StrictUndefined,
        autoescape=escapes,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )


def text_page(template: str, page: object) -> str:
    """A plain text page; a name that the template uses and the page lacks is an error."""
    return _environment().get_template(template).render(page=page)


def html_page(template: str, page: object) -> str:
    """A page for a browser: whatever stands in a text of `page` is shown as it is and never becomes a part of it."""
    return _environment(escapes=True).get_template(template).render(page=page)
