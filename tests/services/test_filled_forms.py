"""A form filled in away from the portal: read, looked at, taken; what cannot be taken says why and leaves everything alone."""

import io
from datetime import timedelta

import pikepdf
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pikepdf import Dictionary, Name, String
from pypdf import PdfWriter

from rvc_portal.demonstration import running
from rvc_portal.domain.answers import from_form, is_answered, to_form
from rvc_portal.domain.errors import InvalidInput, Overtaken, Refused
from rvc_portal.domain.vocabulary import Role
from rvc_portal.gateways import filled_forms as gateway
from rvc_portal.gateways.signing import Office
from rvc_portal.models.dossier import Answer, Membership
from rvc_portal.models.filled_form import FilledForm
from rvc_portal.models.journal import JournalEntry
from rvc_portal.queries import calls, dossiers
from rvc_portal.queries import filled_forms as query
from rvc_portal.services import calls as call_service
from rvc_portal.services import filled_forms as service
from rvc_portal.services import submission
from tests import forms_away, signatures
from tests.documents import tagged
from tests.stories import Tale, town
from tests.web.browsing import START

FLAT = "This PDF has no fields: it was printed to a new PDF, or flattened."


@pytest.fixture
def tale(app):
    with app.app_context():
        yield Tale(app, START)


def by(tale, account=None, at=START):
    return {"actor": tale.story.actor(account or tale.lead(), at), "now": at}


def brought(tale, dossier_id, said, language="en", **who):
    form = forms_away.fill(forms_away.blank(tale.story.session, tale.call, language), said)
    return take_in(tale, dossier_id, form, **who)


def take_in(tale, dossier_id, content, **who):
    dossier = tale.dossier(dossier_id)
    return service.take_in(tale.story.session, dossier, io.BytesIO(content), "form.pdf", **(who or by(tale)))


def effects(tale, dossier_id, filled, account=None):
    offers, left_out = query.effects(
        tale.story.session, by(tale, account)["actor"], tale.dossier(dossier_id), filled
    )  # fmt: skip
    return {o.question.key: o for o in offers}, {item.question.key: item.reason for item in left_out}


def take(tale, dossier_id, filled, keys, account=None, at=START, **more):
    dossier = tale.dossier(dossier_id)
    return service.take(tale.story.session, dossier, filled, keys, **by(tale, account, at), **more)


def kept(tale, dossier_id):
    tale.story.session.expire_all()
    return dict(dossiers.values(tale.story.session, dossier_id))


def plain(question, value):
    """The names and texts of an answer's fields that say anything; boxes to tick in the order of the alphabet."""
    return {name: sorted(texts) for name, texts in to_form(question, value).items() if any(texts)}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_a_whole_file_says_comes_in_by_the_form(tale, language):
    """Every kind of question, typed into the form of either language and brought into an empty draft."""
    full, empty = tale.draft(share=1.0), tale.draft(town("Blankenberge", "BE"))
    said, form = kept(tale, full), calls.definition(tale.call).form
    filled = brought(tale, empty, forms_away.as_typed(form, said), language)
    found, left_out = effects(tale, empty, filled)
    assert not left_out
    assert {key for key, offer in found.items() if not offer.take} == {"city_name", "country"}  # named at its opening
    changed = take(tale, empty, filled, list(found))
    assert set(changed) == set(found)
    after = kept(tale, empty)
    for question in form.questions():
        as_on_the_page = from_form(question, to_form(question, said.get(question.key)))
        assert plain(question, after.get(question.key)) == plain(question, as_on_the_page), question.key
    answer = tale.story.session.get(Answer, (empty, "reasons"))
    assert (answer.author_id, answer.at, answer.revision) == (tale.lead().id, START, 1)
    entry = tale.story.session.scalars(sa.select(JournalEntry).where(JournalEntry.transition == "bring_in")).one()
    assert entry.payload == {"sha256": filled.sha256, "questions": sorted(changed)}
    # Once more it changes nothing.
    assert effects(tale, empty, filled) == ({}, {})
    assert take(tale, empty, filled, list(found)) == []


def test_nothing_is_saved_before_somebody_says_so_and_only_what_they_name(tale):
    dossier_id = tale.draft()
    before = kept(tale, dossier_id)
    filled = brought(tale, dossier_id, {"reasons": "Because.", "mayor.email": "m@ville.example"})
    assert kept(tale, dossier_id) == before
    assert take(tale, dossier_id, filled, ["reasons", "communication", "unknown"]) == ["reasons"]
    assert kept(tale, dossier_id) == before | {"reasons": "Because."}


def test_what_is_left_empty_never_takes_an_answer_away(tale):
    dossier_id = tale.draft(share=1.0)
    before = kept(tale, dossier_id)
    said = {"mayor.email": "new@ville.example", "culture_budget.1.currency": "USD", "urls.1": "https://ville.example/2"}
    filled = brought(tale, dossier_id, said)
    found, _left_out = effects(tale, dossier_id, filled)
    assert set(found) == {"mayor", "culture_budget", "urls"}
    take(tale, dossier_id, filled, list(found))
    after = kept(tale, dossier_id)
    rows = [dict(row) for row in before["culture_budget"]]
    rows[1]["currency"] = "USD"
    links = [before["urls"][0], "https://ville.example/2", *before["urls"][2:]]
    wanted = {"mayor": before["mayor"] | {"email": "new@ville.example"}, "culture_budget": rows, "urls": links}
    assert after == before | wanted


def test_an_answer_of_the_draft_is_kept_unless_ticked_but_a_form_filled_in_further_goes_on(tale):
    dossier_id, session = tale.draft(), tale.story.session
    submission.save_answers(session, tale.dossier(dossier_id), {"reasons": "Written here."}, **by(tale))
    first = brought(tale, dossier_id, {"reasons": "From the form.", "expected_impact": "Much."})
    found, _ = effects(tale, dossier_id, first)
    assert {key: (o.present, o.take) for key, o in found.items()} == {
        "reasons": (True, False), "expected_impact": (False, True),
    }  # fmt: skip
    take(tale, dossier_id, first, ["expected_impact"])
    second = brought(tale, dossier_id, {"reasons": "From the form.", "expected_impact": "Much more."})
    found, _ = effects(tale, dossier_id, second)
    assert {key: (o.present, o.take) for key, o in found.items()} == {
        "reasons": (True, False), "expected_impact": (True, True),
    }  # fmt: skip
    submission.save_answers(session, tale.dossier(dossier_id), {"expected_impact": "Changed here."}, **by(tale))
    assert not effects(tale, dossier_id, second)[0]["expected_impact"].take


def test_what_is_wrong_is_told_and_kept_as_it_is(tale):
    dossier_id = tale.draft()
    said = {"reasons": "word " * 400, "country": "Atlantis", "mayor.email": "nobody", "commit_info": "perhaps"}
    form = forms_away.blank(tale.story.session, tale.call)
    with pikepdf.open(io.BytesIO(form)) as file:
        for name, value in said.items():
            field = forms_away.fields_of(file)[name]
            field.V = Name(f"/{value}") if Name.Btn == field.FT else String(value)
        filled = take_in(tale, dossier_id, forms_away.saved(file))
    found, _ = effects(tale, dossier_id, filled)
    assert {key for key, offer in found.items() if offer.problems} == {"reasons", "country", "mayor"}
    assert "commit_info" not in found  # neither yes nor no: no answer


def test_an_editor_of_named_parts_brings_in_those_alone(tale):
    dossier_id, session = tale.draft(), tale.story.session
    editor = tale.lead("editor@ville.example", "Ève")
    session.add(
        Membership(
            dossier_id=dossier_id, account_id=editor.id, role=Role.EDITOR, sections=["motivation"], since_at=START
        )
    )
    session.commit()
    said = {"reasons": "Ours.", "communication": "Not ours."}
    filled = brought(tale, dossier_id, said, **by(tale, editor))
    found, left_out = effects(tale, dossier_id, filled, editor)
    assert (set(found), left_out) == ({"reasons"}, {"communication": "it is not open to you now"})
    assert take(tale, dossier_id, filled, ["reasons", "communication"], editor) == ["reasons"]
    assert "communication" not in kept(tale, dossier_id)
    assert query.find(session, by(tale)["actor"], tale.dossier(dossier_id), filled.id) is None  # hers alone


def test_a_returned_file_takes_what_the_return_names(tale):
    dossier_id = tale.returned()
    assert "plan_budget" in tale.dossier(dossier_id).questions_named
    filled = brought(tale, dossier_id, {"plan_budget.0.source": "Another source", "reasons": "Said anew."})
    found, left_out = effects(tale, dossier_id, filled)
    assert (set(found), set(left_out)) == ({"plan_budget"}, {"reasons"})
    assert take(tale, dossier_id, filled, ["plan_budget", "reasons"]) == ["plan_budget"]


def test_what_somebody_wrote_meanwhile_is_never_overwritten_unseen(tale):
    dossier_id, session = tale.draft(), tale.story.session
    filled = brought(tale, dossier_id, {"reasons": "From the form."})
    submission.save_answers(session, tale.dossier(dossier_id), {"reasons": "Meanwhile."}, **by(tale))
    with pytest.raises(Overtaken):
        take(tale, dossier_id, filled, ["reasons"], seen={"reasons": 0})
    session.rollback()
    assert kept(tale, dossier_id).get("reasons") != "From the form."


def test_after_the_deadline_and_once_filed_nothing_comes_in(tale):
    dossier_id = tale.draft()
    filled = brought(tale, dossier_id, {"reasons": "Late."})
    late = tale.call.closes_at + timedelta(minutes=1)
    with pytest.raises(Refused, match="What was saved until then is kept"):
        take(tale, dossier_id, filled, ["reasons"], at=late)
    with pytest.raises(Refused, match="What was saved until then is kept"):
        brought(tale, dossier_id, {"reasons": "Late."}, **by(tale, at=late))
    filed = tale.submitted(town("Submitted-sur-Mer"))
    with pytest.raises(Refused, match="The file was submitted"):
        brought(tale, filed, {"reasons": "Late."})


def test_a_form_that_the_office_signed_is_filled_in_and_read(tale, tmp_path):
    office = Office(signatures.own_authority(tmp_path / "instance"))
    signed = office.sign(forms_away.blank(tale.story.session, tale.call)).content
    assert tagged.findings(pikepdf.open(io.BytesIO(signed))) == []
    filled = take_in(tale, tale.draft(), forms_away.fill(signed, {"reasons": "Because."}))
    assert filled.content == {"reasons": ["Because."]}


def test_another_program_fills_it_in(tale):
    """pypdf writes fields in its own way: appearances, names for buttons, and the file anew."""
    writer = PdfWriter(clone_from=io.BytesIO(forms_away.blank(tale.story.session, tale.call)))
    said = {
        "reasons": "L’été\nà 5 €", "mayor.email": "m@ville.example", "culture_budget.0.year": "2012",
        "country": "FR", "commit_info": "/yes", "local_initiatives.0.objectives_served.access": "/on",
    }  # fmt: skip
    for page in writer.pages:
        writer.update_page_form_field_values(page, said, auto_regenerate=False)
    out = io.BytesIO()
    writer.write(out)
    filled = take_in(tale, tale.draft(), out.getvalue())
    assert filled.content == {
        "reasons": ["L’été\nà 5 €"], "mayor.email": ["m@ville.example"], "culture_budget.0.year": ["2012"],
        "country": ["FR"], "commit_info": ["yes"], "local_initiatives.0.objectives_served.access": ["on"],
    }  # fmt: skip


# --- what is no form of this call ---


def refused(tale, content: bytes) -> str:
    dossier_id = tale.draft()
    with pytest.raises(InvalidInput) as caught:
        take_in(tale, dossier_id, content)
    tale.story.session.rollback()
    assert not tale.story.session.scalars(sa.select(FilledForm)).all()
    ((refusal,),) = caught.value.problems.values()
    return refusal.message % dict(refusal.params)


def filled_form(tale, **changes):
    form = forms_away.fill(forms_away.blank(tale.story.session, tale.call), {"reasons": "Because."})
    file = pikepdf.open(io.BytesIO(form))
    for name, value in changes.items():
        forms_away.fields_of(file)[name.replace("_", "-")].V = String(value)
    return file


def test_what_is_no_pdf_or_damaged_or_locked_or_too_large(tale, monkeypatch):
    good = forms_away.saved(filled_form(tale))
    assert "The content of this file is none of these formats: PDF" in refused(tale, b"Because.")
    assert refused(tale, b"") == "The file is empty."
    assert refused(tale, good[:-2000]) == "This PDF is damaged and cannot be opened."
    locked = forms_away.saved(filled_form(tale), encryption=pikepdf.Encryption(owner="o", user="u"))
    assert refused(tale, locked).startswith("This PDF is locked by encryption")
    monkeypatch.setattr(gateway, "LARGEST", 100_000)
    assert "at most 0.1 MB can be taken" in refused(tale, good)


def test_a_form_that_was_printed_or_flattened(tale):
    file = filled_form(tale)
    for page in file.pages:
        del page["/Annots"]
    file.Root.AcroForm.Fields = pikepdf.Array()
    assert refused(tale, forms_away.saved(file)).startswith(FLAT)
    del file.Root.AcroForm
    assert refused(tale, forms_away.saved(file)).startswith(FLAT)


def test_a_form_of_another_kind_and_one_with_a_script(tale):
    file = filled_form(tale)
    file.Root.AcroForm.XFA = file.make_stream(b"<xdp/>")
    assert "another kind (XFA)" in refused(tale, forms_away.saved(file))
    file = filled_form(tale)
    file.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))
    assert "carries a script" in refused(tale, forms_away.saved(file))


def test_a_form_of_another_call_of_another_version_or_of_nobody(tale):
    session = tale.story.session
    trial = call_service.open_test(session, running.definition(START), **by(tale, tale.officer()))
    other = forms_away.fill(forms_away.blank(session, trial), {"reasons": "Because."})
    assert refused(tale, other) == (
        f"This is the form of another call: {trial.key}. This file belongs to: {tale.call.key}."
    )
    stale = filled_form(tale, rvc_form=f"{tale.call.key} 0123456789abcdef en")
    assert "an earlier version" in refused(tale, forms_away.saved(stale))
    foreign = filled_form(tale, rvc_form="")
    assert "no form of this portal" in refused(tale, forms_away.saved(foreign))


def test_a_form_in_which_nothing_is_filled_in(tale):
    assert refused(tale, forms_away.blank(tale.story.session, tale.call)).startswith("Nothing is filled in")


def test_fields_in_a_circle_or_without_end(tale):
    file = filled_form(tale)
    branch = file.make_indirect(Dictionary(T=String("a"), Kids=pikepdf.Array()))
    branch.Kids.append(branch)
    file.Root.AcroForm.Fields.append(branch)
    assert "far more than the form asks for" in refused(tale, forms_away.saved(file))
    bomb = forms_away.saved(filled_form(tale, communication="a" * 1_000_001))  # a thousandth of it, compressed
    assert "far more than the form asks for" in refused(tale, bomb)


# --- any text ---


def through(tale, text: str) -> dict[str, list[str]]:
    form = forms_away.fill(forms_away.blank(tale.story.session, tale.call), {"reasons": text, "mayor.title": text})
    return gateway.read(io.BytesIO(form), "form.pdf", "rvc-form").fields


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(min_size=1, max_size=80))
def test_any_text_comes_back_as_if_it_had_been_typed_on_the_page(tale, text):
    form = calls.definition(tale.call).form
    fields = through(tale, text.replace("\n", "\r"))
    for key, name in (("reasons", "reasons"), ("mayor", "mayor.title")):
        question = form.question(key)
        typed = from_form(question, {name: [text]})
        assert from_form(question, fields) == typed
        assert is_answered(question, typed) or not is_answered(question, from_form(question, fields))


@pytest.mark.parametrize(
    "written",
    [
        b"\xfe\xff" + "L’été à 5\u00a0€\rΩ ł 中文".encode("utf-16-be"),
        b"\xef\xbb\xbf" + "L’été à 5\u00a0€\rΩ ł 中文".encode(),
    ],
)
def test_the_encodings_of_readers_programs(tale, written):
    dossier_id = tale.draft()
    file = filled_form(tale)
    forms_away.fields_of(file)["reasons"].V = String(written)
    forms_away.fields_of(file)["expected_impact"].V = file.make_stream(written)
    filled = take_in(tale, dossier_id, forms_away.saved(file))
    take(tale, dossier_id, filled, ["reasons", "expected_impact"])
    after = kept(tale, dossier_id)
    assert after["reasons"] == after["expected_impact"] == "L’été à 5\u00a0€\nΩ ł 中文"
