"""Text from files as it may be shown on a terminal, where control characters are commands."""

import unicodedata

LONGEST_SHOWN = 300


def harmless(text: str, most: int = LONGEST_SHOWN) -> str:
    """The text in one line without control characters or marks that turn the direction of writing, cut at `most`."""
    shown = text if text.isascii() and text.isprintable() else "".join(map(_instead, text))
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def is_harmless(letter: str) -> bool:
    """Whether a letter shows itself and does nothing else."""
    category = unicodedata.category(letter)
    return category[0] != "C" and category not in ("Zl", "Zp")


def _instead(letter: str) -> str:
    return letter if is_harmless(letter) else "\ufffd"


def harmless_json(text: str) -> str:
    """JSON that means the same, with everything escaped in it that is not harmless; its own line ends stay."""
    return "".join(letter if letter == "\n" or is_harmless(letter) else escaped(letter) for letter in text)


def escaped(letter: str) -> str:
    """A letter as JSON writes it where it may not stand as it is."""
    units = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[place : place + 2].hex()}" for place in range(0, len(units), 2))


def harmless_page(text: str) -> str:
    """A text of several lines, each of them made harmless and none cut."""
    return "\n".join(harmless(line, len(line)) for line in text.split("\n"))
