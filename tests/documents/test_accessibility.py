"""veraPDF's own rules judge every kind of document in both languages, and what the office's signature adds."""

from pathlib import Path

import pytest

from rvc_portal.documents import pdf
from rvc_portal.documents.catalogue import KINDS
from rvc_portal.gateways.signing import Office
from tests import signatures
from tests.documents import samples, verapdf

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(
        bool(verapdf.absent()), reason=f"veraPDF's packages are not installed: {', '.join(verapdf.absent())}"
    ),
]


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, list[str]]]:
    """The broken rules of every kind in both languages, and of a file that must not pass, by standard: all judged in one go."""
    from weasyprint import HTML

    folder = tmp_path_factory.mktemp("judged")
    for kind in samples.SAMPLES:
        for language in pdf.LANGUAGES:
            (folder / f"{kind}-{language}").write_bytes(samples.made(kind, language).content)
    HTML(string="<!doctype html><p>No title, no language").write_pdf(folder / "bad")
    return {standard: verapdf.judge(sorted(folder.iterdir()), standard) for standard in verapdf.PROFILES}


@pytest.mark.parametrize("standard", verapdf.PROFILES)
@pytest.mark.parametrize("language", pdf.LANGUAGES)
@pytest.mark.parametrize("kind", samples.SAMPLES)
def test_a_document_complies_with_both_standards_and_a_form_with_one(
    kind: str, language: str, standard: str, verdicts: dict[str, dict[str, list[str]]]
) -> None:
    found = verdicts[standard][f"{kind}-{language}"]
    archives = standard == "PDF/UA-1" or not KINDS[kind].fields  # fields to fill in are nothing to archive
    assert bool(found) != archives, found


@pytest.fixture
def two(tmp_path: Path) -> list[Path]:
    """A complete dossier, with a file in it, as it was rendered, and signed."""
    content = samples.made("COMPLETE_DOSSIER").content
    (tmp_path / "plain").write_bytes(content)
    (tmp_path / "signed").write_bytes(Office(signatures.own_authority(tmp_path / "instance")).sign(content).content)
    return [tmp_path / "plain", tmp_path / "signed"]


@pytest.mark.parametrize("standard", verapdf.PROFILES)
def test_a_signature_leaves_a_document_as_both_standards_want_it(two: list[Path], standard: str) -> None:
    assert verapdf.judge(two, standard) == {"plain": [], "signed": []}


def test_the_rules_find_what_is_wrong(verdicts: dict[str, dict[str, list[str]]]) -> None:
    """A judge that passes everything would be no judge."""
    assert any(rule.startswith("7.1") for rule in verdicts["PDF/UA-1"]["bad"])
    assert any(rule.startswith("6.") for rule in verdicts["PDF/A-3a"]["bad"])
