"""The text under each mark of a page's content, as pdfium reads it."""

import ctypes
import io
from dataclasses import dataclass

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium


@dataclass(frozen=True)
class Drawn:
    """`text`: letters in the order of drawing; `place`: left and lower edge of the first of them, in whole points."""

    text: str
    place: tuple[int, int]


def marked_text(pdf: pikepdf.Pdf) -> dict[tuple[int, int], Drawn]:
    """Return by (page from 0, number of the mark) what is drawn under it."""
    kept = io.BytesIO()
    pdf.save(kept)
    found: dict[tuple[int, int], Drawn] = {}
    with pypdfium2.PdfDocument(kept.getvalue()) as document:
        for number, page in enumerate(document):
            texts = page.get_textpage()
            for drawn in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT]):
                mark = pdfium.FPDFPageObj_GetMarkedContentID(drawn.raw)
                if mark >= 0:
                    left, lower, *_others = drawn.get_bounds()
                    before = found.get((number, mark), Drawn("", (round(left), round(lower))))
                    found[number, mark] = Drawn(before.text + _text(drawn.raw, texts.raw), before.place)
            texts.close()
            page.close()
    return found


def _text(drawn: object, texts: object) -> str:
    size = pdfium.FPDFTextObj_GetText(drawn, texts, None, 0)
    kept = (ctypes.c_ushort * (size // 2))()
    pdfium.FPDFTextObj_GetText(drawn, texts, kept, size)
    return bytes(kept).decode("utf-16-le", "replace").rstrip("\0")
