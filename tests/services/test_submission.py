"""Filing: what is frozen stays frozen, the instant of arrival decides, and one file is filed once."""

import hashlib
import io
import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import rfc8785
import sqlalchemy as sa

from rvc_portal.demonstration import round2015
from rvc_portal.demonstration.cast import nobody
from rvc_portal.domain.actor import CLOCK
from rvc_portal.domain.call import EligibilityQuestion
from rvc_portal.domain.definition import Wording
from rvc_portal.domain.errors import InvalidInput, NotFound, Overtaken, Refused
from rvc_portal.domain.vocabulary import Role
from rvc_portal.gateways import callfile
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Attachment, Dossier, Filing
from rvc_portal.models.journal import JournalEntry
from rvc_portal.queries import calls as call_query
from rvc_portal.queries import dossiers, filed, places
from rvc_portal.services import calls, pieces, screening, submission
from rvc_portal.services.transitions import fire
from tests import scenes
from tests.scenes import DECLINED, DESIGNATED, SOON, Scene, SceneAt

SECOND = timedelta(seconds=1)


def filings(scene: Scene, name: str = DESIGNATED) -> list[Filing]:
    query = sa.select(Filing).where(Filing.dossier_id == scene.dossier(name).id).order_by(Filing.number)
    return list(scene.session.scalars(query))


def submit(scene: Scene, now, name: str = DESIGNATED, **more):
    lead = scene.actor(scene.lead(name), now)
    return submission.submit(scene.session, scene.dossier(name), actor=lead, now=now, **more)


def save(scene: Scene, values: Mapping[str, object], now=scenes.WRITTEN, **more):
    return submission.save_answers(
        scene.session, scene.dossier(), values, actor=scene.actor(scene.lead(), now), now=now, **more
    )


def send_back(scene: Scene, *questions: str) -> None:
    screening.return_file(
        scene.session, scene.dossier(), questions=questions, reason="Say more.",
        actor=scene.actor(scene.officer, scenes.CHECKED), now=scenes.CHECKED,
    )  # fmt: skip
    scene.commit()


# --- what is filed ---


def test_a_filing_is_canonical_json_under_its_hash(scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    (filing,) = filings(scene)
    content = json.loads(filing.content)
    assert rfc8785.dumps(content) == filing.content.encode()
    assert hashlib.sha256(filing.content.encode()).hexdigest() == filing.sha256
    assert content["answers"] == dict(dossiers.values(scene.session, scene.dossier().id))
    assert content["definition_sha256"] == scene.call.definition_sha256
    stored = [(a.piece, a.sha256) for a in dossiers.attachments(scene.session, scene.dossier().id)]
    assert [(p["piece"], p["sha256"]) for p in content["pieces"]] == stored
    assert len(stored) >= len(scenes.told().pieces)


def test_the_order_of_keys_and_rows_changes_no_hash() -> None:
    from rvc_portal.queries.content import canonical

    assert canonical({"b": [1.0, {"y": "é", "x": None}], "a": 2}) == canonical(
        {"a": 2, "b": [1, {"x": None, "y": "é"}]}
    )
    assert canonical({"b": 1}) != canonical({"b": 2})


def test_the_same_content_filed_again_has_the_same_hash(scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    send_back(scene, "reasons")
    submit(scene, scenes.CHECKED + SOON)
    first, second = filings(scene)
    assert (first.number, second.number) == (1, 2)
    assert first.sha256 == second.sha256
    assert first.content == second.content


def test_what_was_filed_does_not_follow_what_is_written_later(scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    (filing,) = filings(scene)
    content, sha256 = filing.content, filing.sha256
    before = json.loads(content)["answers"]["reasons"]
    send_back(scene, "reasons")
    save(scene, {"reasons": "Another reason."}, scenes.CHECKED + SOON)
    scene.commit()
    scene.session.expire_all()
    (filing,) = filings(scene)
    assert (filing.content, filing.sha256) == (content, sha256)
    dossier = scene.dossier()
    assert filed.content(scene.session, dossier, as_filed=True).answers["reasons"] == before
    assert filed.content(scene.session, dossier, as_filed=False).answers["reasons"] == "Another reason."


def test_a_piece_taken_out_later_is_still_what_was_filed(scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    key = scenes.told().pieces[0].key
    send_back(scene, key)
    dossier, now = scene.dossier(), scenes.CHECKED + SOON
    gone = next(a for a in dossiers.attachments(scene.session, dossier.id) if a.piece == key)
    pieces.remove(scene.session, dossier, gone.id, actor=scene.actor(scene.lead(), now), now=now)
    scene.commit()
    assert gone.id in {a.id for a in filed.content(scene.session, dossier, as_filed=True).pieces[key]}
    assert gone.id not in {a.id for a in filed.content(scene.session, dossier, as_filed=False).pieces.get(key, [])}
    assert scene.story.instance.files.get(gone.sha256)


def test_an_open_call_does_not_follow_its_file(
    scene_at: SceneAt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = scene_at("submitted")
    file = tmp_path / "call.yaml"
    shutil.copy(round2015.CALL_FILE, file)
    text = file.read_text("utf-8").replace("key: candidacy-2015", "key: another", 1)
    file.write_text(text, "utf-8")
    opens = scenes.told().filing.opens_at
    call = calls.open_call(scene.session, callfile.load(file), actor=nobody(), now=opens)
    scene.commit()
    file.write_text(text.replace("reason_min_words: 8", "reason_min_words: 80", 1), "utf-8")
    assert callfile.load(file).rubric.reason_min_words == 80, "the file did change"
    monkeypatch.setattr(call_query, "_parsed", {})  # as a new process would begin
    scene.session.expire_all()
    assert call_query.definition(call).rubric.reason_min_words == 8
    assert hashlib.sha256(rfc8785.dumps(call.definition)).hexdigest() == call.definition_sha256
    with pytest.raises(Refused, match="exists already"):
        calls.open_call(scene.session, callfile.load(file), actor=nobody(), now=opens)


# --- the deadline ---


def test_what_arrived_before_the_deadline_is_filed_however_long_the_queue(scene_at: SceneAt) -> None:
    scene = scene_at("signed")
    closes = scene.call.closes_at
    submit(scene, closes + SOON, received_at=closes - SECOND)
    (filing,) = filings(scene)
    assert (filing.received_at, filing.filed_at) == (closes - SECOND, closes + SOON)
    assert scene.dossier().state == "submitted"


def test_what_arrives_at_the_closing_instant_is_late(scene_at: SceneAt) -> None:
    scene = scene_at("signed")
    closes = scene.call.closes_at
    with pytest.raises(Refused, match="closed on"):
        submit(scene, closes + SOON, received_at=closes)
    with pytest.raises(Refused, match="closed on"):
        submit(scene, closes)
    assert filings(scene) == []
    submit(scene, closes - timedelta(microseconds=1))
    assert scene.dossier().state == "submitted"


def test_a_correction_that_arrives_when_its_period_ends_is_late(scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    send_back(scene, "reasons")
    until = scene.dossier().correct_until_at
    assert until == scenes.CHECKED + timedelta(days=scenes.told().correction_days)
    with pytest.raises(Refused, match="period for corrections ended"):
        submit(scene, until)
    submit(scene, until + SOON, received_at=until - SECOND)
    assert scene.dossier().state == "submitted"


def test_a_file_is_opened_within_the_window_only(scene_at: SceneAt) -> None:
    scene = scene_at("drafts")
    call, lead = scene.call, scene.lead()

    def open_at(now):
        return submission.open_dossier(
            scene.session, call, city="Tartu", country="EE", field="literature", language="en",
            actor=scene.actor(lead, now), now=now,
        )  # fmt: skip

    for now in (call.opens_at - SECOND, call.closes_at):
        with pytest.raises(Refused):
            open_at(now)
    assert open_at(call.opens_at).state == "draft"
    assert open_at(call.closes_at - SECOND).reference != scene.dossier().reference


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"city": " "}, "city"), ({"country": "XX"}, "country"), ({"field": "chess"}, "field"), ({"language": "xx"}, "language")],
)  # fmt: skip
def test_a_file_of_no_city_is_not_opened(wrong: dict[str, str], field: str, scene_at: SceneAt) -> None:
    scene = scene_at("drafts")
    given = {"city": "Tartu", "country": "EE", "field": "literature", "language": "en"} | wrong
    with pytest.raises(InvalidInput) as invalid:
        submission.open_dossier(scene.session, scene.call, **given, actor=scene.actor(scene.lead()), now=scenes.OPENED)
    assert list(invalid.value.problems) == [field]


def test_others_of_the_country_count_while_they_are_in_the_round(scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    one, other = scene.both()
    other.lead_country, other.field = one.lead_country, "music"
    scene.session.flush()

    def held() -> places.Places:
        told = replace(call_query.definition(scene.call), country_limit=1, field_limit=1)
        return places.of_country(scene.session, scene.call.id, told, one.lead_country or "", but=one.id)

    assert [holder.city for holder in held().holders] == [other.lead_city]
    assert (held().full, held().field_full("music"), held().field_full(one.field)) == (True, True, False)
    submission.withdraw(
        scene.session, other, actor=scene.actor(scene.lead(DECLINED)), now=scenes.CHECKED, reason="Not this year."
    )
    assert (held().holders, held().full) == ([], False)


ASKED = (
    EligibilityQuestion("mandate", Wording("Mayor?", "Maire ?"), Wording("Ask first.", "Demandez d’abord.")),
    EligibilityQuestion("member", Wording("Member?", "Membre ?"), Wording("A member.", "Un membre."), needed="no"),
)


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({}, "Answer first"),
        ({"mandate": "yes"}, "Answer first"),
        ({"mandate": "yes", "member": "perhaps"}, "Answer first"),
        ({"mandate": "no", "member": "no"}, "Ask first."),
        ({"mandate": "yes", "member": "yes"}, "A member."),
    ],
)
def test_no_file_is_opened_before_the_call_has_its_answers(
    answers: dict[str, str], reason: str, scene_at: SceneAt
) -> None:
    scene = scene_at("drafts")
    _ask(scene, ASKED)
    before = scene.session.scalar(sa.select(sa.func.count()).select_from(Dossier))
    with pytest.raises(Refused) as refused:
        _open(scene, answers)
    assert reason in str(refused.value)
    assert scene.session.scalar(sa.select(sa.func.count()).select_from(Dossier)) == before


def test_the_journal_keeps_what_was_answered_first(scene_at: SceneAt) -> None:
    scene = scene_at("drafts")
    _ask(scene, ASKED)
    dossier = _open(scene, {"mandate": "yes", "member": "no"})
    (entry,) = scene.session.scalars(sa.select(JournalEntry).where(JournalEntry.chain == dossier.id))
    assert entry.payload["eligible"] == {"mandate": "yes", "member": "no"}


def _open(scene: Scene, answers: dict[str, str]) -> Dossier:
    return submission.open_dossier(
        scene.session, scene.call, city="Tartu", country="EE", field="literature", language="en",
        actor=scene.actor(scene.lead()), now=scenes.OPENED, eligible=answers,
    )  # fmt: skip


def _ask(scene: Scene, questions: tuple[EligibilityQuestion, ...]) -> None:
    """Put questions before the call, as if it had opened with them."""
    scene.redefine(eligibility=questions)


# --- once ---


def test_a_second_click_files_nothing(scene_at: SceneAt) -> None:
    scene = scene_at("signed")
    submit(scene, scenes.FILED)
    scene.commit()
    with pytest.raises(Refused):
        submit(scene, scenes.FILED + SECOND)
    with pytest.raises(Overtaken):
        submit(scene, scenes.FILED + SECOND, seen_version=1)
    scene.commit()
    assert len(filings(scene)) == 1
    receipts = [d for d in scene.documents(scene.dossier()) if d.kind == "RECEIPT"]
    assert len(receipts) == 1


# --- answers ---


def test_only_what_changed_is_written(scene_at: SceneAt) -> None:
    scene = scene_at("written")
    dossier = scene.dossier()
    answers = dossiers.answers(scene.session, dossier.id)
    revision = answers["reasons"].revision
    same = {key: answers[key].value for key in list(answers)[:5]}
    assert save(scene, same, scenes.SIGNED) == []
    assert dossiers.answers(scene.session, dossier.id)["reasons"].revision == revision
    assert save(scene, {**same, "reasons": "New."}, scenes.SIGNED) == ["reasons"]
    assert dossiers.answers(scene.session, dossier.id)["reasons"].revision == revision + 1
    assert dossiers.answers(scene.session, dossier.id)["reasons"].at == scenes.SIGNED


def test_a_colleagues_later_answer_is_not_written_over(scene_at: SceneAt) -> None:
    scene = scene_at("written")
    dossier, editor = scene.dossier(), scene.member(Role.EDITOR)
    seen = {"reasons": dossiers.answers(scene.session, dossier.id)["reasons"].revision}
    submission.save_answers(
        scene.session, dossier, {"reasons": "The editor's."}, actor=scene.actor(editor), now=scenes.SIGNED
    )
    with pytest.raises(Overtaken) as overtaken:
        save(scene, {"reasons": "The lead's."}, scenes.SIGNED + SOON, seen=seen)
    (told,) = overtaken.value.refusals
    assert (told.params["who"], told.params["instant"], told.target) == (editor.name, scenes.SIGNED, "reasons")
    assert dossiers.values(scene.session, dossier.id)["reasons"] == "The editor's."


def test_the_city_and_country_answered_name_the_file(scene_at: SceneAt) -> None:
    scene = scene_at("drafts")
    dossier = scene.dossier()
    save(scene, {"city_name": "Nottingham upon Trent", "country": "IE"})
    assert (dossier.lead_city, dossier.lead_country) == ("Nottingham upon Trent", "IE")
    assert (dossier.parties[0].city, dossier.parties[0].country) == ("Nottingham upon Trent", "IE")
    submission.save_answers(
        scene.session, dossier, {"country": "nowhere"}, actor=scene.actor(scene.lead()), now=scenes.WRITTEN
    )
    assert dossier.lead_country == "IE"


# --- returned ---


def test_a_returned_file_opens_what_the_return_names_and_nothing_else(scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    named_piece, other_piece = scenes.told().pieces[0].key, scenes.told().pieces[1].key
    send_back(scene, "reasons", named_piece)
    now, dossier = scenes.CHECKED + SOON, scene.dossier()
    lead, files = scene.actor(scene.lead(), now), scene.story.instance.files
    with pytest.raises(Refused, match="Only the questions named"):
        save(scene, {"reasons": "Better.", "city_name": "Elsewhere"}, now)
    assert dossiers.values(scene.session, dossier.id)["reasons"] != "Better."
    assert save(scene, {"reasons": "Better."}, now) == ["reasons"]
    by_piece = {a.piece: a for a in dossiers.attachments(scene.session, dossier.id)}
    with pytest.raises(Refused, match="Only the pieces named"):
        pieces.remove(scene.session, dossier, by_piece[other_piece].id, actor=lead, now=now)
    with pytest.raises(Refused, match="Only the pieces named"):
        pieces.add(
            scene.session, files, dossier, other_piece, name="x.pdf", content=io.BytesIO(b"%PDF"), actor=lead, now=now
        )
    pieces.remove(scene.session, dossier, by_piece[named_piece].id, actor=lead, now=now)
    content = io.BytesIO(scenes.letter(77))
    pieces.add(scene.session, files, dossier, named_piece, name="new.pdf", content=content, actor=lead, now=now)


def test_nobody_writes_to_a_file_that_is_submitted(scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    with pytest.raises(Refused):
        save(scene, {"reasons": "After all."}, scenes.CHECKED)
    attachment = scene.session.scalars(sa.select(Attachment).where(Attachment.dossier_id == scene.dossier().id)).first()
    assert attachment is not None
    with pytest.raises(Refused):
        pieces.remove(
            scene.session, scene.dossier(), attachment.id, actor=scene.actor(scene.lead()), now=scenes.CHECKED
        )


@pytest.mark.parametrize("who", ["another city's lead", "a reader", "the Secretariat"])
def test_only_the_citys_writers_write(who: str, scene_at: SceneAt) -> None:
    scene = scene_at("drafts")
    account = {
        "another city's lead": scene.lead(DECLINED), "a reader": scene.member(Role.READER), "the Secretariat": scene.officer,
    }[who]  # fmt: skip
    with pytest.raises((NotFound, Refused)):
        submission.save_answers(
            scene.session, scene.dossier(), {"reasons": "x"}, actor=scene.actor(account), now=scenes.WRITTEN
        )
    assert "reasons" not in dossiers.values(scene.session, scene.dossier().id)


def test_a_piece_of_another_file_is_not_taken_out_through_ones_own(scene_at: SceneAt) -> None:
    scene = scene_at("written")
    theirs = dossiers.attachments(scene.session, scene.dossier(DECLINED).id)[0]
    with pytest.raises(NotFound):
        pieces.remove(scene.session, scene.dossier(), theirs.id, actor=scene.actor(scene.lead()), now=scenes.SIGNED)
    assert theirs.removed_at is None


# --- the clock ---


def test_drafts_lapse_when_the_call_closes_and_only_then(scene_at: SceneAt) -> None:
    scene = scene_at("signed")
    submit(scene, scenes.FILED, DECLINED)
    scene.commit()
    closes = scene.call.closes_at
    late = closes + submission.STILL_ON_ITS_WAY
    assert submission.lapse_due(scene.session, late - SECOND) == 0
    assert submission.lapse_due(scene.session, late) == 1
    assert {d.lead_city: d.state for d in scene.both()} == {DESIGNATED: "lapsed", DECLINED: "submitted"}


def test_returned_files_lapse_after_their_own_period(scene_at: SceneAt) -> None:
    """The call has closed long ago; the letter's date counts."""
    scene = scene_at("submitted")
    send_back(scene, "reasons")
    until = scene.dossier().correct_until_at
    assert until is not None
    assert until > scene.call.closes_at
    late = until + submission.STILL_ON_ITS_WAY
    assert submission.lapse_due(scene.session, late - SECOND) == 0
    assert submission.lapse_due(scene.session, late) == 1
    assert scene.dossier().state == "lapsed"


def test_lapsing_twice_is_lapsing_once(scene_at: SceneAt) -> None:
    scene = scene_at("drafts")
    later = scene.call.closes_at + SOON
    assert submission.lapse_due(scene.session, later) == 2
    scene.commit()
    count = sa.select(sa.func.count()).select_from(JournalEntry)
    before = scene.session.scalar(count), scene.dossier().version
    assert submission.lapse_due(scene.session, later + SOON) == 0
    scene.commit()
    assert (scene.session.scalar(count), scene.dossier().version) == before
    with pytest.raises(Refused):
        fire(scene.session, scene.dossier(), "lapse", actor=CLOCK, now=later)


def test_the_clock_does_not_overtake_what_arrived_in_time(scene_at: SceneAt) -> None:
    """The request came a second before the deadline and waited; the clock's job went first."""
    scene = scene_at("signed")
    closes = scene.call.closes_at
    assert submission.lapse_due(scene.session, closes + timedelta(minutes=1)) == 0
    submit(scene, closes + timedelta(minutes=2), received_at=closes - SECOND)
    assert scene.dossier().state == "submitted"


@pytest.mark.parametrize("stage", ["in_evaluation", "in_review", "awaiting", "published"])
def test_nothing_else_ever_lapses(stage: str, scene_at: SceneAt) -> None:
    scene = scene_at(stage)
    states = [d.state for d in scene.both()]
    assert submission.lapse_due(scene.session, scene.call.closes_at + timedelta(days=9999)) == 0
    assert [d.state for d in scene.both()] == states


def test_a_withdrawn_file_is_out_for_good(scene_at: SceneAt) -> None:
    scene = scene_at("in_evaluation")
    lead = scene.actor(scene.lead(), scenes.ASSIGNED)
    submission.withdraw(scene.session, scene.dossier(), actor=lead, now=scenes.ASSIGNED, reason="Not this year.")
    scene.commit()
    assert scene.dossier().state == "withdrawn"
    notes = scene.session.scalars(sa.select(Document).where(Document.kind == "WITHDRAWAL_NOTE")).all()
    assert len(notes) == 1
    for again in ("withdraw", "submit", "resubmit"):
        with pytest.raises(Refused):
            fire(scene.session, scene.dossier(), again, actor=lead, now=scenes.ASSIGNED, reason="Again.")
    assert isinstance(scene.session.get_one(Dossier, scene.dossier().id), Dossier)
