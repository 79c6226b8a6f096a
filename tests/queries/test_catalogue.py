"""All documents at once, by one condition: each person finds exactly those that the pages and downloads give one by one."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from rvc_portal.domain.actor import Scope
from rvc_portal.domain.errors import NotFound, Refused
from rvc_portal.domain.vocabulary import Doc, Role, SeatKind
from rvc_portal.models.account import Account
from rvc_portal.models.conflict import Conflict
from rvc_portal.models.document import Document
from rvc_portal.models.evaluation import Evaluation
from rvc_portal.queries import board, catalogue, documents, dossiers
from rvc_portal.queries.catalogue import Filters
from rvc_portal.services import accounts, complete_dossier
from tests import scenes
from tests.scenes import DECLINED, DESIGNATED, Scene, SceneAt

NOW = scenes.PUBLISHED


def found(scene: Scene, account: Account, filters: Filters | None = None) -> list[catalogue.Line]:
    actor = scene.actor(account, NOW)
    return list(catalogue.everything(scene.session, catalogue.reach(scene.session, actor), filters or Filters()))


def one_by_one(scene: Scene, account: Account) -> set[object]:
    """The documents that the person can download by their ids, of files that the person knows of."""
    actor, session = scene.actor(account, NOW), scene.session
    may = set()
    for document in session.scalars(sa.select(Document)):
        if document.held and document.superseded_at:
            continue
        if document.dossier_id:
            given = dossiers.find(session, actor, document.dossier_id) and documents.readable(
                session, actor, document.id
            )
        else:
            given = (
                documents.public(session, actor, document.id)
                or documents.readable_of_network(session, actor, document.id)
                or documents.readable_inside(session, actor, document.id)
                or documents.readable_of_sitting(session, actor, document.id)
            )
        if given:
            may.add(document.id)
    return may


def order(scene: Scene, account: Account) -> bool:
    """Have the person's complete dossier of the first city made; whether they may read the file."""
    files, actor = scene.story.instance.files, scene.actor(account, NOW)
    try:
        complete_dossier.order(scene.session, files, scene.dossier(), actor=actor, now=NOW)
    except (NotFound, Refused):
        return False
    return True


@pytest.mark.parametrize(
    "stage", ["drafts", "submitted", "assigned", "scored", "closed", "sitting", "decided", "published"]
)
def test_everybody_finds_what_the_downloads_give(stage: str, scene_at: SceneAt) -> None:
    scene = scene_at(stage)
    everybody = list(scene.session.scalars(sa.select(Account)))
    asked = [order(scene, account) for account in everybody]
    assert any(asked)
    several, officer = scene.player("Norwich").account, scene.officer
    accounts.grant_role(scene.session, several, Role.DIRECTION, now=scenes.OPENED)
    accounts.grant_role(scene.session, several, Role.SECRETARIAT, now=scenes.OPENED, scope=Scope(country="GB"))
    extra = accounts.create_seat(scene.session, kind=SeatKind.HOST, name="Host of 2016")
    accounts.give_seat(scene.session, extra, officer, now=scenes.OPENED)
    for assignment, player in scene.assignments(scene.dossier())[:1]:
        accounts.give_seat(scene.session, player.seat, officer, now=scenes.OPENED)  # an officer who judges as well
        assert assignment.dossier_id == scene.dossier().id
    scene.session.add(
        Conflict(
            dossier_id=scene.dossier(DECLINED).id, account_id=scene.chair().account.id, rule="declared", since_at=NOW
        )
    )
    scene.commit()
    some = 0
    for account in everybody:
        listed = [line.document.id for line in found(scene, account)]
        assert len(listed) == len(set(listed))
        assert set(listed) == one_by_one(scene, account), account.email
        some += bool(listed)
    assert some > 1


def test_counts_pages_and_everything_agree(scene_at: SceneAt) -> None:
    scene = scene_at("published")
    actor = scene.actor(scene.officer, NOW)
    within = catalogue.reach(scene.session, actor)
    every = found(scene, scene.officer)
    counted = catalogue.counts(scene.session, within, Filters())
    assert sum(counted.values()) == len(every) > catalogue.PER_PAGE / 2
    pages = [catalogue.lines(scene.session, within, Filters(page=n)) for n in (1, 2)]
    assert [line.document.id for page in pages for line in page] == [line.document.id for line in every][:100]
    assert counted["EVALUATION_SHEET"] == len(found(scene, scene.officer, Filters(kinds=(Doc.EVALUATION_SHEET,))))


def test_what_filters_leave(scene_at: SceneAt) -> None:
    scene = scene_at("published")
    every = found(scene, scene.officer)

    def left(filters: Filters) -> list[catalogue.Line]:
        lines = found(scene, scene.officer, filters)
        assert 0 < len(lines) < len(every)
        return lines

    of_files = board.Filters(search=DESIGNATED[:4])
    assert {line.city for line in left(Filters(files=of_files))} == {DESIGNATED}
    assert {
        line.document.issued_at for line in left(Filters(issued=(scenes.FILED, scenes.FILED + timedelta(hours=1))))
    } == {scenes.FILED}
    assert {line.document.language for line in left(Filters(language="fr"))} == {"fr"}
    one = scene.dossier(DECLINED)
    assert {line.dossier_id for line in left(Filters(dossiers=(one.id,)))} == {None, one.id}
    assert {line.city for line in left(Filters(files=replace(of_files, search="", state="declined")))} == {DECLINED}


def test_how_documents_stand(scene_at: SceneAt) -> None:
    scene = scene_at("decided")
    by_status = {
        status: {line.document.kind for line in found(scene, scene.officer, Filters(statuses=(status,)))}
        for status in catalogue.STATUSES
    }
    assert by_status["held"] == {"DESIGNATION_LETTER", "CERTIFICATE", "DECISION_LETTER"}
    assert by_status["withdrawn"] == set()
    sheet = scene.session.scalars(sa.select(Evaluation).where(Evaluation.dossier_id == scene.dossier().id)).first()
    assert sheet is not None
    sheet.set_aside_at = NOW
    scene.commit()
    assert [line.status for line in found(scene, scene.officer, Filters(statuses=("withdrawn",)))] == ["withdrawn"]


def test_a_person_without_part_finds_what_anybody_may_have(scene_at: SceneAt) -> None:
    scene = scene_at("published")
    stranger = accounts.create_account(scene.session, email="stranger@x.example", name="Stranger", now=scenes.OPENED)
    assert {line.document.kind for line in found(scene, stranger)} <= {"CALL_TEXT", "BLANK_FORM", "DESIGNATION_LIST"}
