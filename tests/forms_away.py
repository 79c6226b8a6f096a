"""The blank form of a call, rendered once, and filled in as a reader's program does it."""

import io
from collections.abc import Iterator, Mapping

import pikepdf
import sqlalchemy as sa
from pikepdf import Dictionary, Name, Pdf, String

from rvc_portal.documents import pdf
from rvc_portal.domain import answers as rules
from rvc_portal.domain.blank_form import NOTHING
from rvc_portal.domain.form import Form
from rvc_portal.models.call import Call
from rvc_portal.models.document import Document
from rvc_portal.services import rendering

RENDERED: dict[str, bytes] = {}
"""By the hash of what they are made of: a form takes seconds."""


def blank(session, call: Call, language: str = "en") -> bytes:
    """The form of the call as it was issued in this language."""
    issued = sa.select(Document).where(
        Document.call_id == call.id, Document.kind == "BLANK_FORM", Document.language == language
    )
    source = rendering.source_of(session.scalars(issued).one(), None)
    return _rendered(source.kind, source.language, call.key, source)


def _rendered(kind, language, key, source) -> bytes:
    name = f"{key} {language} {source.context['identity']}"
    if name not in RENDERED:
        RENDERED[name] = pdf.render(kind, source.context, language).content
    return RENDERED[name]


def fields_of(file: Pdf) -> dict[str, Dictionary]:
    """Every field that says something, by its whole name."""
    return dict(_walk(file.Root.AcroForm.Fields, ""))


def fill(form: bytes, said: Mapping[str, str | bool]) -> bytes:
    """The form with these fields filled in: a text, an entry of a list, a box that is ticked (True), a button's value."""
    with pikepdf.open(io.BytesIO(form)) as file:
        fields = fields_of(file)
        for name, value in said.items():
            _put(fields[name], value)
        return saved(file)


def saved(file: Pdf, **how) -> bytes:
    out = io.BytesIO()
    file.save(out, **how)
    return out.getvalue()


def as_typed(form: Form, values: Mapping[str, object]) -> dict[str, str | bool]:
    """The fields that say these answers; lines end as in a PDF."""
    typed: dict[str, str | bool] = {}
    for question in form.questions():
        value = values.get(question.key)
        if not rules.is_answered(question, value):
            continue
        if rules.says_nothing(form, question, value):
            typed[question.key + NOTHING] = True
            continue
        many = {part.key for part in question.parts if part.type == "choices"}
        for name, texts in rules.to_form(question, value).items():
            if name.rpartition(".")[2] in many:
                typed |= {f"{name}.{key}": True for key in texts}
            elif texts[0]:
                typed[name] = texts[0].replace("\n", "\r")
    return typed


def _walk(kids, above: str) -> Iterator[tuple[str, Dictionary]]:
    for kid in kids:
        name = f"{above}.{kid.T}" if above else str(kid.T)
        if "/FT" in kid:
            yield name, kid
        else:
            yield from _walk(kid.Kids, name)


def _put(field: Dictionary, value: str | bool) -> None:
    if Name.Btn != field.FT:
        field.V = String(value)
        return
    for widget in field.get("/Kids", [field]):
        states = [state for state in widget.AP.N if state != "/Off"]
        wanted = states[0] if value is True else f"/{value}"
        widget.AS = Name(wanted) if wanted in states else Name.Off
    field.V = Name("/on" if value is True else f"/{value}")
