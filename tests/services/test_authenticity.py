"""Ten good and ten spoilt copies: Debian's `pdfsig` and the portal agree on each, and the portal says what is wrong with it."""

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from shutil import copy as copy_file

import pikepdf
import pytest
from flask import Flask

from rvc_portal import settings
from rvc_portal.app import create_app
from rvc_portal.documents import pdf
from rvc_portal.gateways import authority
from rvc_portal.gateways.signing import Office
from rvc_portal.models.base import db
from rvc_portal.models.document import Document
from rvc_portal.services import authenticity, rendering, signing
from rvc_portal.services.authenticity import Finding, Verdict
from tests import signatures
from tests.documents import samples
from tests.signatures import Judge

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(signatures.absent()), reason=f"not installed: {', '.join(signatures.absent())}"),
]

AT = datetime(2015, 12, 11, 9, 0, tzinfo=UTC)
KINDS = ("EVALUATION_REPORT", "WITHDRAWAL_NOTE", "RETURN_LETTER", "CERTIFICATE", "STEERING_OPINION")
GOOD = [(kind, language) for kind in KINDS for language in pdf.LANGUAGES]
REPORT, NOTE = GOOD[0], ("WITHDRAWAL_NOTE", "en")


@dataclass
class Issued:
    """An instance with ten documents that went out signed, and who judges them."""

    app: Flask
    judge: Judge
    ids: dict[tuple[str, str], object]
    signed: dict[tuple[str, str], bytes]
    content: dict[tuple[str, str], bytes]
    roots: Path
    folder: Path

    def check(self, content: bytes, expected: str | None = None) -> Finding:
        copy = authenticity.read(content, self.roots)
        with self.app.app_context():
            files = self.app.extensions["rvc"].files
            return authenticity.check(db.session(), files, copy, self.roots, expected)

    def code(self, which: tuple[str, str]) -> str:
        with self.app.app_context():
            return db.session.get_one(Document, self.ids[which]).code


@pytest.fixture(scope="module")
def issued(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issued]:
    folder = tmp_path_factory.mktemp("issued")
    of = settings.read({"RVC_DATA": str(folder / "instance"), "RVC_BASE_URL": "https://portal.example"})
    copy_file(migrated, of.data / "portal.db")
    authority.init(of.keys.folder, signatures.ORGANISATION, signatures.now())
    app = create_app(of)
    instance = app.extensions["rvc"]
    found = Issued(app, Judge(folder / "judge", of.keys.trust), {}, {}, {}, of.keys.trust, folder)
    with app.app_context():
        images = {key: instance.files.put(body) for key, body in samples.IMAGES.items()}
        for kind, language in GOOD:
            row = Document(kind=kind, language=language, context=samples.SAMPLES[kind](), images=images, issued_at=AT)
            db.session.add(row)
            db.session.flush()
            source = rendering.frozen(db.session(), row.id, of.base_url)
            assert source is not None
            stored = rendering.make(instance.files, source)
            rendering.record(db.session(), row.id, stored, AT, signs=True)
            signing.record(db.session(), row.id, signing.make(instance.files, instance.office, stored.sha256), AT)
            db.session.commit()
            db.session.refresh(row)
            found.ids[kind, language] = row.id
            found.signed[kind, language] = instance.files.get(str(row.file_sha256))
            found.content[kind, language] = instance.files.get(stored.sha256)
    yield found
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("which", GOOD, ids="-".join)
def test_they_agree_on_a_good_copy(which: tuple[str, str], issued: Issued) -> None:
    content = issued.signed[which]
    assert issued.judge.says(content).good
    found = issued.check(content)
    assert found.verdict == Verdict.GENUINE
    assert [s.holds for s in found.signatures] == [True]
    assert found.header is not None
    assert (found.header.kind, found.header.language, found.header.signed) == (*which, "B-B")
    assert found.header.sha256 == hashlib.sha256(content).hexdigest()


def the_byte(issued: Issued, which: tuple[str, str]) -> int:
    """A byte in what the first page draws."""
    with pikepdf.open(issued.folder / "judge" / "judged.pdf") as opened:
        raw = opened.pages[0].Contents.read_raw_bytes()
    return issued.signed[which].index(raw[:40]) + len(raw) // 2


def in_the_signature(content: bytes, share: float) -> int:
    """The place of a digit. What the key made comes last (0.98), what was signed and the certificates before it."""
    start = content.index(b"/Contents <") + len("/Contents <")
    digits = 2 * (4 + int(content[start + 4 : start + 8], 16))  # a sequence of so many bytes; zeros fill what follows
    return start + int(digits * share)


def foreign(issued: Issued) -> bytes:
    """Of our own make, but it never went out, and bears no code of ours."""
    return pdf.render("WITHDRAWAL_NOTE", samples.withdrawal_note(), "en").content


def signed_by(issued: Issued, name: str, content: bytes) -> bytes:
    keys = signatures.own_authority(issued.folder / name)
    return Office(keys).sign(content).content


def put_together(issued: Issued) -> bytes:
    """The report with the last page of a letter: two codes in one file."""

    with pikepdf.open(io.BytesIO(issued.content["RETURN_LETTER", "en"])) as other:
        return signatures.saved(issued.signed[REPORT], lambda opened: opened.pages.append(other.pages[-1]))


def without_page_two(opened: pikepdf.Pdf) -> None:
    del opened.pages[1]


SPOILT: dict[str, tuple[Callable[[Issued], bytes], Verdict, str]] = {
    "its signature cut off": (lambda i: i.content[REPORT], Verdict.UNSIGNED_COPY, "the office's signature is not in it"),
    "its signature taken out": (lambda i: signatures.stripped(i.signed[REPORT]), Verdict.STRIPPED, "this copy has none"),
    "one byte flipped": (lambda i: signatures.flipped(i.signed[REPORT], 4_000), Verdict.ALTERED, "does not hold"),
    "one byte of the signature flipped": (
        lambda i: signatures.flipped(i.signed[REPORT], in_the_signature(i.signed[REPORT], 0.98)), Verdict.ALTERED,
        "does not hold",
    ),
    "its pages in another order": (
        lambda i: signatures.saved(i.signed[REPORT], lambda p: p.pages.reverse()), Verdict.ALTERED, "in another order",
    ),
    "a page missing": (lambda i: signatures.saved(i.signed[REPORT], without_page_two), Verdict.ALTERED, "it lacks: 2"),
    "something added behind": (lambda i: i.signed[REPORT] + b"\n% more\n", Verdict.CONTINUED, "changed after it was signed"),
    "signed by somebody else": (
        lambda i: signed_by(i, "stranger", signatures.stripped(i.signed[NOTE])), Verdict.SIGNED_BY_ANOTHER, "somebody else",
    ),
    "two documents put together": (put_together, Verdict.TWO_CODES, "the codes of several documents"),
    "a file from elsewhere": (foreign, Verdict.UNKNOWN, "names none"),
}  # fmt: skip


@pytest.mark.parametrize("name", SPOILT)
def test_they_agree_on_a_spoilt_copy_and_it_is_told_what_is_wrong(name: str, issued: Issued) -> None:
    spoil, verdict, words = SPOILT[name]
    content = spoil(issued)
    assert not issued.judge.says(content).good
    found = issued.check(content)
    assert found.verdict == verdict
    said = " ".join(r.message % dict(r.params) for r in found.reasons)
    assert words in said
    assert not any(s.holds for s in found.signatures)


def test_a_flipped_byte_in_what_a_page_draws_names_the_page(issued: Issued) -> None:
    content = issued.signed[REPORT]
    assert issued.judge.says(content).good
    found = issued.check(signatures.flipped(content, the_byte(issued, REPORT)))
    assert found.verdict == Verdict.ALTERED
    assert found.reasons[-1].params == {"pages": "1"}


@pytest.mark.parametrize("share", [0.01, 0.05, 0.2, 0.4, 0.6, 0.8, 0.99])
def test_a_signature_with_a_flipped_byte_is_found_and_the_copy_is_not_genuine(share: float, issued: Issued) -> None:
    """Wherever the byte is: in some places the signature cannot even be opened any more, in some (a certificate that came
    with it) it holds nevertheless, and the file is not the one that went out."""
    content = issued.signed[REPORT]
    found = issued.check(signatures.flipped(content, in_the_signature(content, share)))
    assert len(found.signatures) == 1
    holds = found.signatures[0].holds
    assert found.verdict == (Verdict.NOT_RECORDED if holds else Verdict.ALTERED)


def test_a_file_that_the_office_signed_and_the_record_does_not_have_is_told(issued: Issued) -> None:
    """A worker died after it had signed, and before it had noted so."""
    office = issued.app.extensions["rvc"].office
    found = issued.check(office.sign(issued.content[NOTE]).content)
    assert found.verdict == Verdict.NOT_RECORDED
    assert [s.holds for s in found.signatures] == [True]
    found = issued.check(office.sign(foreign(issued)).content)
    assert (found.verdict, found.header) == (Verdict.NOT_RECORDED, None)


def test_a_genuine_copy_of_another_document_is_told(issued: Issued) -> None:
    content = issued.signed[NOTE]
    assert issued.check(content, issued.code(NOTE)).verdict == Verdict.GENUINE
    found = issued.check(content, issued.code(REPORT))
    assert found.verdict == Verdict.ANOTHER
    assert found.header is not None
    assert found.header.kind == "WITHDRAWAL_NOTE"


def test_where_no_root_is_known_the_bytes_still_prove_it(issued: Issued, tmp_path: Path) -> None:
    copy = authenticity.read(issued.signed[NOTE], tmp_path / "none.pem")
    with issued.app.app_context():
        found = authenticity.check(db.session(), issued.app.extensions["rvc"].files, copy, tmp_path / "none.pem")
    assert found.verdict == Verdict.GENUINE
    assert "not among those that the portal trusts" in found.reasons[-1].message
