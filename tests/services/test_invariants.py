"""Whatever people try, in whatever order: what must always be so stays so.

Each example begins at a stage of the round and tries a handful of acts, some by the person whose act it is and some by
others. Everything happens in one transaction, which is given up at the end.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from rvc_portal import settings as configuration
from rvc_portal.app import create_app
from rvc_portal.domain.deliberation import MotionKind, Tally
from rvc_portal.domain.errors import InvalidInput, NotFound, Refused
from rvc_portal.domain.procedures.candidacy import CANDIDACY
from rvc_portal.domain.scoring import Given
from rvc_portal.domain.vocabulary import DecisionOutcome, Role
from rvc_portal.models.account import Account
from rvc_portal.models.base import db
from rvc_portal.models.decision import Decision
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Dossier, Filing
from rvc_portal.models.job import Job, Mail
from rvc_portal.models.journal import JournalEntry
from rvc_portal.models.steering import Opinion
from rvc_portal.queries import deliberation as query
from rvc_portal.queries import documents as document_query
from rvc_portal.services import (
    decision,
    deliberation,
    evaluation,
    journal,
    rendering,
    results,
    screening,
    sign_off,
    steering,
    submission,
    voting,
)
from tests import scenes
from tests.scenes import CITIES, Scene, Shelf

START = {
    "signed": scenes.FILED, "submitted": scenes.CHECKED, "checked": scenes.ADMITTED, "assigned": scenes.DECLARED,
    "scored": scenes.CLOSED, "closed": scenes.REFERRED, "in_review": scenes.SAT, "sitting": scenes.ADVISED,
    "slate": scenes.DECIDED, "decided": scenes.PUBLISHED,
}  # fmt: skip
TEXTS = {"en": "Because.", "fr": "Parce que."}


@dataclass
class Try:
    """One person tries one thing on one file."""

    scene: Scene
    dossier: Dossier
    by: Account
    now: datetime

    @property
    def common(self) -> dict[str, Any]:
        return {"actor": self.scene.actor(self.by, self.now), "now": self.now}


def submit(t: Try) -> None:
    submission.submit(t.scene.session, t.dossier, **t.common)


def withdraw(t: Try) -> None:
    submission.withdraw(t.scene.session, t.dossier, reason="No more.", **t.common)


def write(t: Try) -> None:
    submission.save_answers(t.scene.session, t.dossier, {"reasons": f"At {t.now}."}, **t.common)


def have_signed(t: Try) -> None:
    code = sign_off.ask(t.scene.session, t.dossier, name="Ada", email="ada@b.example", **t.common)
    sign_off.answer(t.scene.session, code, given=True, reason="", now=t.now)


def lapse(t: Try) -> None:
    submission.lapse_due(t.scene.session, t.now)


def send_back(t: Try) -> None:
    screening.return_file(t.scene.session, t.dossier, questions=["reasons"], reason="Say more.", **t.common)


def dismiss(t: Try) -> None:
    screening.dismiss(t.scene.session, t.dossier, reason="No.", **t.common)


def check(t: Try) -> None:
    screening.save_checks(t.scene.session, t.dossier, {i.key: (True, "") for i in scenes.told().checklist}, **t.common)


def admit(t: Try) -> None:
    screening.admit(t.scene.session, t.dossier, **t.common)


def assign(t: Try) -> None:
    evaluation.assign(t.scene.session, t.dossier, [p.seat.id for p in t.scene.judges(t.dossier)], **t.common)


def judge(t: Try) -> None:
    """Every assignment of the file, as far as it is this person's: declare, score, close."""
    found = [(a, p) for a, p in t.scene.assignments(t.dossier) if p.account is t.by]
    if not found:
        raise NotFound
    for assignment, _ in found:
        evaluation.declare(t.scene.session, assignment, free=True, reason="", **t.common)
        scores = {
            c.key: (5.0 + t.now.hour % 5, "A sound plan with partners and money.")
            for c in scenes.told().rubric.criteria
        }
        evaluation.save_scores(
            t.scene.session, assignment, {k: Given(v, r + " " + r) for k, (v, r) in scores.items()}, **t.common
        )
        evaluation.close_sheet(t.scene.session, assignment, **t.common)


def bow_out(t: Try) -> None:
    for assignment, player in t.scene.assignments(t.dossier):
        if player.account is t.by:
            evaluation.declare(t.scene.session, assignment, free=False, reason="A cousin.", **t.common)


def refer(t: Try) -> None:
    evaluation.refer(t.scene.session, t.dossier, **t.common)


def reopen(t: Try) -> None:
    evaluation.reopen(t.scene.session, t.dossier, reason="One sheet more.", **t.common)


def advise(t: Try, kind: MotionKind = MotionKind.RECOMMEND) -> None:
    """Who acts takes the chair of the sitting that is open and has the file's item concluded by a show of hands."""
    session, sitting = t.scene.session, steering.current_session(t.scene.session, t.scene.call.id)
    item = query.item_of(session, sitting, t.dossier.id) if sitting else None
    seat = next((s.id for s in t.common["actor"].steering_seats), None)
    if sitting is None or item is None or seat is None:
        raise NotFound
    deliberation.take_chair(session, sitting, seat, **t.common)
    deliberation.take_up(session, sitting, item, **t.common)
    deliberation.save_texts(session, sitting, item, TEXTS, seen=item.text_revision, **t.common)
    voting.put_motion(session, sitting, item, kind=kind, by_name=False, conditions={}, **t.common)
    voting.close_vote(session, sitting, item, counted=Tally(5), **t.common)
    voting.conclude(session, sitting, item, **t.common)
    deliberation.put_down(session, sitting, **t.common)
    deliberation.release_chair(session, sitting, **t.common)


def defer(t: Try) -> None:
    advise(t, MotionKind.DEFER)


def put_forward(t: Try) -> None:
    decision.put_forward(t.scene.session, t.scene.call, **t.common)


def designate(t: Try) -> None:
    decision.decide(t.scene.session, t.dossier, outcome=DecisionOutcome.DESIGNATE, reasons=TEXTS, **t.common)


def decline(t: Try) -> None:
    decision.decide(t.scene.session, t.dossier, outcome=DecisionOutcome.DECLINE, reasons=TEXTS, **t.common)


def render(t: Try) -> None:
    for document in t.scene.documents(t.dossier):
        rendering.record(t.scene.session, document.id, rendering.Stored(document.id.hex * 2, 1, 1, "none"), t.now)
    t.scene.session.expire_all()


def publish(t: Try) -> None:
    decision.publish(t.scene.session, t.scene.call, **t.common)


ACTS: dict[str, tuple[Callable[[Try], None], str]] = {
    "submit": (submit, "lead"), "withdraw": (withdraw, "lead"), "write": (write, "editor"),
    "have_signed": (have_signed, "lead"), "lapse": (lapse, "lead"), "send_back": (send_back, "officer"),
    "dismiss": (dismiss, "officer"), "check": (check, "second"), "admit": (admit, "officer"),
    "assign": (assign, "officer"), "judge": (judge, "judge"), "bow_out": (bow_out, "judge"),
    "refer": (refer, "officer"), "reopen": (reopen, "officer"), "advise": (advise, "chair"), "defer": (defer, "chair"),
    "put_forward": (put_forward, "second"), "designate": (designate, "direction"), "decline": (decline, "direction"),
    "render": (render, "officer"), "publish": (publish, "officer"),
}  # fmt: skip
PEOPLE = ("lead", "editor", "reader", "officer", "second", "direction", "chair", "judge", "other")


def person(scene: Scene, who: str, dossier: Dossier, chance: int) -> Account:
    if who in ("lead", "editor", "reader"):
        own = who == "lead" or dossier.lead_city == CITIES[0]  # the other city has a lead alone
        return scene.member(Role(who)) if own and who != "lead" else scene.lead(dossier.lead_city)
    if who == "judge":
        players = [p for _, p in scene.assignments(dossier)] or scene.players()
        return players[chance % len(players)].account
    return {
        "officer": scene.officer, "second": scene.second_officer, "direction": scene.direction,
        "chair": scene.chair().account, "other": scene.lead(next(c for c in CITIES if c != dossier.lead_city)),
    }[who]  # fmt: skip


LIKELY = {
    "draft": ("write", "have_signed", "submit", "submit", "withdraw", "lapse"),
    "submitted": ("send_back", "check", "check", "admit", "admit", "dismiss", "withdraw"),
    "returned": ("write", "have_signed", "submit", "submit", "dismiss", "lapse"),
    "in_evaluation": ("assign", "judge", "judge", "judge", "refer", "bow_out", "withdraw"),
    "in_review": ("advise", "advise", "defer", "reopen", "withdraw"),
    "awaiting_decision": ("put_forward", "designate", "decline", "render", "publish"),
}  # fmt: skip
"""What people would try in this state; the rest of the tries are anything."""

STEPS = st.lists(
    st.tuples(
        st.sampled_from([True, True, True, False]),  # what is likely, or anything
        st.integers(0, 20),  # which of it
        st.sampled_from(CITIES),
        st.sampled_from((*(None,) * 12, *PEOPLE)),  # None: whoever does this by right
        st.sampled_from([1, 5, 30, 24 * 20]),  # hours that pass before it
    ),
    min_size=4,
    max_size=12,
)
Step = tuple[bool, int, str, str | None, int]


@pytest.fixture(scope="module")
def apps(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Flask]]:
    made: dict[str, Flask] = {}
    folder: Path = tmp_path_factory.mktemp("invariants")

    def give(stage: str) -> Flask:
        if stage not in made:
            environ = {"RVC_DATA": str(folder / stage), "RVC_STORAGE_URL": shelf.storage_url}
            of = configuration.read(environ)
            (of.data / "portal.db").write_bytes(shelf.database(stage).read_bytes())
            made[stage] = create_app(of)
        return made[stage]

    yield give
    for app in made.values():
        with app.app_context():
            db.engine.dispose()


ANYTHING = given(stage=st.sampled_from(sorted(START)), steps=STEPS)
PATIENT = {"database": None, "suppress_health_check": [HealthCheck.too_slow]}


@ANYTHING
@settings(max_examples=30, derandomize=True, **PATIENT)
def test_whatever_is_tried(apps: Callable[[str], Flask], stage: str, steps: list[Step]) -> None:
    _play(apps(stage), stage, steps)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@ANYTHING
@settings(max_examples=400, **PATIENT)
def test_whatever_else_is_tried(apps: Callable[[str], Flask], stage: str, steps: list[Step]) -> None:
    """Each time something else."""
    _play(apps(stage), stage, steps)


def _play(app: Flask, stage: str, steps: list[Step]) -> None:
    with app.app_context():
        scene, now = Scene(app), START[stage]
        try:
            for likely, number, city, who, hours in steps:
                now += timedelta(hours=hours)
                names = LIKELY.get(scene.dossier(city).state, ()) if likely else ()
                names = names or tuple(sorted(ACTS))
                _try(scene, names[number % len(names)], city, who, number, now)
            _all_is_well(scene, now)
        finally:
            db.session.rollback()


def _try(scene: Scene, name: str, city: str, who: str | None, chance: int, now: datetime) -> None:
    act, by_right = ACTS[name]
    dossier = scene.dossier(city)
    account = person(scene, who or by_right, dossier, chance)
    before = _picture(scene)
    try:
        with scene.session.begin_nested():
            act(Try(scene, dossier, account, now))
            scene.session.flush()
    except (Refused, NotFound, InvalidInput):
        scene.session.expire_all()
        assert _picture(scene) == before, f"{name} was refused and left something behind"
        event(f"{name} refused")
        return
    event(f"{name} done")
    after = _picture(scene)
    for city_name in CITIES:
        _moved_by_the_table(before[city_name], after[city_name])


def _picture(scene: Scene) -> dict[str, tuple[object, ...]]:
    """State, version and how much there is, of each file and of the whole."""
    count = {
        model.__name__: scene.session.scalar(sa.select(sa.func.count()).select_from(model))
        for model in (JournalEntry, Document, Filing, Job, Mail, Decision, Opinion)
    }
    return {d.lead_city: (d.state, d.version, _chain_length(scene, d)) for d in scene.both()} | {
        "all": tuple(count.items())
    }


def _chain_length(scene: Scene, dossier: Dossier) -> int:
    query = sa.select(sa.func.count()).select_from(JournalEntry).where(JournalEntry.chain == dossier.id)
    return scene.session.scalar(query) or 0


def _moved_by_the_table(before: tuple[object, ...], after: tuple[object, ...]) -> None:
    (state, version, entries), (new_state, new_version, new_entries) = before, after
    if state == new_state and version == new_version:
        return
    rows = {(s, t.target) for t in CANDIDACY.transitions.values() for s in t.sources if t.target}
    assert (state, new_state) in rows
    assert new_version == version + 1
    assert new_entries > entries


def _all_is_well(scene: Scene, now: datetime) -> None:
    session = scene.session
    session.expire_all()
    published = scene.call.status == "published"
    for dossier in scene.both():
        _documents_are_well(scene, dossier, now)
        assert journal.first_broken(session, dossier.id) is None
        kept = (dossier.closed_sheets, dossier.mean_overall, dossier.mean_experts, dossier.mean_members, dossier.spread)
        again = results.recompute(session, dossier)
        by_stream = (again.by_stream.get("experts"), again.by_stream.get("members"))
        assert kept == (sum(again.sheets.values()), again.overall, *by_stream, again.spread)
        for model in (Decision, Opinion):
            standing = sa.select(model).where(model.dossier_id == dossier.id, model.superseded_at.is_(None))
            assert len(session.scalars(standing).all()) <= 1
        assert published or dossier.state not in ("designated", "declined")
        assert not published or CANDIDACY.states[dossier.state].final
    assert journal.first_broken(session, scene.call.id) is None


def _documents_are_well(scene: Scene, dossier: Dossier, now: datetime) -> None:
    entries = scene.session.scalars(sa.select(JournalEntry).where(JournalEntry.chain == dossier.id)).all()
    acts = {(e.transition, e.at) for e in entries}
    lead = scene.actor(scene.lead(dossier.lead_city), now)
    jobs = set(scene.session.scalars(sa.select(Job.subject_id)))
    final = CANDIDACY.states[dossier.state].final
    standing: list[tuple[str, object]] = []
    for document in scene.documents(dossier):
        issued_by = document.context["document"]["transition"]
        act = "decide" if document.held else issued_by  # a held letter bears the act of its release
        assert (act, document.issued_at) in acts, f"{document.kind} without an act"
        assert document.id in jobs
        readable = document_query.readable(scene.session, lead, document.id) is not None
        assert not (document.held and readable), f"{document.kind} is held, and the city reads it"
        if document.kind in ("DESIGNATION_LETTER", "CERTIFICATE", "DECISION_LETTER"):
            assert document.held or final
        if document.superseded_at is None:
            standing.append((document.kind, document.evaluation_id))
    assert len(standing) == len(set(standing)), "two documents of one kind stand"
