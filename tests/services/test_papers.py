"""The papers of a sitting: in both languages, for each reader without what is closed to them, and never stale."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from rvc_portal.demonstration.story import Player
from rvc_portal.domain.actor import Scope
from rvc_portal.domain.blindness import Blind
from rvc_portal.domain.errors import Refused
from rvc_portal.domain.vocabulary import Doc, Role
from rvc_portal.models.document import Document
from rvc_portal.models.evaluation import Assignment
from rvc_portal.models.mandate import Absence, Mandate
from rvc_portal.models.seat import Member
from rvc_portal.queries import deliberation as query
from rvc_portal.queries import documents
from rvc_portal.services import accounts, conflicts, deliberation, papers, submission
from tests import scenes
from tests.scenes import DECLINED, DESIGNATED, Scene, SceneAt

NOW = scenes.SAT
RECUSED = 3
"""Which of the group may not judge the first file."""


class Called:
    """A sitting that is called on two files; one of the group is recused from the first."""

    def __init__(self, scene: Scene):
        self.scene, self.session, self.group = scene, scene.session, scene.players(False)
        self.recuse(self.group[RECUSED])
        self.sitting = deliberation.plan(
            self.session, scene.call, title="Winter", starts_at=NOW + timedelta(days=10), place="Paris", **self.by
        )

    @property
    def by(self) -> dict:
        return {"actor": self.scene.actor(self.scene.officer, NOW), "now": NOW}

    def recuse(self, player: Player, name: str = DESIGNATED) -> None:
        conflicts.declare(
            self.session, self.scene.dossier(name), player.seat.id, actor_id=player.account.id, reason="Kin", now=NOW
        )

    def given(self, account: object, language: str = "en") -> Document | None:
        """The papers that a person reads in a language."""
        shown = documents.of_sitting(self.session, self.scene.actor(account, NOW), self.sitting)
        found = [s.document for s in shown if (s.document.kind, s.document.language) == (Doc.SESSION_PAPERS, language)]
        assert len(found) <= 1
        return found[0] if found else None

    def ids(self) -> dict[str, object]:
        """Which document each of three readers has: of the Secretariat, recused, of the group."""
        readers = {"officer": self.scene.officer, "recused": self.group[RECUSED].account, "free": self.group[0].account}
        return {who: getattr(self.given(account), "id", None) for who, account in readers.items()}


@pytest.fixture
def called(scene_at: SceneAt) -> Called:
    return Called(scene_at("in_review"))


def test_each_reads_their_own_papers_in_both_languages(called: Called) -> None:
    number = next(
        n for n, i in enumerate(query.items(called.session, called.sitting)) if i.dossier.lead_city == DESIGNATED
    )
    for language in ("en", "fr"):
        whole, shut = (
            called.given(called.group[0].account, language),
            called.given(called.group[RECUSED].account, language),
        )
        assert whole is not None
        assert shut is not None
        assert whole == called.given(called.scene.officer, language)
        detail = whole.context["items"][number]["detail"]
        assert (detail["dossier"]["city"], len(detail["summary"])) == (DESIGNATED, 2)
        assert detail["screening"]["admitted_at"] is not None
        assert len(detail["screening"]["checks"]) == len(scenes.told().checklist)
        assert all(score["reason"] for sheet in detail["sheets"] for score in sheet["scores"])
        assert shut.context["items"][number] == {"number": number + 1, "closed": True, "detail": None}
        assert DESIGNATED not in str(shut.context)
        assert DECLINED in str(shut.context)
        reads = called.scene.actor(called.group[RECUSED].account, NOW)
        assert documents.readable_of_sitting(called.session, reads, whole.id) is None
        assert documents.readable_of_sitting(called.session, reads, shut.id) is not None


def test_nobody_else_reads_them(called: Called) -> None:
    scene = called.scene
    some = accounts.create_account(called.session, email="some@network.example", name="Some", now=NOW, language="en")
    accounts.grant_role(called.session, some, Role.SECRETARIAT, now=NOW, scope=Scope(field="literature"))
    called.session.flush()
    for account in (scene.lead(), scene.direction, scene.players()[0].account, some):
        assert called.given(account) is None


def test_a_call_that_hides_evaluators_hides_them_here(scene_at: SceneAt) -> None:
    scene = scene_at("in_review")
    scene.redefine(blind=Blind.BOTH)
    for number, assignment in enumerate(scene.session.scalars(sa.select(Assignment)), 1):
        assignment.number = number
    called = Called(scene)
    found, french = called.given(scene.officer), called.given(scene.officer, "fr")
    assert found is not None
    assert french is not None
    assert not any(p.seat.name in str([i["detail"]["sheets"] for i in found.context["items"]]) for p in scene.players())
    assert "Member " in str(found.context["items"])
    assert "Membre " in str(french.context["items"])


def test_a_move_takes_the_papers_away_until_they_are_issued_again(called: Called) -> None:
    before = called.ids()
    last = query.items(called.session, called.sitting)[-1]
    deliberation.move(called.session, called.sitting, last, by=-1, **called.by)
    assert set(called.ids().values()) == {None}
    papers.issue(called.session, called.sitting, **called.by)
    after = called.ids()
    assert None not in after.values()
    assert not set(after.values()) & set(before.values())
    papers.issue(called.session, called.sitting, **called.by)
    assert called.ids() == after


def test_what_changes_an_item_takes_them_from_those_to_whom_it_is_open(called: Called) -> None:
    before = called.ids()
    _, judge = called.scene.assignments(called.scene.dossier())[0]
    called.recuse(judge)  # a sheet that was closed counts no more
    assert called.ids() == before | {"officer": None, "free": None}
    papers.issue(called.session, called.sitting, **called.by)
    found = called.given(called.scene.officer)
    assert found is not None
    assert called.ids()["recused"] == before["recused"]
    sheets = {i["detail"]["dossier"]["city"]: len(i["detail"]["sheets"]) for i in found.context["items"]}
    assert sheets[DESIGNATED] == len(called.scene.assignments(called.scene.dossier())) - 1


def test_a_file_that_is_withdrawn_leaves_them(called: Called) -> None:
    submission.withdraw(
        called.session, called.scene.dossier(DECLINED), reason="No.", now=NOW,
        actor=called.scene.actor(called.scene.lead(DECLINED), NOW),
    )  # fmt: skip
    assert set(called.ids().values()) == {None}
    papers.issue(called.session, called.sitting, **called.by)
    found = called.given(called.scene.officer)
    assert found is not None
    assert [i["closed"] for i in found.context["items"]] == [False, False]
    assert [i["detail"] is None for i in found.context["items"]].count(True) == 1
    assert DECLINED not in str(found.context)


def test_who_is_recused_later_reads_none_until_theirs_are_issued(called: Called) -> None:
    late = called.group[0]
    called.recuse(late, DECLINED)
    assert called.ids()["free"] is None
    papers.issue(called.session, called.sitting, **called.by)
    found = called.given(late.account)
    assert found is not None
    assert DECLINED not in str(found.context)


def test_new_files_are_put_at_the_end_with_new_papers(called: Called) -> None:
    before, items = called.ids(), query.items(called.session, called.sitting)
    called.session.delete(items[-1])
    called.session.flush()
    deliberation.complete(called.session, called.sitting, **called.by)
    again = query.items(called.session, called.sitting)
    assert [i.dossier_id for i in again] == [i.dossier_id for i in items]
    assert None not in called.ids().values()
    deliberation.complete(called.session, called.sitting, **called.by)
    assert [i.id for i in query.items(called.session, called.sitting)] == [i.id for i in again]
    assert before["officer"] is not None


def test_no_papers_are_issued_once_it_is_over(called: Called) -> None:
    deliberation.begin(called.session, called.sitting, **called.by)
    deliberation.close(called.session, called.sitting, **called.by)
    before = called.ids()
    with pytest.raises(Refused, match="closed"):
        papers.issue(called.session, called.sitting, **called.by)
    assert called.ids() == before


def test_who_is_expected_and_who_sits_for_whom(called: Called) -> None:
    session, at = called.session, called.sitting.starts_at
    coordinator = called.group[0].seat
    deputy = accounts.create_seat(session, kind="deputy", name="The deputy", field=coordinator.field)
    accounts.give_seat(session, deputy, called.group[1].account, now=NOW)
    city = Member(
        city="Kraków", country="PL", field="literature", year=2013, region="europe_north_america", latitude=50.06,
        longitude=19.94, verified=True,
    )  # fmt: skip
    session.add(city)
    session.flush()
    by = {"begun_at": NOW, "begun_by": called.scene.officer.id, "origin": "recorded", "due_year": 2017}
    mandate = Mandate(
        kind="coordinator", field=coordinator.field, seat_id=coordinator.id, member_id=city.id, from_at=NOW,
        until_at=NOW + timedelta(days=700), **by,
    )  # fmt: skip
    session.add(mandate)
    session.flush()
    session.add(Absence(mandate_id=mandate.id, from_at=at, until_at=at + timedelta(days=1), said_at=NOW,
                        said_by=called.scene.officer.id))  # fmt: skip
    session.flush()
    found = {e.id: e for e in query.expected(session, called.sitting)}
    assert (found[coordinator.id].apologised, found[coordinator.id].deputy) == (True, True)
    assert found[deputy.id].sits_for
    assert found[coordinator.id].name["fr"] + " (adjoint)" == found[deputy.id].name["fr"] != coordinator.name
    assert len(found) == len(called.group) + 1
    deliberation.begin(session, called.sitting, **called.by)
    person = called.scene.actor(called.group[0].account, NOW)
    deliberation.attend(session, called.sitting, coordinator.id, conflicted={}, actor=person, now=NOW)
    found = {e.id: e for e in query.expected(session, called.sitting)}
    assert found[coordinator.id].arrived_at == NOW
    assert deputy.id not in found


def test_a_city_for_which_nobody_acts_yet_is_expected_all_the_same(called: Called) -> None:
    session = called.session
    seat = accounts.create_seat(session, kind="co_opted", name="Aswan", country="EG", city="Aswan")
    city = Member(
        city="Aswan", country="EG", field="crafts", year=2005, region="arab_states", latitude=24.09, longitude=32.9,
        verified=True,
    )  # fmt: skip
    session.add(city)
    session.flush()
    session.add(
        Mandate(kind="co_opted", seat_id=seat.id, member_id=city.id, from_at=NOW, until_at=NOW + timedelta(days=700),
                begun_at=NOW, begun_by=called.scene.officer.id, origin="co_option", due_year=2017)
    )  # fmt: skip
    session.flush()
    found = next(e for e in query.expected(session, called.sitting) if e.id == seat.id)
    assert (found.name["en"], found.persons, found.arrived_at) == ("Aswan", (), None)
