"""Where the files are that come with the toolkit, and which version this is.

They are found the same way from a checkout, an editable install, a wheel and `uvx --from .`: `templates` and
`workbooks` lie beside the package in a checkout and inside it once it is installed, all others always inside it.
"""

from configparser import ConfigParser
from functools import cache
from importlib import metadata
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
DISTRIBUTION = "collections-toolkit"

FOLDERS = ("data", "setups", "templates", "texts", "workbooks")
"""currencies and other lists; the shipped set-ups; texts to fill in; sentences by code; the workbook's parts."""


def shipped(folder: str) -> Path:
    """The folder of this name (one of `FOLDERS`). `FileNotFoundError` if this copy came without it."""
    if folder not in FOLDERS:
        raise ValueError(f"{folder} is not one of the shipped folders: {', '.join(FOLDERS)}")
    for place in (PACKAGE, PACKAGE.parent):
        if (place / folder).is_dir():
            return place / folder
    raise FileNotFoundError(f"the folder {folder} is missing from this copy of the toolkit: install it again")


@cache
def version() -> str:
    """The toolkit's version: of the checkout that this file lies in, else of the installed distribution."""
    checkout = ConfigParser()
    checkout.read(PACKAGE.parent / "setup.cfg", encoding="utf-8")
    if checkout.get("metadata", "name", fallback="") == DISTRIBUTION:
        return checkout["metadata"]["version"]
    return metadata.version(DISTRIBUTION)
