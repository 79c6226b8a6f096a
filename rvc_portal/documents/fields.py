"""What WeasyPrint leaves to be done where a document has fields to fill in (ISO 32000-1, 12.7).

A name such as `mayor.email` becomes two fields, one below the other: a field's own name holds no period. Radio buttons say
what they stand for. The font of the fields, which WeasyPrint embeds whole, stands where readers' programs look for it. And
a hidden field says which form it is, wherever its fields survive.
"""

import re
from collections.abc import Iterator
from typing import Any

FONT = re.compile(rb"/(\w+) ([\d.]+) Tf")
HIDDEN, READ_ONLY = 1 << 1, 1
RADIO = 1 << 15


def settle(pdf: Any, identity_field: str) -> None:
    """Put the fields of the file in order. `identity_field`: the name of the one that says which form it is; its value is
    what the page's head says under `rvc-form`."""
    import pydyf

    form = pdf.catalog["AcroForm"]
    every = [_object(pdf, reference) for page in pdf.page_references for reference in _widgets(pdf, page)]
    form["DR"] = pydyf.Dictionary({"Font": _fonts(pdf, every)})
    every.append(_identity(pdf, identity_field, every))
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


def _identity(pdf: Any, name: str, others: list[Any]) -> Any:
    import pydyf

    page = pdf.page_references[0]
    hidden = pydyf.Dictionary({
        "Type": "/Annot", "Subtype": "/Widget", "Rect": pydyf.Array((0, 0, 0, 0)), "P": page, "F": HIDDEN,
        "FT": "/Tx", "Ff": READ_ONLY, "T": pydyf.String(name), "TU": pydyf.String(name), "V": pdf.info["rvcform"],
        "DA": next(widget["DA"] for widget in others if "DA" in widget),
    })  # fmt: skip
    pdf.add_object(hidden)
    _object(pdf, page).setdefault("Annots", pydyf.Array()).append(hidden.reference)
    return hidden


def _fonts(pdf: Any, widgets: list[Any]) -> Any:
    """The fonts in which the fields are typed."""
    import pydyf

    page = _object(pdf, pdf.page_references[0])
    every = _object(pdf, _object(pdf, page["Resources"])["Font"])
    named = {found[1].decode() for widget in widgets if (found := FONT.search(_bytes(widget.get("DA"))))}
    return pydyf.Dictionary({name: every[name] for name in sorted(named)})


def _set_type(field: Any) -> None:
    """How the text of a field is set: its font and size, in black."""
    import pydyf

    if found := FONT.search(_bytes(field.get("DA"))):
        field["DA"] = pydyf.String(f"/{found[1].decode()} {float(found[2]):g} Tf 0 g")


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
