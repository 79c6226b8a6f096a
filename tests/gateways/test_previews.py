"""Small pictures of any upload: what is not its picture stays behind, and what is made to do harm does none."""

import io
import tempfile
import zlib

import pikepdf
import pytest
from PIL import Image

from rvc_portal.gateways import previews
from tests.gateways.test_uploads import pdf

RED, BLUE = (200, 20, 20), (20, 20, 200)


def drawn(content: bytes, content_type: str) -> Image.Image:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        return Image.open(io.BytesIO(previews.draw(file, content_type)))


def refused(content: bytes, content_type: str) -> str:
    with pytest.raises(previews.NoPreview) as reason:
        drawn(content, content_type)
    return str(reason.value)


def saved(picture: Image.Image, form: str = "JPEG", **more: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **more)
    return out.getvalue()


def near(found: tuple[int, ...], wanted: tuple[int, int, int]) -> bool:
    return all(abs(a - b) < 12 for a, b in zip(found, wanted, strict=True))


def test_a_photograph_is_small_upright_and_says_nothing_of_where_it_was_taken() -> None:
    """The camera lay on its side: what it calls the left half is the upper one."""
    lying = Image.new("RGB", (1200, 800), BLUE)
    lying.paste(RED, (0, 0, 600, 800))
    told = Image.Exif()
    told[0x0112] = 6  # turn it by a quarter
    told.get_ifd(0x8825)[1] = "N"
    small = drawn(saved(lying, exif=told, comment=b"Rue des Lilas 7"), "image/jpeg")
    assert (small.format, small.size) == ("JPEG", (213, 320))
    assert near(small.getpixel((106, 40)), RED)
    assert near(small.getpixel((106, 280)), BLUE)
    assert not small.getexif()
    assert "comment" not in small.info


@pytest.mark.parametrize("mode", ["L", "CMYK", "P", "RGBA"])
def test_pictures_of_every_kind_are_drawn(mode: str) -> None:
    form = "JPEG" if mode == "CMYK" else "PNG"
    small = drawn(saved(Image.new("RGB", (40, 30), "white").convert(mode), form), f"image/{form.lower()}")
    assert (small.mode, small.size) == ("RGB", (40, 30))
    assert near(small.getpixel((20, 15)), (255, 255, 255))


def test_what_is_transparent_is_white() -> None:
    small = drawn(saved(Image.new("RGBA", (40, 30), (0, 0, 0, 0)), "PNG"), "image/png")
    assert near(small.getpixel((20, 15)), (255, 255, 255))


def test_the_first_page_of_a_pdf_is_drawn() -> None:
    document, out = pikepdf.new(), io.BytesIO()
    for colour in ("0.8 0.1 0.1", "0.1 0.1 0.8"):
        page = document.add_blank_page(page_size=(595, 842))
        page.Contents = document.make_stream(f"{colour} rg 0 0 595 842 re f".encode())
    document.save(out)
    small = drawn(out.getvalue(), "application/pdf")
    assert small.size == (227, 320)
    assert near(small.getpixel((100, 100)), (204, 26, 26))


@pytest.mark.parametrize("size", [(14_400, 14_400), (14_400, 3), (3, 14_400)])
def test_a_page_of_any_size_makes_a_small_picture(size: tuple[int, int]) -> None:
    document, out = pikepdf.new(), io.BytesIO()
    document.add_blank_page(page_size=size)
    document.pages[0].obj.UserUnit = 100
    document.save(out)
    assert max(drawn(out.getvalue(), "application/pdf").size) <= previews.LONGEST_SIDE + 1


def test_what_cannot_be_drawn_is_refused_with_the_reason() -> None:
    assert "load document" in refused(b"%PDF-1.7 nothing", "application/pdf")
    assert "cannot identify" in refused(b"no picture", "image/jpeg")
    assert "truncated" in refused(saved(Image.effect_noise((400, 400), 90))[:2000], "image/jpeg")


def test_a_picture_that_would_fill_the_memory_fails_alone() -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    side = (13_000).to_bytes(4, "big")
    bomb = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", side * 2 + b"\x08\x06\0\0\0") + chunk(b"IDAT", zlib.compress(bytes(99)))
    )
    assert previews.MOST_MEMORY < 13_000 * 13_000 * 4
    assert "MemoryError" in refused(bomb + chunk(b"IEND", b""), "image/png")


def test_a_file_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "PATIENCE_S", 0.001)
    assert "longer than" in refused(pdf(), "application/pdf")
