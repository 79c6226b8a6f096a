"""Where a person goes on to: pages of ours alone, whatever an address or a form claims."""

from flask_security.utils import validate_redirect_url

LONGEST = 500
"""Characters that a way on may have: it travels in the address of a mail."""


def own_page(url: str | None) -> str:
    """The path of a page of the portal, empty for anything else. Browsers read a backslash as a slash and skip tabs and
    line ends, so an address with one of these is none of ours."""
    if not url or len(url) > LONGEST or not url.startswith("/") or not url.isprintable() or "\\" in url or " " in url:
        return ""
    return url if validate_redirect_url(url) else ""
