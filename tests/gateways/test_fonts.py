"""A missing font is told before a document is made without it."""

from pathlib import Path

import pytest

from rvc_portal.gateways import fonts


def test_the_fonts_are_here() -> None:
    fonts.require()


def test_missing_fonts_are_named_with_their_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a configuration that knows one folder of fonts only."""
    folder = tmp_path / "fonts"
    folder.mkdir()
    source = Path("/usr/share/fonts/truetype/noto")
    for name in ("NotoSans-Regular.ttf", "NotoSerif-Regular.ttf"):
        (folder / name).symlink_to(source / name)
    config = tmp_path / "fonts.conf"
    config.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">'
        f"<fontconfig><dir>{folder}</dir><cachedir>{tmp_path / 'cache'}</cachedir></fontconfig>"
    )
    monkeypatch.setenv("FONTCONFIG_FILE", str(config))
    with pytest.raises(fonts.FontsMissing) as failure:
        fonts.require()
    assert str(failure.value) == (
        "fonts are missing: Noto Sans Arabic, Noto Naskh Arabic, Noto Sans Hebrew, Noto Serif Hebrew, Noto Sans Devanagari,"
        " Noto Serif Devanagari, Noto Sans Thai, Noto Serif Thai, Noto Sans CJK JP, Noto Sans CJK KR, Noto Sans CJK SC,"
        " Noto Serif CJK SC"
        " (Debian's packages fonts-noto-cjk fonts-noto-core)"
    )


def test_without_fontconfig_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(fonts.FontsMissing, match="fc-list is missing"):
        fonts.require()
