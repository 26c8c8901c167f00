"""What every page for a browser has: the colours of its style, its title and its foot."""

from dataclasses import dataclass

from toolkit.look import theme


@dataclass(frozen=True)
class Theme:
    """The colours of everything, for the style of the pages."""

    ink: str = theme.INK
    muted: str = theme.MUTED
    line: str = theme.LINE
    band: str = theme.BAND
    accent: str = theme.ACCENT
    good: tuple[str, str] = theme.GOOD
    watch: tuple[str, str] = theme.WATCH
    bad: tuple[str, str] = theme.BAD


THEME = Theme()


@dataclass(frozen=True)
class Heading:
    """Title, the line under it, and the stamp of what may still change."""

    title: str
    subtitle: str
    provisional: str
    footer: str
