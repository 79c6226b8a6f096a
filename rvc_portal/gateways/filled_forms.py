"""A form filled in away from the portal: what stands in its fields, read from a PDF as readers' programs leave it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, BinaryIO, NoReturn, cast

import pikepdf

from rvc_portal.domain.errors import InvalidInput, Refusal
from rvc_portal.domain.vocabulary import N_
from rvc_portal.gateways import uploads

LARGEST = 10_000_000
"""Bytes: the form itself has half a million; some programs put fonts and a second version of the form in what they save."""
MOST_FIELDS, DEEPEST = 20_000, 20
LONGEST = 1_000_000
"""Characters in all fields: a whole file has some thirty thousand."""


@dataclass(frozen=True)
class Filled:
    """`identity`: what the form says it is, "" where it does not; `fields`: what was filled in, by whole names: texts as they
    were typed, of a button or list what is chosen; empty ones are left out."""

    identity: str
    fields: dict[str, list[str]]


def read(content: IO[bytes], name: str, identity: str, target: str = "file") -> Filled:
    """Read the fields of a PDF. `identity`: the name of the field that says which form it is; `target`: the form's field
    on the page. Raises InvalidInput for what is no PDF, too large, damaged or locked, and for one without fields."""
    uploads.inspect(content, name, ("pdf",), LARGEST, target=target)
    content.seek(0)
    try:
        with pikepdf.open(cast(BinaryIO, content)) as opened:
            form = opened.Root.get("/AcroForm")
            if not isinstance(form, pikepdf.Dictionary):
                _refuse(target, FLAT)
            if "/XFA" in form:
                _refuse(target, OTHER_KIND)
            fields = _within(LONGEST, _fields(form.get("/Fields"), "", 0, [0]))
    except (pikepdf.PdfError, ValueError, TypeError, RecursionError, AttributeError):
        _refuse(target, N_("This PDF is damaged and cannot be opened."))
    except _TooMuch:
        _refuse(target, N_("This PDF holds far more than the form asks for."))
    if not fields:
        _refuse(target, FLAT)
    said = next(iter(fields.pop(identity, [])), "")
    return Filled(said, {field: values for field, values in fields.items() if values})


FLAT = N_(
    "This PDF has no fields: it was printed to a new PDF, or flattened. Save the form itself after filling it in, and "
    "upload that file."
)
OTHER_KIND = N_("This PDF is a form of another kind (XFA). Fill in the form of this call as it is offered here.")


class _TooMuch(Exception):
    pass


def _fields(kids: Any, above: str, depth: int, count: list[int]) -> Iterator[tuple[str, list[str]]]:
    """Every field that can be filled in, with what stands in it, by its whole name. `count`: of fields so far."""
    for kid in kids if isinstance(kids, pikepdf.Array) else ():
        count[0] += 1
        if count[0] > MOST_FIELDS or depth > DEEPEST:
            raise _TooMuch
        if not isinstance(kid, pikepdf.Dictionary) or "/T" not in kid:
            continue  # one of several places of the field above
        name = f"{above}.{kid.T}" if above else str(kid.T)
        yield from _fields(kid.get("/Kids"), name, depth + 1, count)
        if kid.get("/FT") == pikepdf.Name.Btn:
            yield name, _pressed(kid.get("/V"))
        elif "/FT" in kid:
            yield name, _said(kid.get("/V"))


def _within(most: int, found: Iterator[tuple[str, list[str]]]) -> dict[str, list[str]]:
    """All that is found, as long as it has at most so many characters."""
    fields, size = {}, 0
    for name, said in found:
        size += sum(map(len, said))
        if size > most:
            raise _TooMuch
        fields[name] = said
    return fields


def _pressed(value: Any) -> list[str]:
    """A button says the name of its state; some programs write it as a text."""
    state = str(value).removeprefix("/") if isinstance(value, pikepdf.Name | pikepdf.String) else ""
    return [state] if state not in ("", "Off") else []


def _said(value: Any) -> list[str]:
    if isinstance(value, pikepdf.Array):
        return [text for item in value for text in _said(item)]
    if isinstance(value, pikepdf.Stream):  # a long text may stand in a stream (ISO 32000-1, 12.7.4.3)
        value = pikepdf.String(value.read_bytes())
    if not isinstance(value, pikepdf.String | str):
        return []
    text = str(value)
    return [text] if text else []


def _refuse(target: str, message: str) -> NoReturn:
    raise InvalidInput({target: (Refusal(message),)})
