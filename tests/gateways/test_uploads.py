"""Uploads are judged by what they are, whatever they are called."""

import io
import zipfile
import zlib

import openpyxl
import pikepdf
import pytest
from PIL import Image

from rvc_portal.domain.call import PIECE_FORMATS
from rvc_portal.domain.errors import InvalidInput
from rvc_portal.gateways import uploads
from rvc_portal.gateways.uploads import CONTENT_TYPES, Inspected, clean_name

MEGABYTE = 1_000_000


def pdf(pages: int = 2, **options: object) -> bytes:
    document, out = pikepdf.new(), io.BytesIO()
    for _ in range(pages):
        document.add_blank_page()
    document.save(out, **options)
    return out.getvalue()


def picture(form: str, size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).save(out, form)
    return out.getvalue()


def office(*parts: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            archive.writestr(name, content)
    return out.getvalue()


def sheet() -> bytes:
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    return out.getvalue()


def open_document(kind: str) -> bytes:
    return office(("mimetype", f"application/vnd.oasis.opendocument.{kind}".encode()), ("content.xml", b"<a/>"))


DOCX = office(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w/>"))
GOOD = {
    "pdf": pdf(),
    "jpeg": picture("JPEG"),
    "png": picture("PNG"),
    "docx": DOCX,
    "xlsx": sheet(),
    "odt": open_document("text"),
    "ods": open_document("spreadsheet"),
}


def inspect(content: bytes, name: str, formats: tuple[str, ...], max_bytes: int, **more: object) -> Inspected:
    return uploads.inspect(io.BytesIO(content), name, formats, max_bytes, **more)


def refusal(content: bytes, formats: tuple[str, ...] = PIECE_FORMATS, max_bytes: int = MEGABYTE) -> str:
    with pytest.raises(InvalidInput) as refused:
        inspect(content, "budget.pdf", formats, max_bytes, target="budget")
    ((target, (found,)),) = refused.value.problems.items()
    assert target == "budget"
    return found.message % dict(found.params)


def test_every_format_of_a_call_is_known() -> None:
    assert set(GOOD) == set(PIECE_FORMATS) == set(CONTENT_TYPES)


@pytest.mark.parametrize("form", GOOD)
def test_a_good_file_is_taken_whatever_its_name(form: str) -> None:
    found = inspect(GOOD[form], "misleading.exe", (form,), MEGABYTE)
    assert (found.format, found.content_type) == (form, CONTENT_TYPES[form])
    expected = {"pdf": {"pages": 2}, "jpeg": {"width": 40, "height": 30}, "png": {"width": 40, "height": 30}}
    assert found.details == expected.get(form, {})


@pytest.mark.parametrize("form", GOOD)
def test_a_format_that_the_piece_does_not_want_is_refused(form: str) -> None:
    others = tuple(key for key in PIECE_FORMATS if key != form)
    assert "none of these formats" in refusal(GOOD[form], others)


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script></html>",
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        b"MZ" + bytes(200),
        b"GIF89a" + bytes(50),
        b"hello",
        office(("evil.js", b"alert(1)")),
        office(("mimetype", b"application/epub+zip")),
        b"PK\x03\x04 no archive",
    ],
    ids=["html", "svg", "exe", "gif", "text", "zip", "epub", "not zip"],
)
def test_what_is_not_on_the_list_is_refused(content: bytes) -> None:
    assert "none of these formats: PDF, JPEG" in refusal(content)


def test_empty_and_too_large_files_are_refused() -> None:
    assert refusal(b"") == "The file is empty."
    assert refusal(pdf() + bytes(2 * MEGABYTE)) == "The file has 2.0 MB; at most 1.0 MB can be taken."
    exact = pdf()
    assert inspect(exact, "a.pdf", ("pdf",), len(exact)).format == "pdf"
    assert "at most" in refusal(exact, max_bytes=len(exact) - 1)


def test_a_locked_pdf_is_refused() -> None:
    for password in ("secret", ""):  # to open it, or only to change it
        locked = pdf(encryption=pikepdf.Encryption(owner="owner", user=password))
        assert "locked by encryption" in refusal(locked)


def active(kind: str) -> bytes:
    """A PDF that does something by itself, at one of the places where it can stand."""
    document, out = pikepdf.new(), io.BytesIO()
    document.add_blank_page()
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    page = document.pages[0].obj
    if kind == "opening":
        document.Root.OpenAction = document.make_indirect(script)
    elif kind == "names":
        document.Root.Names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=pikepdf.Array(["a", script])))
    elif kind == "page":
        page.AA = pikepdf.Dictionary(O=script)
    elif kind == "stream":
        long = document.make_stream(b"app.alert(1)")
        document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.Rendition, JS=long)
    else:
        action = pikepdf.Dictionary(S=pikepdf.Name("/" + kind))
        page.Annots = pikepdf.Array([pikepdf.Dictionary(Subtype=pikepdf.Name.Link, A=action)])
    document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["opening", "names", "page", "stream", "Launch", "SubmitForm", "ImportData"])
def test_a_pdf_that_acts_by_itself_is_refused(kind: str) -> None:
    assert "carries a script or starts a program" in refusal(active(kind))


def test_a_pdf_with_links_and_contents_is_no_danger() -> None:
    assert inspect(active("URI"), "links.pdf", ("pdf",), MEGABYTE).details == {"pages": 1}


@pytest.mark.parametrize("content", [b"%PDF-1.7\n%%EOF", pdf(30)[:700], b"%PDF-1.7\n" + bytes(3000)])
def test_a_damaged_pdf_is_refused(content: bytes) -> None:
    assert "damaged" in refusal(content)


def test_a_pdf_without_pages_is_refused() -> None:
    assert "no pages" in refusal(pdf(0))


def test_a_damaged_picture_is_refused() -> None:
    for form in ("JPEG", "PNG"):
        whole = picture(form, (400, 300))
        assert "damaged" in refusal(whole[: len(whole) // 2])


@pytest.mark.parametrize("size", [(120, 80), (80, 120), (400, 81)])
def test_a_picture_may_stand_or_lie_if_it_is_large_enough(size: tuple[int, int]) -> None:
    found = inspect(picture("JPEG", size), "photo.jpg", ("jpeg",), MEGABYTE, min_pixels=(120, 80))
    assert (found.details["width"], found.details["height"]) == size


@pytest.mark.parametrize("size", [(119, 80), (120, 79), (80, 119), (400, 79)])
def test_a_picture_that_is_too_small_is_refused_with_both_sizes(size: tuple[int, int]) -> None:
    with pytest.raises(InvalidInput) as refused:
        inspect(picture("PNG", size), "photo.png", ("png",), MEGABYTE, min_pixels=(120, 80), target="photos")
    ((found,),) = refused.value.problems.values()
    told = found.message % dict(found.params)
    assert f"has {size[0]} × {size[1]} pixels" in told
    assert "at least 120 × 80" in told


def test_a_pdf_has_no_pixels_to_be_counted() -> None:
    assert inspect(pdf(), "a.pdf", ("jpeg", "pdf"), MEGABYTE, min_pixels=(120, 80)).format == "pdf"


def test_a_picture_that_would_fill_the_memory_is_refused() -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    side = (50_000).to_bytes(4, "big")
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", side * 2 + b"\x01\0\0\0\0") + chunk(b"IDAT", zlib.compress(bytes(99)))
    assert "too many pixels" in refusal(bomb + chunk(b"IEND", b""))


def test_an_office_file_that_would_fill_the_disk_is_refused() -> None:
    parts = (("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w/>"))
    bomb = office(*parts, *((f"word/{n}.xml", bytes(50 * MEGABYTE)) for n in range(9)))
    assert len(bomb) < MEGABYTE
    assert "damaged" in refusal(bomb)


def test_an_altered_office_file_is_refused() -> None:
    middle = GOOD["xlsx"].index(b"PK\x03\x04", 10) - 60
    assert "damaged" in refusal(GOOD["xlsx"][:middle] + b"\0" * 20 + GOOD["xlsx"][middle + 20 :])


@pytest.mark.parametrize(
    ("name", "form", "clean"),
    [
        ("lettre du maire.pdf", "pdf", "lettre du maire.pdf"),
        ("../../etc/passwd", "pdf", "passwd.pdf"),
        ("C:\\Users\\x\\Budget 2015.PDF", "pdf", "Budget 2015.pdf"),
        ("photo.JPG", "jpeg", "photo.jpg"),
        ("photo.png", "jpeg", "photo.png.jpg"),
        ("بغداد.pdf", "pdf", "بغداد.pdf"),
        ('a\r\nSet-Cookie: "x".pdf', "pdf", "aSet-Cookie x.pdf"),
        ("invoice\u202efdp.exe", "pdf", "invoicefdp.exe.pdf"),
        ("", "png", "file.png"),
        (".pdf", "pdf", "file.pdf"),
        ("...", "pdf", "file.pdf"),
        (".htaccess", "pdf", "htaccess.pdf"),
        ("a" * 400 + ".pdf", "pdf", "a" * 150 + ".pdf"),
    ],
)
def test_names_are_made_harmless(name: str, form: str, clean: str) -> None:
    assert clean_name(name, form) == clean
