"""veraPDF's own rules judge every kind of document in both languages."""

from pathlib import Path

import pytest

from rvc_portal.documents import pdf
from tests.documents import samples, verapdf

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        bool(verapdf.absent()), reason=f"veraPDF's packages are not installed: {', '.join(verapdf.absent())}"
    ),
]


@pytest.mark.parametrize("language", pdf.LANGUAGES)
@pytest.mark.parametrize("kind", samples.SAMPLES)
def test_a_document_complies_with_pdf_ua(kind: str, language: str, tmp_path: Path) -> None:
    path = tmp_path / f"{kind}.pdf"
    path.write_bytes(pdf.render(kind, samples.SAMPLES[kind](), language, samples.IMAGES).content)
    assert verapdf.broken_rules(path) == []


def test_the_rules_find_what_is_wrong(tmp_path: Path) -> None:
    """A judge that passes everything would be no judge."""
    from weasyprint import HTML

    path = tmp_path / "bad.pdf"
    HTML(string="<!doctype html><p>No title, no language").write_pdf(path)
    assert any(rule.startswith("7.1") for rule in verapdf.broken_rules(path))
