"""The complete dossier as a file: one list of contents that agrees with its pages, bookmarks, and what travels in it."""

import hashlib
import io
import re
from functools import cache
from itertools import pairwise

import pikepdf
import pytest
from pypdf import PageObject, PdfReader

from rvc_portal.documents import pdf
from rvc_portal.documents.attachments import Attached
from rvc_portal.gateways.files import StorageError
from tests.documents import samples

KIND = "COMPLETE_DOSSIER"
RUNNING = {"en": "Complete dossier · ", "fr": "Dossier complet · "}


@cache
def reader(language: str) -> PdfReader:
    return PdfReader(io.BytesIO(samples.made(KIND, language).content))


def bookmarks(file: PdfReader, told: list, level: int = 1) -> list[tuple[int, str, int]]:
    """Level, title and page (from 1) of each, in their order."""
    found = []
    for one in told:
        if isinstance(one, list):
            found += bookmarks(file, one, level + 1)
        else:
            found.append((level, one.title, file.get_destination_page_number(one) + 1))
    return found


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("language", pdf.LANGUAGES)
def test_every_part_has_a_bookmark_that_leads_to_a_page_of_its_own(language: str) -> None:
    file, context = reader(language), samples.complete_dossier()
    heads = [(title, page) for level, title, page in bookmarks(file, file.outline) if level == 1]
    assert len(heads) == 1 + len(context["parts"]) + 2, "the cover, each part, the pieces and the history"
    assert all(after[1] > before[1] for before, after in pairwise(heads))
    for title, page in heads:
        assert squeezed(title) in squeezed(file.pages[page - 1].extract_text())


@pytest.mark.parametrize("language", pdf.LANGUAGES)
def test_the_contents_print_the_pages_that_they_lead_to(language: str) -> None:
    file = reader(language)
    contents = file.pages[1:3]
    printed = [number for page in contents for number in printed_in(page, language)]
    assert printed == [number for page in contents for number in led_from(file, page)]
    assert len(printed) > len(samples.complete_dossier()["parts"])


def printed_in(page: PageObject, language: str) -> list[int]:
    above = page.extract_text().partition(RUNNING[language])[0]
    return [int(found[1]) for line in above.splitlines() if (found := re.search(r" (\d+)\s*$", line))]


def led_from(file: PdfReader, page: PageObject) -> list[int]:
    """The pages that the lines lead to, from above: a line has several links, to its words and to its number."""
    lines = {}
    for link in (annotation.get_object() for annotation in page["/Annots"]):
        lines[round(float(link["/Rect"][1]))] = file.named_destinations[link["/Dest"]]
    return [file.get_destination_page_number(lines[top]) + 1 for top in sorted(lines, reverse=True)]


# --- what travels in it ---

AT = samples.attached(samples.complete_dossier())[0].at


def enclosing(*contents: bytes, read: object = None) -> list[Attached]:
    return [
        Attached(f"{n:02}-lettre d’été №{n}.pdf", f"Letter {n}", "application/pdf", len(content),
                 hashlib.sha256(content).hexdigest(), AT, read or (lambda content=content: content))  # type: ignore[arg-type]
        for n, content in enumerate(contents, 1)
    ]  # fmt: skip


def receipt_with(files: list[Attached]) -> bytes:
    return pdf.render("RECEIPT", samples.SAMPLES["RECEIPT"](), "en", attached=files).content


def test_files_come_out_byte_for_byte_with_all_that_is_said_of_them() -> None:
    contents = [b"%PDF-1.7 endstream endobj \r\n\x00\xff", b"", b"%PDF-1.4" * 100_000]
    file = pikepdf.open(io.BytesIO(receipt_with(enclosing(*contents))))
    told = list(file.attachments.values())
    assert [t.get_file().read_bytes() for t in told] == contents
    assert [t.filename for t in told] == [f"{n:02}-lettre d’été №{n}.pdf" for n in (1, 2, 3)]
    for one, content in zip(told, contents, strict=True):
        stream = one.get_file()
        assert (stream.mime_type, stream.size) == ("application/pdf", len(content))
        assert stream.md5 == hashlib.md5(content, usedforsecurity=False).digest()
        assert str(one.obj.EF.F.Params.ModDate) == "D:20150601100000Z"
        assert one.description.startswith("Letter")
    assert [spec.objgen for spec in file.Root.AF] == [one.obj.objgen for one in told]


def test_the_same_files_give_the_same_bytes_and_others_another_identifier() -> None:
    assert receipt_with(enclosing(b"one")) == receipt_with(enclosing(b"one"))
    one, other = (pikepdf.open(io.BytesIO(receipt_with(enclosing(c)))) for c in (b"one", b"two"))
    assert bytes(one.trailer.ID[1]) != bytes(other.trailer.ID[1])


def test_a_file_is_read_when_it_is_written_and_its_loss_is_told() -> None:
    read = []

    def content() -> bytes:
        read.append(len(read))
        return b"%PDF-1.7"

    receipt_with(enclosing(b"%PDF-1.7", read=content))
    assert read == [0], "once"

    def lost() -> bytes:
        raise StorageError("The file is missing.")

    with pytest.raises(StorageError, match="missing"):
        receipt_with(enclosing(b"%PDF-1.7", read=lost))


def test_nothing_travels_in_other_documents() -> None:
    assert "/AF" not in pikepdf.open(io.BytesIO(receipt_with([]))).Root
