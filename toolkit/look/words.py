"""The sentences on the pages, from `toolkit/texts/en/workbook.toml`."""

from toolkit.problems import texts


def said(code: str, **fields: object) -> str:
    """The sentence of this code with its {fields} filled in; an unknown code is a mistake and raises `KeyError`."""
    return texts()[code]["message"].format_map(fields)
