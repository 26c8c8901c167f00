"""Templates filled in: layout lives in templates/, figures come ready-made."""

from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from toolkit.shipped import shipped


@cache
def _environment() -> Environment:
    # text for a terminal or a file, never HTML: pages for a browser get an environment that escapes
    return Environment(  # noqa: S701
        loader=FileSystemLoader(shipped("templates")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )


def text_page(template: str, page: object) -> str:
    """A plain text page; a name that the template uses and the page lacks is an error."""
    return _environment().get_template(template).render(page=page)
