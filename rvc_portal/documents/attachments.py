"""Files that travel in a document, unchanged: embedded, associated with it as a whole and found by their names (ISO 19005-3, 6.8;
ISO 32000-1, 7.11.4).

WeasyPrint attaches files, too, but holds all of them in memory, several times over. Here each is read when it is written, one at
a time. They are PDFs and as small as they get: none is compressed again, so the bytes in the document are those of the file.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pydyf

RELATIONSHIP = "/Supplement"
"""What a piece is to the dossier: it adds to it, and is neither its source nor another rendition of it."""


@dataclass(frozen=True)
class Attached:
    """A file to travel in a document. ``name``: with which it is saved; ``size``: bytes; ``at``: when it was uploaded; ``read``:
    gives its bytes, whose SHA-256 is ``sha256``."""

    name: str
    description: str
    media_type: str
    size: int
    sha256: str
    at: datetime
    read: Callable[[], bytes]


def attach(pdf: Any, files: Sequence[Attached]) -> None:
    """Put the files into the document that is about to be written (pydyf's PDF), in this order."""
    if not files:
        return
    names, associated = pydyf.Array(), pydyf.Array()
    for number, file in enumerate(files, 1):
        specification = _specification(pdf, file)
        associated.append(specification.reference)
        names.extend([pydyf.String(f"{number:04}"), specification.reference])  # sorted, as a name tree is to be
    tree = pydyf.Dictionary({"Names": names})
    pdf.add_object(tree)
    pdf.catalog.setdefault("Names", pydyf.Dictionary())["EmbeddedFiles"] = tree.reference
    pdf.catalog["AF"] = associated


def _specification(pdf: Any, file: Attached) -> Any:
    embedded = _Embedded(file)
    pdf.add_object(embedded)
    made = pydyf.Dictionary({
        "Type": "/Filespec",
        "F": pydyf.String(file.name.encode("ascii", "replace").decode().replace("?", "_")),
        "UF": pydyf.String(file.name),
        "EF": pydyf.Dictionary({"F": embedded.reference, "UF": embedded.reference}),
        "Desc": pydyf.String(file.description),
        "AFRelationship": RELATIONSHIP,
    })  # fmt: skip
    pdf.add_object(made)
    return made


class _Embedded(pydyf.Stream):
    """A file as an object of the document. Its ``data``, of which WeasyPrint makes the document's identifier, names the bytes by
    their hash; ``indirect``, which is written, reads them."""

    def __init__(self, file: Attached) -> None:
        super().__init__()
        self.file = file

    @property
    def data(self) -> bytes:
        return self._head({"SHA256": pydyf.String(self.file.sha256)})

    @property
    def indirect(self) -> bytes:
        content = self.file.read()
        at = pydyf.String(self.file.at.astimezone(UTC).strftime("D:%Y%m%d%H%M%SZ"))
        checksum = f"<{hashlib.md5(content, usedforsecurity=False).hexdigest()}>"
        stated = {"Size": self.file.size, "CreationDate": at, "ModDate": at, "CheckSum": checksum}
        head = self._head({"Params": pydyf.Dictionary(stated), "Length": len(content)})
        begin = f"{self.number} {self.generation} obj\n".encode()
        return b"".join((begin, head, b"\nstream\n", content, b"\nendstream\nendobj"))

    def _head(self, more: dict[str, Any]) -> bytes:
        told = {"Type": "/EmbeddedFile", "Subtype": _name(self.file.media_type), **more}
        return bytes(pydyf.Dictionary(told).data)


def _name(text: str) -> str:
    """A PDF name: what is no plain letter, digit, dot, plus or hyphen stands by its code (ISO 32000-1, 7.3.5)."""
    return "/" + "".join(c if c.isascii() and (c.isalnum() or c in ".+-") else f"#{ord(c):02X}" for c in text)
