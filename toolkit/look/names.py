"""Names of files, sheets and payments made from ids: safe everywhere, the same every time, never two alike."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable

_NOT_IN_FILES = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_NOT_IN_SHEETS = re.compile(r"[\[\]:*?/\\\x00-\x1f\x7f]")
_NOT_IN_REFERENCES = re.compile(r"[^A-Za-z0-9/.\-]")
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in "123456789¹²³")})

LONGEST_FILE = 80
LONGEST_SHEET = 31
LONGEST_REFERENCE = 35
"""An end-to-end reference of ISO 20022, and of most payment portals."""


def file_names(ids: Iterable[str]) -> dict[str, str]:
    """A file name without its ending for each id; most often the id itself.

    Characters that Windows refuses become "_". An id that had to change, is too long, is a device of
    Windows (CON) or differs from another only in capitals or accents gets a short hash of itself.
    """
    return _distinct(ids, LONGEST_FILE, _file_name)


def sheet_names(ids: Iterable[str]) -> dict[str, str]:
    """A worksheet name of at most 31 characters for each id, in the same manner."""
    return _distinct(ids, LONGEST_SHEET, _sheet_name)


def references(ids: Iterable[str]) -> dict[str, str]:
    """A payment reference of at most 35 characters, letters, digits, "/", "." and "-" only, for each text."""
    return _distinct(ids, LONGEST_REFERENCE, lambda text: _NOT_IN_REFERENCES.sub("-", text))


def _file_name(text: str) -> str:
    clean = _NOT_IN_FILES.sub("_", text).strip(" .") or "_"
    return f"_{clean}" if clean.split(".")[0].strip().lower() in _DEVICES else clean


def _sheet_name(text: str) -> str:
    clean = _NOT_IN_SHEETS.sub("_", text).strip(" '") or "_"
    return f"_{clean}" if clean.lower() == "history" else clean  # Excel keeps "History" for itself


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _distinct(ids: Iterable[str], longest: int, cleaned: Callable[[str], str]) -> dict[str, str]:
    texts = sorted(set(ids))
    seen = Counter(_folded(cleaned(text)) for text in texts)
    names: dict[str, str] = {}
    taken: set[str] = set()
    for text in texts:
        clean = cleaned(text)
        changed = clean != text or len(clean) > longest or seen[_folded(clean)] > 1
        name = _with_hash(text, clean, longest, 6) if changed else clean
        length = 6
        while _folded(name) in taken:
            length += 2
            name = _with_hash(text, clean, longest, length)
        taken.add(_folded(name))
        names[text] = name
    return names


def _with_hash(text: str, clean: str, longest: int, length: int) -> str:
    mark = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:length]
    return f"{clean[: longest - length - 1].rstrip(' .')}-{mark}"


def masked_phone(number: str) -> str:
    """A phone number that its owner knows again and nobody else can use: ``2547•• ••• 678``."""
    digits = number.strip().removeprefix("+")
    if len(digits) < 10 or not digits.isdigit():
        return masked_account(digits)
    return f"{digits[:4]}{'•' * (len(digits) - 10)} ••• {digits[-3:]}"


def masked_account(number: str) -> str:
    """The last three characters of an account number (fewer of a short one): ``•••• 901``."""
    text = number.strip()
    shown = 3 if len(text) > 6 else 2 if len(text) > 3 else 0
    return f"•••• {text[len(text) - shown :]}".strip() if text else ""
