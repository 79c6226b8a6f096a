"""An evaluator's sheet: what it takes to close it, and what of it counts."""

import random
from collections.abc import Callable
from datetime import timedelta
from statistics import fmean

import pytest
import sqlalchemy as sa

from rvc_portal.demonstration.story import Player
from rvc_portal.domain.blindness import Names
from rvc_portal.domain.errors import InvalidInput, NotFound, Overtaken, Refused
from rvc_portal.domain.saving import Sent
from rvc_portal.domain.scoring import Given
from rvc_portal.domain.vocabulary import Doc
from rvc_portal.models.document import Document
from rvc_portal.models.evaluation import Assignment, EarlierReason, Reopening
from rvc_portal.models.job import Mail
from rvc_portal.models.journal import JournalEntry
from rvc_portal.queries import evaluation as query
from rvc_portal.queries import results as results_query
from rvc_portal.queries import sheets
from rvc_portal.services import evaluation, reopening
from tests import scenes
from tests.scenes import Scene, SceneAt

REASON = "A sound plan with partners and money behind each project."
CANNOT = Given(None, "The file says nothing at all that would let me judge this.", cannot_judge=True)


def save(scene: Scene, assignment: Assignment, player: Player, *given: Given) -> None:
    keys = [c.key for c in scenes.told().rubric.criteria]
    actor = scene.story.actor(player.account, scenes.SCORED)
    evaluation.save_scores(
        scene.session, assignment, dict(zip(keys, given, strict=False)), actor=actor, now=scenes.SCORED
    )
    scene.commit()


def document(scene: Scene, kind: Doc) -> dict[str, object]:
    found = scene.session.scalars(
        sa.select(Document).where(Document.kind == kind, Document.superseded_at.is_(None)).order_by(Document.id.desc())
    ).first()
    assert found is not None
    return found.context


def test_a_criterion_that_cannot_be_judged_leaves_the_mean_to_the_others(scene_at: SceneAt) -> None:
    scene = scene_at("scored")
    assignment, player = scene.assignments(scene.dossier())[0]
    first, second, third, *rest = scenes.told().rubric.criteria
    save(scene, assignment, player, Given(9, REASON), CANNOT, Given(6, REASON), *[CANNOT] * len(rest))
    scene.story.close(assignment, player, scenes.CLOSED)
    assert assignment.evaluation is not None
    wanted = (9 * first.weight + 6 * third.weight) / (first.weight + third.weight)
    assert assignment.evaluation.mean == pytest.approx(wanted)
    (entry,) = [
        e for e in results_query.entries_of_field(scene.session, scene.call, "literature")
        if e.reference == scene.dossier().reference
    ]  # fmt: skip
    assert dict(entry.sheets[0].scores) == {first.key: 9, third.key: 6}
    found = query.results(scene.session, scene.dossier(), scenes.told().rubric, Names(True, str))
    assert {c.criterion.key: c.mean for c in found.criteria}[second.key] is None
    context = document(scene, Doc.EVALUATION_SHEET)
    assert {c["key"]: c["score"] for c in context["criteria"]}[second.key] is None  # type: ignore[attr-defined]


def test_a_sheet_that_judges_nothing_is_not_closed(scene_at: SceneAt) -> None:
    scene = scene_at("scored")
    assignment, player = scene.assignments(scene.dossier())[0]
    save(scene, assignment, player, *[CANNOT] * len(scenes.told().rubric.criteria))
    with pytest.raises(Refused) as refused:
        scene.story.close(assignment, player, scenes.CLOSED)
    assert [r.message for r in refused.value.refusals] == [
        "The sheet judges nothing, so it has no mean. Score a criterion, or ask the Secretariat to take you off the file."
    ]


@pytest.mark.parametrize("reason", ["", " \n\t ", "Too short."])
def test_not_judging_wants_its_reason_as_well(scene_at: SceneAt, reason: str) -> None:
    scene = scene_at("scored")
    assignment, player = scene.assignments(scene.dossier())[0]
    save(scene, assignment, player, Given(None, reason, cannot_judge=True))
    with pytest.raises(Refused) as refused:
        scene.story.close(assignment, player, scenes.CLOSED)
    label = scenes.told().rubric.criteria[0].label.of(player.language)
    assert [r.params["criterion"] for r in refused.value.refusals] == [label]


def test_a_score_and_not_judging_at_once_is_refused(scene_at: SceneAt) -> None:
    scene = scene_at("scored")
    assignment, player = scene.assignments(scene.dossier())[0]
    with pytest.raises(InvalidInput):
        save(scene, assignment, player, Given(5, REASON, cannot_judge=True))


# --- saved by itself ---

FIRST = "assets"


def type_in(
    scene: Scene,
    assignment: Assignment,
    player: Player,
    reason: str,
    tab: str,
    seq: int,
    base: int = 0,
    minutes: int = 0,
) -> int:
    """Save the first criterion as a page does; the revision that stands then."""
    at = scenes.SCORED + timedelta(minutes=minutes)
    sent = Sent(Given(7, reason), base=base, tab=tab, seq=seq)
    actor = scene.story.actor(player.account, at)
    return evaluation.save_criterion(scene.session, assignment, FIRST, sent, actor=actor, now=at).score.revision


def stands(assignment: Assignment) -> str:
    assert assignment.evaluation is not None
    return next(s.reason for s in assignment.evaluation.scores if s.criterion == FIRST)


def test_saves_of_a_window_stand_in_their_order_however_they_arrive(scene_at: SceneAt) -> None:
    scene = scene_at("declared")
    assignment, player = scene.assignments(scene.dossier())[0]
    assert type_in(scene, assignment, player, "The first words", "one", 1) == 1
    assert type_in(scene, assignment, player, "The first words, and more, and more", "one", 3) == 2
    assert type_in(scene, assignment, player, "The first words, and more", "one", 2) == 2
    assert stands(assignment) == "The first words, and more, and more"


def test_another_window_never_overwrites_what_it_has_not_seen(scene_at: SceneAt) -> None:
    scene = scene_at("declared")
    assignment, player = scene.assignments(scene.dossier())[0]
    base = type_in(scene, assignment, player, "From one window", "one", 1)
    with pytest.raises(Overtaken) as overtaken:
        type_in(scene, assignment, player, "From another", "two", 1)
    assert [r.target for r in overtaken.value.refusals] == [FIRST]
    assert stands(assignment) == "From one window"
    type_in(scene, assignment, player, "From another", "two", 2, base)
    assert stands(assignment) == "From another"


def test_words_that_are_taken_out_are_kept_and_writing_on_keeps_nothing(scene_at: SceneAt) -> None:
    scene = scene_at("declared")
    assignment, player = scene.assignments(scene.dossier())[0]
    for seq, (minutes, text) in enumerate(
        [
            (0, "A river"), (1, "A river and a bridge"),
            (5, "A river"),  # words are gone: kept
            (5, "A"),  # within the minute, by the same window: the same change
            (9, "The sea"),  # kept
        ], 1
    ):  # fmt: skip
        type_in(scene, assignment, player, text, "one", seq, minutes=minutes)
    kept = scene.session.scalars(sa.select(EarlierReason).order_by(EarlierReason.number)).all()
    assert [(e.number, e.reason) for e in kept] == [(1, "A river and a bridge"), (2, "A")]


# --- closed, opened again ---


def ask(scene: Scene, assignment: Assignment, player: Player, reason: str = "A wrong year.") -> Reopening:
    actor = scene.story.actor(player.account, scenes.CLOSED)
    return reopening.ask(scene.session, assignment, reason=reason, actor=actor, now=scenes.CLOSED + scenes.SOON)


def give(scene: Scene, asked: Reopening, *, given: bool = True, reason: str = "") -> None:
    reopening.answer(
        scene.session, scene.dossier(), asked.id, given=given, reason=reason, actor=scene.actor(scene.officer),
        now=scenes.CLOSED + scenes.SOON * 2,
    )  # fmt: skip


def mails(scene: Scene, template: str) -> list[Mail]:
    return list(scene.session.scalars(sa.select(Mail).where(Mail.template == template).order_by(Mail.to_address)))


def test_a_sheet_that_is_opened_again_counts_when_it_is_closed_again(scene_at: SceneAt) -> None:
    scene = scene_at("closed")
    dossier = scene.dossier()
    assignment, player = scene.assignments(dossier)[0]
    sheet = assignment.evaluation
    assert sheet is not None
    before, first_mean = dossier.closed_sheets, sheet.mean
    asked = ask(scene, assignment, player)
    assert (dossier.closed_sheets, sheet.mean) == (before, first_mean)  # asking changes nothing
    give(scene, asked)
    assert (dossier.closed_sheets, sheet.closed_at, sheet.mean) == (before - 1, None, None)
    standing = sa.select(Document).where(Document.evaluation_id == sheet.id, Document.superseded_at.is_(None))
    assert scene.session.scalars(standing).all() == []
    save(scene, assignment, player, Given(1, REASON))
    scene.story.close(assignment, player, scenes.CLOSED + scenes.SOON * 3)
    assert dossier.closed_sheets == before
    one, two = sheets.versions(scene.session, sheet)
    assert (one.number, one.mean, two.number, two.scores[FIRST].value) == (1, first_mean, 2, 1)
    (renewed,) = scene.session.scalars(standing).all()
    assert renewed.context["document"]["supersedes"] is not None
    acts = scene.session.scalars(sa.select(JournalEntry.transition).where(JournalEntry.chain == dossier.id)).all()
    assert [a for a in acts if "reopen" in a] == ["ask_reopening", "reopen_sheet"]
    assert {m.to_address for m in mails(scene, "reopening_asked")} >= {scene.officer.email}
    (told,) = mails(scene, "reopening_answered")
    assert (told.to_address, told.context["given"]) == (player.account.email, True)


def test_declining_leaves_the_sheet_and_says_why(scene_at: SceneAt) -> None:
    scene = scene_at("closed")
    assignment, player = scene.assignments(scene.dossier())[0]
    before, asked = scene.dossier().closed_sheets, ask(scene, assignment, player)
    with pytest.raises(InvalidInput):
        give(scene, asked, given=False, reason=" \n")
    give(scene, asked, given=False, reason="The year is right.")
    assert scene.dossier().closed_sheets == before
    (told,) = mails(scene, "reopening_answered")
    assert (told.context["given"], told.context["reason"]) == (False, "The year is right.")
    with pytest.raises(Refused):
        give(scene, asked)
    assert ask(scene, assignment, player).answered_at is None  # and may be asked anew


@pytest.mark.parametrize("reason", ["", " \t\n"])
def test_asking_wants_a_reason(scene_at: SceneAt, reason: str) -> None:
    scene = scene_at("closed")
    assignment, player = scene.assignments(scene.dossier())[0]
    with pytest.raises(InvalidInput):
        ask(scene, assignment, player, reason)


def test_only_a_closed_sheet_of_ones_own_is_asked_for_and_once(scene_at: SceneAt) -> None:
    scene = scene_at("scored")
    (assignment, player), (_, another), *_ = scene.assignments(scene.dossier())
    with pytest.raises(Refused):
        ask(scene, assignment, player)
    scene.story.close(assignment, player, scenes.CLOSED)
    with pytest.raises(NotFound):
        ask(scene, assignment, another)
    ask(scene, assignment, player)
    with pytest.raises(Refused):
        ask(scene, assignment, player)


def test_once_the_file_is_in_review_no_sheet_is_opened_again(scene_at: SceneAt) -> None:
    scene = scene_at("closed")
    assignment, player = scene.assignments(scene.dossier())[0]
    asked = ask(scene, assignment, player)
    scene.story.refer(scene.dossier(), scene.officer, scenes.REFERRED)
    with pytest.raises(Refused):
        give(scene, asked)
    other, its_player = scene.assignments(scene.dossier())[1]
    with pytest.raises(Refused):
        ask(scene, other, its_player)


def test_a_report_that_stood_is_superseded_with_the_sheet(scene_at: SceneAt) -> None:
    scene = scene_at("in_review")
    dossier = scene.dossier()
    evaluation.reopen(
        scene.session, dossier, reason="A new fact.", actor=scene.actor(scene.officer), now=scenes.REFERRED
    )
    assignment, player = scene.assignments(dossier)[0]
    give(scene, ask(scene, assignment, player))
    report = sa.select(Document).where(Document.dossier_id == dossier.id, Document.kind == Doc.EVALUATION_REPORT)
    assert [d.superseded_at is None for d in scene.session.scalars(report)] == [False]


def test_a_sheet_closed_twice_is_refused_in_words(scene_at: SceneAt) -> None:
    scene = scene_at("closed")
    assignment, player = scene.assignments(scene.dossier())[0]
    with pytest.raises(Refused, match="This sheet is closed already"):
        scene.story.close(assignment, player, scenes.CLOSED)
    with pytest.raises(Refused, match="This sheet is closed already"):
        save(scene, assignment, player, Given(1, REASON))


# --- a draft never counts ---


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_done_the_means_are_those_of_the_closed_sheets(scene_at: SceneAt, seed: int) -> None:
    """Against a picture of the sheets kept by the test: scores that are written, and those that count."""
    scene, chance = scene_at("declared"), random.Random(seed)
    rubric, dossier = scenes.told().rubric, scene.dossier()
    judges = scene.assignments(dossier)
    written: dict[int, list[int | None]] = {}
    counting: dict[int, list[int | None]] = {}

    def write(place: int, assignment: Assignment, player: Player) -> None:
        marks = [chance.choice([None, 1, 4, 7, 10]) for _ in rubric.criteria]
        save(scene, assignment, player, *(Given(m, REASON, m is None) for m in marks))
        written[place] = marks

    def close(place: int, assignment: Assignment, player: Player) -> None:
        scene.story.close(assignment, player, scenes.CLOSED)
        counting[place] = written[place]

    def open_again(place: int, assignment: Assignment, player: Player) -> None:
        give(scene, ask(scene, assignment, player))
        del counting[place]

    def decline(place: int, assignment: Assignment, player: Player) -> None:
        give(scene, ask(scene, assignment, player), given=False, reason="No.")

    acts: list[Callable[[int, Assignment, Player], None]] = [write, write, close, close, open_again, decline]
    done = 0
    for _ in range(40):
        place = chance.randrange(len(judges))
        try:
            chance.choice(acts)(place, *judges[place])
            done += 1
        except Refused:
            pass
        means: dict[str, list[float]] = {s.key: [] for s in rubric.streams}
        for number, marks in counting.items():
            judged = [(m, c.weight) for m, c in zip(marks, rubric.criteria, strict=True) if m is not None]
            means[judges[number][0].stream].append(sum(m * w for m, w in judged) / sum(w for _, w in judged))
        weighed = [(fmean(values), s.weight) for s in rubric.streams if (values := means[s.key])]
        wanted = sum(m * w for m, w in weighed) / sum(w for _, w in weighed) if weighed else None
        assert dossier.closed_sheets == len(counting)
        assert dossier.mean_overall == (pytest.approx(wanted) if wanted is not None else None)
    assert done > 10
