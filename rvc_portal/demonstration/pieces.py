"""The files that a made-up city uploads: letters of one page as PDF, photographs as JPEG."""

import io
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from textwrap import wrap

import pikepdf

from rvc_portal.demonstration import bank
from rvc_portal.demonstration.bank import Prose
from rvc_portal.demonstration.cities import CityFacts
from rvc_portal.demonstration.photographs import photographs
from rvc_portal.domain.call import CallDefinition, Piece

# WinAnsi, the encoding of PDF's built-in fonts, knows no narrow space and no letters beyond Western Europe.
_ENCODABLE = str.maketrans({"\u202f": "\u00a0", "č": "c", "Č": "C", "ć": "c", "ő": "o", "ł": "l"})


@dataclass(frozen=True)
class PieceFile:
    """A file for a piece of the call: `name` as the city called it, `content_type` as its bytes are."""

    piece: str
    name: str
    content_type: str
    content: bytes


def pieces_for(
    definition: CallDefinition, city: CityFacts, seed: int, signed_on: date | None = None
) -> tuple[PieceFile, ...]:
    """A file for each piece that the call asks for, as many as it counts; the same bytes for the same arguments."""
    day = signed_on or date.fromisoformat(definition.filing.opens[:10])
    return tuple(file for piece in definition.pieces for file in _files(piece, city, seed, day))


def _files(piece: Piece, city: CityFacts, seed: int, day: date) -> Iterator[PieceFile]:
    if piece.formats == ("jpeg",):
        for name, content in photographs(city, seed)[: piece.count]:
            yield PieceFile(piece.key, name, "image/jpeg", content)
        return
    for number in range(1, piece.count + 1):
        suffix = f"-{number}" if piece.count > 1 else ""
        name = f"{city.slug}-{piece.key.replace('_', '-')}{suffix}.pdf"
        yield PieceFile(piece.key, name, "application/pdf", letter(piece.key, city, number, day))


def letter(key: str, city: CityFacts, number: int, day: date) -> bytes:
    """A letter of one A4 page as PDF, in the city's language. A key without a letter of its own gets the checklist's."""
    words = bank.load("letters")[city.language]
    letter_words = words.get(key) or words["checklist"]
    slots = {
        "city": city.city,
        "mayor": f"{city.mayor_first_name} {city.mayor_family_name}".translate(_ENCODABLE),
        "date": day.strftime("%d.%m.%Y"),
    }
    say = Prose(city.language, slots, random.Random(0)).say
    title = say(letter_words["title"]) + (f" ({number})" if key == "association_letters" else "")
    lines = [_line(city.city, "F2", 11, 64, 790), _line(title, "F2", 18, 64, 730)]
    y = 690
    for paragraph in letter_words["body"]:
        for text in wrap(say(paragraph), 84):
            lines.append(_line(text, "F1", 11, 64, y))
            y -= 17
        y -= 12
    lines.append(_line(words["banner"], "F1", 9, 64, 52))
    return _page(title, city.language, b"\n".join(lines))


def _line(text: str, font: str, size: int, x: int, y: int) -> bytes:
    encoded = text.translate(_ENCODABLE).encode("cp1252", "replace")
    escaped = encoded.replace(b"\\", rb"\\").replace(b"(", rb"\(").replace(b")", rb"\)")
    return b"BT /%s %d Tf %d %d Td (%s) Tj ET" % (font.encode(), size, x, y, escaped)


def _page(title: str, language: str, content: bytes) -> bytes:
    pdf = pikepdf.new()
    fonts = pikepdf.Dictionary(F1=_font("/Times-Roman"), F2=_font("/Helvetica-Bold"))
    page = pikepdf.Dictionary(
        Type=pikepdf.Name.Page,
        MediaBox=[0, 0, 595, 842],
        Resources=pikepdf.Dictionary(Font=fonts),
        Contents=pdf.make_stream(content),
    )
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))
    pdf.Root.Lang = language
    pdf.docinfo["/Title"] = title
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True)
    return out.getvalue()


def _font(name: str) -> pikepdf.Dictionary:
    return pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.Type1,
        BaseFont=pikepdf.Name(name),
        Encoding=pikepdf.Name.WinAnsiEncoding,
    )
