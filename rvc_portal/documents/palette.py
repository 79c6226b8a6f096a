"""The design tokens that screen and print share, read from the sheet itself."""

import re
from functools import lru_cache

from rvc_portal import settings

TOKEN = re.compile(r"--([a-z0-9-]+):\s*([^;]+);")


@lru_cache(maxsize=1)
def tokens_sheet() -> str:
    """Return the sheet of tokens, to stand at the head of the print sheet."""
    return (settings.STATIC / "tokens.css").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def tokens() -> dict[str, str]:
    """Return the tokens of ``:root`` by name. Charts need them: a picture does not inherit the page's style."""
    root = tokens_sheet().split("[data-", 1)[0]
    return dict(TOKEN.findall(root))


def accent(field: str | None) -> str:
    """Return the colour of a creative field, or the portal's own for a field without one and for none."""
    known = tokens()
    return known.get(f"field-{(field or '').replace('_', '-')}", known["accent"])
