"""The fonts that documents are set in: where one is missing, letters would print as boxes."""

import subprocess

from rvc_portal.domain.errors import PortalError

FAMILIES = {
    "Noto Sans": "fonts-noto-core",
    "Noto Serif": "fonts-noto-core",
    "Noto Sans Arabic": "fonts-noto-core",
    "Noto Naskh Arabic": "fonts-noto-core",
    "Noto Sans Hebrew": "fonts-noto-core",
    "Noto Serif Hebrew": "fonts-noto-core",
    "Noto Sans Devanagari": "fonts-noto-core",
    "Noto Serif Devanagari": "fonts-noto-core",
    "Noto Sans Thai": "fonts-noto-core",
    "Noto Serif Thai": "fonts-noto-core",
    "Noto Sans CJK JP": "fonts-noto-cjk",
    "Noto Sans CJK KR": "fonts-noto-cjk",
    "Noto Sans CJK SC": "fonts-noto-cjk",
    "Noto Serif CJK SC": "fonts-noto-cjk",
}
"""Family → the package of Debian that brings it."""


class FontsMissing(PortalError):
    """Documents cannot be made here; the message names the fonts and what to install."""


def require() -> None:
    """Raises FontsMissing unless every family that the documents name is installed."""
    try:
        listed = subprocess.run(["fc-list", ":", "family"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        raise FontsMissing("the fonts cannot be listed: fc-list is missing (Debian's package fontconfig)") from None
    found = {name for line in listed.splitlines() for name in line.split(",")}
    if missing := [family for family in FAMILIES if family not in found]:
        packages = " ".join(sorted({FAMILIES[family] for family in missing}))
        raise FontsMissing(f"fonts are missing: {', '.join(missing)} (Debian's packages {packages})")
