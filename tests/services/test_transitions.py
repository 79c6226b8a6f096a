"""The one writer of state: what it refuses leaves no trace, and who comes second is told what the first did."""

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import rvc_portal
from rvc_portal.domain.actor import CLOCK, PUBLICATION
from rvc_portal.domain.errors import InvalidInput, NotFound, Overtaken, Refused
from rvc_portal.domain.procedures.candidacy import CANDIDACY
from rvc_portal.domain.vocabulary import DecisionOutcome, Role
from rvc_portal.models.base import db
from rvc_portal.models.steering import SteeringSession
from rvc_portal.queries import deliberation as query
from rvc_portal.services import decision, evaluation, screening, submission, voting
from rvc_portal.services.transitions import fire
from tests import scenes
from tests.scenes import DECLINED, SOON, Scene, SceneAt

PACKAGE = Path(rvc_portal.__file__).parent


def rows(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that the database holds, by table."""
    return {
        table.name: sorted(tuple(map(repr, row)) for row in session.execute(sa.select(table)))
        for table in db.metadata.sorted_tables
    }


# --- one writer ---


def assignments_of_state(path: Path) -> list[int]:
    """Lines of a module that set an attribute `state`, by whatever means Python has for it."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = [t for target in node.targets for t in ast.walk(target) if isinstance(t, ast.expr)]
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            targets = [node.target]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setattr":
            targets = [node]
        for target in targets:
            named = isinstance(target, ast.Attribute) and target.attr == "state" and isinstance(target.ctx, ast.Store)
            by_name = isinstance(target, ast.Call) and any(
                isinstance(a, ast.Constant) and a.value == "state" for a in target.args
            )
            if named or by_name:
                found.append(node.lineno)
        is_update = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "values"
        if is_update and any(k.arg == "state" for k in node.keywords):
            found.append(node.lineno)
    return found


AMENDMENTS = {"services/amending.py": 1, "services/floor.py": 1}
"""What a meeting decides on an amendment is a state, too, and no dossier's."""


def test_fire_alone_writes_the_state() -> None:
    found = {str(p.relative_to(PACKAGE)): assignments_of_state(p) for p in PACKAGE.rglob("*.py")}
    assert {name: len(lines) for name, lines in found.items() if lines} == {"services/transitions.py": 1} | AMENDMENTS


def test_the_search_for_writers_finds_them(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        "d.state = 'x'\na, d.state = 1, 2\nsetattr(d, 'state', 'x')\nsa.update(D).values(state='x')\nd.state: str = 'x'\n"
        "state = d.state\nd.state_since_at = 1\n"
    )
    assert sorted(assignments_of_state(module)) == [1, 2, 3, 4, 5]


# --- what is refused leaves no trace ---

Act = Callable[[Scene], object]


def submit(scene: Scene) -> object:
    return submission.submit(
        scene.session, scene.dossier(), actor=scene.actor(scene.lead(), scenes.FILED), now=scenes.FILED
    )


def submit_too_late(scene: Scene) -> object:
    closes = scene.call.closes_at
    return submission.submit(scene.session, scene.dossier(), actor=scene.actor(scene.lead()), now=closes)


def submit_as(role: Role) -> Act:
    return lambda scene: submission.submit(
        scene.session, scene.dossier(), actor=scene.actor(scene.member(role), scenes.FILED), now=scenes.FILED
    )


def submit_as_officer(scene: Scene) -> object:
    return submission.submit(scene.session, scene.dossier(), actor=scene.actor(scene.officer), now=scenes.FILED)


def return_without_questions(scene: Scene) -> object:
    return screening.return_file(
        scene.session, scene.dossier(), questions=["no such question"], reason="Say more.",
        actor=scene.actor(scene.officer), now=scenes.CHECKED,
    )  # fmt: skip


def return_without_reason(scene: Scene) -> object:
    return screening.return_file(
        scene.session, scene.dossier(), questions=["reasons"], reason="  ", actor=scene.actor(scene.officer),
        now=scenes.CHECKED,
    )  # fmt: skip


def dismiss_without_reason(scene: Scene) -> object:
    return screening.dismiss(
        scene.session, scene.dossier(), reason="", actor=scene.actor(scene.officer), now=scenes.CHECKED
    )


def admit(scene: Scene) -> object:
    return screening.admit(scene.session, scene.dossier(), actor=scene.actor(scene.officer), now=scenes.ADMITTED)


def admit_as_lead(scene: Scene) -> object:
    return screening.admit(scene.session, scene.dossier(), actor=scene.actor(scene.lead()), now=scenes.ADMITTED)


def close_empty_sheet(scene: Scene) -> object:
    assignment, player = scene.assignments(scene.dossier())[0]
    return evaluation.close_sheet(scene.session, assignment, actor=scene.actor(player.account), now=scenes.CLOSED)


def close_again(scene: Scene) -> object:
    return close_empty_sheet(scene)


def refer(scene: Scene) -> object:
    return evaluation.refer(scene.session, scene.dossier(), actor=scene.actor(scene.officer), now=scenes.REFERRED)


def reopen_without_reason(scene: Scene) -> object:
    return evaluation.reopen(
        scene.session, scene.dossier(), reason=" ", actor=scene.actor(scene.officer), now=scenes.SAT
    )


def conclude(scene: Scene) -> object:
    sitting = scene.session.scalars(sa.select(SteeringSession)).one()
    item = query.item_of(scene.session, sitting, scene.dossier().id)
    assert item is not None
    return voting.conclude(scene.session, sitting, item, actor=scene.actor(scene.chair().account), now=scenes.ADVISED)


def decide(outcome: DecisionOutcome | None, reason: str) -> Act:
    return lambda scene: decision.decide(
        scene.session, scene.dossier(), outcome=outcome, reasons={"en": reason, "fr": reason},
        actor=scene.actor(scene.direction), now=scenes.DECIDED,
    )  # fmt: skip


def publish(scene: Scene) -> object:
    return decision.publish(scene.session, scene.call, actor=scene.actor(scene.officer), now=scenes.PUBLISHED)


def publish_as_direction(scene: Scene) -> object:
    return decision.publish(scene.session, scene.call, actor=scene.actor(scene.direction), now=scenes.PUBLISHED)


def withdraw_without_reason(scene: Scene) -> object:
    return submission.withdraw(
        scene.session, scene.dossier(), actor=scene.actor(scene.lead()), now=scenes.FILED, reason=""
    )


def withdraw(scene: Scene) -> object:
    return submission.withdraw(
        scene.session, scene.dossier(), actor=scene.actor(scene.lead()), now=scenes.ADVISED, reason="No."
    )


def lapse_early(scene: Scene) -> object:
    return fire(scene.session, scene.dossier(), "lapse", actor=CLOCK, now=scenes.FILED)


def designate_undecided(scene: Scene) -> object:
    return fire(scene.session, scene.dossier(), "designate", actor=PUBLICATION, now=scenes.PUBLISHED)


def designate_the_declined(scene: Scene) -> object:
    return fire(scene.session, scene.dossier(DECLINED), "designate", actor=PUBLICATION, now=scenes.PUBLISHED)


REFUSED: list[tuple[str, Act, str]] = [
    ("drafts", submit, "sign-off has not been requested"),
    ("written", submit, "sign-off has not been requested"),
    ("signed", submit_too_late, "closed on"),
    ("signed", submit_as(Role.EDITOR), "Your role does not allow this"),
    ("signed", submit_as(Role.READER), "Your role does not allow this"),
    ("signed", submit_as_officer, "Your role does not allow this"),
    ("signed", withdraw_without_reason, "Give the reason"),
    ("signed", lapse_early, "still open"),
    ("submitted", submit, "not possible while the file is in the state"),
    ("submitted", return_without_questions, "Name the questions"),
    ("submitted", return_without_reason, "Give the reason"),
    ("submitted", dismiss_without_reason, "Give the reason"),
    ("submitted", admit, "To be checked"),
    ("checked", admit_as_lead, "Your role does not allow this"),
    ("declared", close_empty_sheet, "Score and reason missing"),
    ("assigned", close_empty_sheet, ""),
    ("closed", close_again, "closed already"),
    ("scored", refer, "Closed sheets"),
    ("in_review", reopen_without_reason, "Give the reason"),
    ("sitting", conclude, "Only who has the chair"),
    ("awaiting", decide(DecisionOutcome.DESIGNATE, "Good."), "not on the slate"),
    ("slate", decide(None, "Good."), "Choose a decision"),
    ("slate", decide(DecisionOutcome.DESIGNATE, " "), "Give the reason"),
    ("slate", publish, "has no decision yet"),
    ("slate", designate_undecided, "No such decision"),
    ("published", withdraw, "not possible while the file is in the state"),
    ("decided", publish, "is not ready yet"),
    ("decided", designate_the_declined, "No such decision"),
    ("decided", publish_as_direction, "Your role does not allow this"),
    ("published", publish, "was published on"),
    ("published", designate_undecided, "not possible while the file is in the state"),
]


@pytest.mark.parametrize(
    ("stage", "act", "why"), REFUSED, ids=[f"{stage}-{number}" for number, (stage, _, _) in enumerate(REFUSED)]
)
def test_what_is_refused_writes_nothing(scene_at: SceneAt, stage: str, act: Act, why: str) -> None:
    scene = scene_at(stage)
    before = rows(scene.session)
    with pytest.raises((Refused, NotFound, InvalidInput)) as refused:
        act(scene)
    assert why in str(refused.value)
    scene.commit()  # even where the caller goes on and commits
    assert rows(scene.session) == before


def test_all_reasons_are_given_at_once(scene_at: SceneAt) -> None:
    scene = scene_at("drafts")
    with pytest.raises(Refused) as refused:
        submit_too_late(scene)
    said = str(refused.value)
    assert len(refused.value.refusals) > 20
    for part in ("closed on", "Piece missing", "sign-off"):
        assert part in said


def test_an_act_moves_the_file_once_and_says_so(scene_at: SceneAt) -> None:
    scene = scene_at("checked")
    dossier = scene.dossier()
    version = dossier.version
    entry = admit(scene)
    assert (dossier.state, dossier.version, dossier.state_since_at) == ("in_evaluation", version + 1, scenes.ADMITTED)
    assert (entry.payload["from"], entry.payload["to"]) == ("submitted", "in_evaluation")
    assert entry.actor_id == scene.officer.id


def test_an_act_that_leaves_the_state_leaves_the_version(scene_at: SceneAt) -> None:
    """Else every closed sheet would overtake whoever looks at the file."""
    scene = scene_at("scored")
    dossier = scene.dossier()
    version, since = dossier.version, dossier.state_since_at
    close_again(scene)
    assert (dossier.version, dossier.state_since_at) == (version, since)


def test_the_second_is_told_what_the_first_did(scene_at: SceneAt) -> None:
    scene = scene_at("checked")
    seen = scene.dossier().version
    admit(scene)
    scene.commit()
    before = rows(scene.session)
    with pytest.raises(Overtaken) as overtaken:
        screening.dismiss(
            scene.session, scene.dossier(), reason="Late.", actor=scene.actor(scene.second_officer),
            now=scenes.ADMITTED + SOON, seen_version=seen,
        )  # fmt: skip
    (told,) = overtaken.value.refusals
    assert told.params["who"] == scene.officer.name
    assert told.params["instant"] == scenes.ADMITTED
    assert told.params["act"] == CANDIDACY.transitions["admit"].past
    scene.commit()
    assert rows(scene.session) == before


def test_what_happened_besides_the_moves_overtakes_nobody(scene_at: SceneAt) -> None:
    """Assignments and sheets are in the journal, too, but the page that somebody acts from still holds."""
    scene = scene_at("closed")
    seen = scene.dossier().version
    evaluation.refer(
        scene.session, scene.dossier(), actor=scene.actor(scene.officer), now=scenes.REFERRED, seen_version=seen
    )
    assert scene.dossier().state == "in_review"


@pytest.mark.parametrize("told", [t.name for t in CANDIDACY.transitions.values() if not t.told_to_city])
def test_a_city_is_told_nothing_of_what_is_behind_its_label(told: str, scene_at: SceneAt) -> None:
    """No mail to the city's team from admission to publication."""
    from rvc_portal.models.job import Mail

    scene = scene_at("decided")
    mails = scene.session.scalars(sa.select(Mail).where(Mail.to_address.like("%nottingham.example")))
    acts = [m.context["transition"] for m in mails if m.template == "dossier_act"]
    assert acts, "the city got mails of its own acts"
    assert told not in acts
