"""Who is called to a sitting by mail, what the mail says, and what it keeps from who is recused."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from rvc_portal.demonstration.story import Player
from rvc_portal.domain.errors import InvalidInput, Refused
from rvc_portal.domain.vocabulary import JobKind
from rvc_portal.models.document import Document
from rvc_portal.models.job import Job, Mail
from rvc_portal.queries import deliberation as query
from rvc_portal.services import accounts, conflicts, deliberation, mailing, papers
from tests import scenes
from tests.scenes import DECLINED, DESIGNATED, Scene

NOW, STARTS = scenes.REFERRED, scenes.SAT
RECUSED = 1


class Called:
    """A sitting that is called on two files; the second member of the group is recused from the first file."""

    def __init__(self, scene: Scene):
        self.scene, self.session, self.group = scene, scene.session, scene.players(False)
        self.recused = self.group[RECUSED]
        conflicts.declare(
            self.session, scene.dossier(), self.recused.seat.id, actor_id=self.recused.account.id, reason="Kin", now=NOW
        )
        self.sitting = deliberation.plan(
            self.session, scene.call, title="Winter", starts_at=STARTS, place="Paris", **self.by()
        )

    def by(self, later: int = 0) -> dict[str, Any]:
        at = NOW + timedelta(minutes=later)
        return {"actor": self.scene.actor(self.scene.officer, at), "now": at}

    def mails(self, player: Player, act: str | None = None) -> list[Mail]:
        found = self.session.scalars(
            sa.select(Mail).where(Mail.template == "sitting", Mail.to_address == player.account.email)
        )
        return [mail for mail in found if act in (None, mail.context["act"])]

    def body(self, player: Player, act: str) -> str:
        (mail,) = self.mails(player, act)
        return mailing.message(mail, "https://portal.example").body


@pytest.fixture
def called(scene_at: Callable[[str], Scene]) -> Called:
    return Called(scene_at("in_review"))


def test_everybody_of_the_group_is_called_once_and_reads_what_is_open_to_them(called: Called) -> None:
    for player in called.group:
        assert len(called.mails(player)) == 1
    body = called.body(called.group[0], "called")
    assert DESIGNATED in body
    assert DECLINED in body
    assert "25 November 2015, 11:00 (Europe/Paris), 10:00 UTC" in body
    assert "Paris\n" in body
    assert f"/sittings/{called.sitting.id}\n" in body
    jobs = set(called.session.scalars(sa.select(Job.subject_id).where(Job.kind == JobKind.MAIL)))
    assert {called.mails(p)[0].id for p in called.group} <= jobs


def test_who_is_recused_reads_nothing_of_the_item(called: Called) -> None:
    (mail,) = called.mails(called.recused)
    assert DESIGNATED not in repr(mail.context)
    assert called.scene.dossier().reference not in repr(mail.context)
    body = called.body(called.recused, "called")
    assert DECLINED in body
    assert "What is closed to you is not listed." in body
    assert "What is closed to you" not in called.body(called.group[0], "called")


def test_a_clock_of_the_own_country_is_told_where_it_has_one(called: Called) -> None:
    for country, expected in (("KR", "Asia/Seoul"), ("US", None)):
        called.group[0].seat.country = country
        deliberation.change(
            called.session, called.sitting, title="Winter", starts_at=STARTS, place=country, **called.by()
        )
        latest = next(m for m in called.mails(called.group[0]) if m.context["place"] == country)
        assert latest.context["own_zone"] == expected


def test_a_sitting_that_moves_is_told_with_papers_that_say_so(called: Called) -> None:
    before = set(_papers(called))
    deliberation.change(
        called.session,
        called.sitting,
        title="Winter",
        starts_at=STARTS + timedelta(days=1),
        place="Lyon",
        **called.by(),
    )
    assert "26 November 2015" in called.body(called.group[0], "moved")
    assert DESIGNATED not in called.body(called.recused, "moved")
    assert before
    assert not before & set(_papers(called))


def test_a_title_that_changes_alone_is_no_news(called: Called) -> None:
    deliberation.change(
        called.session, called.sitting, title="Winter 2015", starts_at=STARTS, place="Paris", **called.by()
    )
    assert len(called.mails(called.group[0])) == 1
    assert called.sitting.title == "Winter 2015"


def test_an_agenda_is_told_again_only_to_whom_it_reads_anew(called: Called) -> None:
    deliberation.arrange(called.session, called.sitting, **called.by(1))
    assert len(called.mails(called.group[0])) == 1  # nothing has changed
    first = next(iter(query.items(called.session, called.sitting)))
    deliberation.move(called.session, called.sitting, first, by=1, **called.by(2))
    assert len(called.mails(called.group[0])) == 1  # told when its papers are issued, not at every step
    papers.issue(called.session, called.sitting, **called.by(3))
    assert len(called.mails(called.group[0], "agenda")) == 1
    papers.issue(called.session, called.sitting, **called.by(4))
    assert len(called.mails(called.group[0], "agenda")) == 1


def test_what_changes_behind_a_closed_item_is_no_mail(called: Called) -> None:
    """A second interest closes the rest to one more member; nobody else hears of it."""
    other = called.group[2]
    conflicts.declare(
        called.session, called.scene.dossier(DECLINED), other.seat.id, actor_id=other.account.id, reason="Kin", now=NOW
    )
    papers.issue(called.session, called.sitting, **called.by())
    assert {p.account.email for p in called.group if called.mails(p, "agenda")} == {other.account.email}


def test_a_sitting_is_cancelled_with_a_reason_and_is_over(called: Called) -> None:
    with pytest.raises(InvalidInput):
        deliberation.cancel(called.session, called.sitting, reason=" ", **called.by())
    deliberation.cancel(called.session, called.sitting, reason="The room burnt down.", **called.by())
    body = called.body(called.recused, "cancelled")
    assert "The room burnt down." in body
    assert DECLINED not in body
    assert called.sitting.cancelled
    assert not _papers(called)
    for act in (
        lambda: deliberation.begin(called.session, called.sitting, **called.by()),
        lambda: deliberation.arrange(called.session, called.sitting, **called.by()),
        lambda: deliberation.cancel(called.session, called.sitting, reason="Again", **called.by()),
    ):
        with pytest.raises(Refused, match="cancelled"):
            act()


def test_a_sitting_that_has_begun_is_neither_moved_nor_cancelled(called: Called) -> None:
    deliberation.begin(called.session, called.sitting, **called.by())
    with pytest.raises(Refused, match="begun already"):
        deliberation.cancel(called.session, called.sitting, reason="Late", **called.by())
    with pytest.raises(Refused, match="begun already"):
        deliberation.change(called.session, called.sitting, title="W", starts_at=STARTS, place="P", **called.by())


def test_who_acts_for_two_seats_is_written_to_once(called: Called) -> None:
    first, second = called.group[0], called.group[3]
    accounts.give_seat(called.session, second.seat, first.account, now=NOW)
    deliberation.change(called.session, called.sitting, title="W", starts_at=STARTS, place="Lyon", **called.by())
    (mail,) = called.mails(first, "moved")
    assert len(mail.context["seats"]) == 2


def test_whoever_is_not_of_the_group_hears_nothing(called: Called) -> None:
    told = set(called.session.scalars(sa.select(Mail.to_address).where(Mail.template == "sitting")))
    assert told == {p.account.email for p in called.group}
    assert called.scene.officer.email not in told


def _papers(called: Called) -> list[Any]:
    called.session.flush()
    return list(
        called.session.scalars(
            sa.select(Document.id).where(
                Document.session_id == called.sitting.id, Document.superseded_at.is_(None),
                Document.kind == "SESSION_PAPERS",
            )
        )
    )  # fmt: skip
