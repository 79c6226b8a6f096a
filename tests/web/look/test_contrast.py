"""The tokens keep their promise of contrast (WCAG 2.2 AA)."""

import re
from pathlib import Path

import pytest

TOKENS = dict(
    re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", Path("rvc_portal/web/static/tokens.css").read_text(encoding="utf-8"))
)
TINTED = sorted(name for name in TOKENS if f"{name}-soft" in TOKENS and name not in ("ink", "accent"))
GROUNDS = ("paper", "ground", "ground-deep")


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """The ratio of two tokens, from 1 to 21."""
    low, high = sorted((_luminance(TOKENS[one]), _luminance(TOKENS[other])))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", TINTED)
def test_a_hue_is_readable_on_its_tint_and_on_every_ground(name: str) -> None:
    assert min(contrast(name, ground) for ground in (f"{name}-soft", *GROUNDS)) >= 4.5


@pytest.mark.parametrize("name", ["ink", "ink-soft", "link", "link-hover", "link-visited"])
def test_text_is_readable_on_every_ground(name: str) -> None:
    assert min(contrast(name, ground) for ground in GROUNDS) >= 4.5


def test_borders_of_controls_and_the_focus_ring_can_be_seen() -> None:
    assert min(contrast("line-strong", ground) for ground in GROUNDS) >= 3
    assert contrast("focus", "focus-ink") >= 3


def test_fields_and_states_are_all_there() -> None:
    assert len([name for name in TINTED if name.startswith("field-")]) == 8
    assert len([name for name in TINTED if name.startswith("state-")]) == 12
