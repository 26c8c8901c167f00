"""Text from files made harmless: for a terminal, for a remark in TOML, and as a string of TOML."""

from toolkit.terminal import harmless, is_harmless

SHOWN = 40


def shown(text: str, most: int = SHOWN) -> str:
    """A text in one line without control characters or marks that turn the direction of writing, cut at `most`."""
    return harmless(" ".join(text.split()), most)


def toml_text(text: str) -> str:
    """The text as a basic string of TOML."""
    return '"' + "".join(_escaped(letter) for letter in text) + '"'


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    if is_harmless(letter):
        return letter
    number = ord(letter)
    return f"\\u{number:04X}" if number <= 0xFFFF else f"\\U{number:08X}"


def toml_list(texts: tuple[str, ...] | list[str]) -> str:
    """The texts as a list of TOML in one line."""
    return f"[{', '.join(map(toml_text, texts))}]"
