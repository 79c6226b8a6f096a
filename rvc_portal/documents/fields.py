"""What WeasyPrint leaves to be done where a document has fields to fill in (ISO 32000-1, 12.7).

A name such as `mayor.email` becomes two fields, one below the other: a field's own name holds no period. Radio buttons say
what they stand for. Text is set in a simple font with the letters of WinAnsi, which every reader's program can type in, for
WeasyPrint names one by the numbers of its glyphs. And a hidden field says which form it is, wherever its fields survive.
"""

import io
import re
from collections.abc import Iterator
from typing import Any

FONT = "Fields"
FIRST, LAST = 32, 255
NONSYMBOLIC = 1 << 5
HIDDEN, READ_ONLY = 1 << 1, 1
RADIO = 1 << 15


def settle(pdf: Any, identity_field: str) -> None:
    """Put the fields of the file in order. `identity_field`: the name of the one that says which form it is; its value is
    what the page's head says under `rvc-form`."""
    import pydyf

    form = pdf.catalog["AcroForm"]
    every = [_object(pdf, reference) for page in pdf.page_references for reference in _widgets(pdf, page)]
    every.append(_identity(pdf, identity_field))
    form["DR"] = pydyf.Dictionary({"Font": pydyf.Dictionary({FONT: _font(pdf, every)})})
    form["Fields"] = pydyf.Array()
    groups: dict[str, Any] = {}
    for widget in every:
        field = _of_radios(pdf, widget, groups) if "Parent" in widget else widget
        if field is not None:
            _set_type(field)
            _place(pdf, form, field, groups)


def _widgets(pdf: Any, page: bytes) -> Iterator[bytes]:
    for reference in _object(pdf, page).get("Annots", []):
        if _object(pdf, reference).get("Subtype") == "/Widget":
            yield reference


def _identity(pdf: Any, name: str) -> Any:
    import pydyf

    page = pdf.page_references[0]
    hidden = pydyf.Dictionary({
        "Type": "/Annot", "Subtype": "/Widget", "Rect": pydyf.Array((0, 0, 0, 0)), "P": page, "F": HIDDEN,
        "FT": "/Tx", "Ff": READ_ONLY, "T": pydyf.String(name), "TU": pydyf.String(name), "V": pdf.info["rvcform"],
        "DA": pydyf.String(f"/{FONT} 9 Tf 0 g"),
    })  # fmt: skip
    pdf.add_object(hidden)
    _object(pdf, page).setdefault("Annots", pydyf.Array()).append(hidden.reference)
    return hidden


def _font(pdf: Any, widgets: list[Any]) -> bytes:
    """The font of the fields, whole as WeasyPrint embeds it, by the codes of WinAnsi."""
    import pydyf
    from fontTools.ttLib import TTFont

    named = next(found[1] for w in widgets if (found := re.search(rb"/(\w+) [\d.]+ Tf", _bytes(w.get("DA")))))
    page = _object(pdf, pdf.page_references[0])
    fonts = _object(pdf, _object(pdf, page["Resources"])["Font"])
    whole = _object(pdf, fonts[named.decode()])
    inner = _object(pdf, whole["DescendantFonts"][0])
    descriptor = pydyf.Dictionary(_object(pdf, inner["FontDescriptor"]))
    face = TTFont(io.BytesIO(_object(pdf, descriptor["FontFile2"]).stream[0]))
    name = f"/{face['name'].getDebugName(6)}"
    descriptor |= {"Flags": NONSYMBOLIC, "FontName": name}
    pdf.add_object(descriptor)
    letters, scale = face.getBestCmap(), 1000 / face["head"].unitsPerEm
    advances = [face["hmtx"][letters.get(ord(_letter(code)), ".notdef")][0] for code in range(FIRST, LAST + 1)]
    font = pydyf.Dictionary({
        "Type": "/Font", "Subtype": "/TrueType", "BaseFont": name, "Encoding": "/WinAnsiEncoding",
        "FirstChar": FIRST, "LastChar": LAST, "Widths": pydyf.Array(round(a * scale) for a in advances),
        "FontDescriptor": descriptor.reference,
    })  # fmt: skip
    pdf.add_object(font)
    return bytes(font.reference)


def _letter(code: int) -> str:
    return bytes([code]).decode("cp1252", "replace")


def _set_type(field: Any) -> None:
    """The text of a field in the font of all fields, in its own size."""
    import pydyf

    if found := re.search(rb"([\d.]+) Tf", _bytes(field.get("DA"))):
        field["DA"] = pydyf.String(f"/{FONT} {float(found[1]):g} Tf 0 g")


def _of_radios(pdf: Any, button: Any, groups: dict[str, Any]) -> Any:
    """The field of a group of radio buttons where `button` is its first; None for the others. WeasyPrint numbers the buttons
    and lets them bear the group's name a second time."""
    group = _object(pdf, button["Parent"])
    value = group["Opt"][group["Kids"].index(button.reference)].string
    drawn = button["AP"]["N"]
    (number,) = drawn
    drawn[value] = drawn.pop(number)
    button.pop("T")
    button.pop("TU")
    name = f"radio {group['T'].string}"
    if name in groups:
        return None
    groups[name] = group
    group["Ff"] = RADIO  # a button that is clicked again is given up again
    return group


def _place(pdf: Any, form: Any, field: Any, nodes: dict[str, Any]) -> None:
    """Hang the field below the fields that its name names."""
    import pydyf

    *above, last = field["T"].string.split(".")
    siblings, parent, path = form["Fields"], None, ""
    for step in above:
        path = f"{path}.{step}"
        if path not in nodes:
            nodes[path] = pydyf.Dictionary({"T": pydyf.String(step), "Kids": pydyf.Array()})
            if parent is not None:
                nodes[path]["Parent"] = parent.reference
            pdf.add_object(nodes[path])
            siblings.append(nodes[path].reference)
        parent = nodes[path]
        siblings = parent["Kids"]
    field["T"] = pydyf.String(last)
    if parent is not None:
        field["Parent"] = parent.reference
    siblings.append(field.reference)


def _bytes(text: Any) -> bytes:
    """What a string of the file holds; nothing where there is none."""
    found = text.string if text is not None else b""
    return found if isinstance(found, bytes) else found.encode()


def _object(pdf: Any, reference: Any) -> Any:
    return pdf.objects[int(reference.split()[0])]
