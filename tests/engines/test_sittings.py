"""Two at once at a sitting, on both databases: one acts, the other is told; no vote is lost and none is counted twice."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from rvc_portal.domain.deliberation import Choice, MotionKind, Tally
from rvc_portal.domain.errors import Refused
from rvc_portal.models.base import db
from rvc_portal.models.steering import AgendaItem, Attendance, Motion, Opinion, SteeringSession, Vote
from rvc_portal.queries.composition import told_apart
from rvc_portal.services import deliberation
from tests.engines.sittings import Copied, on_postgresql, on_sqlite, played_postgresql  # noqa: F401
from tests.engines.test_spine import at_once, journal_holds
from tests.scenes import DECLINED, Scene, shelf  # noqa: F401
from tests.services.test_deliberation import Table

Deed = Callable[[Table], object]


@pytest.fixture(params=["on_sqlite", pytest.param("on_postgresql", marks=pytest.mark.postgres)])
def sat(request: pytest.FixtureRequest) -> Flask:
    """Eight sit, the first has the chair, the first item is at hand."""
    copied: Copied = request.getfixturevalue(request.param)
    app = copied()
    with app.app_context():
        Table(Scene(app)).take_up()
        db.session.commit()
    return app


class Seated(Table):
    """The table as another process finds it: everybody sits already."""

    def __init__(self, scene: Scene):
        self.scene, self.session = scene, scene.session
        self.group = scene.players(False)
        self.sitting = self.session.scalars(sa.select(SteeringSession)).one()
        self.chair = self.group[0]


def together(app: Flask, *deeds: Deed) -> list[BaseException | None]:
    """Do all of it at the same time, each in a session of its own that has read the table before; what each raised."""
    return at_once(app, [lambda scene, deed=deed: deed(Seated(scene)) for deed in deeds])


def before(app: Flask, *deeds: Deed) -> None:
    with app.app_context():
        for deed in deeds:
            deed(Seated(Scene(app)))
        db.session.commit()
        db.session.remove()


def voting_for(number: int, choice: Choice = Choice.IN_FAVOUR) -> Deed:
    return lambda table: table.cast(table.item(), table.group[number], choice)


def motion(table: Table) -> object:
    return table.motion(table.item())


def refused(ends: list[BaseException | None]) -> list[str]:
    """What those were told who were too late; everybody else got through."""
    assert all(end is None or isinstance(end, Refused) for end in ends), ends
    return [str(end) for end in ends if end is not None]


def test_two_windows_of_one_seat_vote_once(sat: Flask) -> None:
    before(sat, motion)
    ends = together(sat, voting_for(1), voting_for(1, Choice.AGAINST), voting_for(1))
    assert ends.count(None) == 1
    assert all("voted on this motion already" in told for told in refused(ends))
    with sat.app_context():
        assert len(db.session.scalars(sa.select(Vote)).all()) == 1


def test_all_who_vote_at_once_are_counted(sat: Flask) -> None:
    before(sat, motion)
    with sat.app_context():
        version = Seated(Scene(sat)).item().version
        db.session.remove()
    assert refused(together(sat, *(voting_for(n) for n in range(8)))) == []
    before(sat, lambda table: table.close_vote(table.item()))
    with sat.app_context():
        closed = db.session.scalars(sa.select(Motion)).one()
        assert (closed.in_favour, closed.seats, closed.carried) == (8, 8, True)
        assert Seated(Scene(sat)).item().version == version + 9  # no screen misses one of them
        assert journal_holds(sat)


@pytest.mark.parametrize("votes", [3, 4])
def test_a_vote_that_comes_in_while_the_vote_is_closed_counts_or_is_refused(sat: Flask, votes: int) -> None:
    before(sat, motion, *(voting_for(n) for n in range(votes)))
    ends = together(sat, lambda table: table.close_vote(table.item()), voting_for(5), voting_for(6))
    assert ends[0] is None
    assert all("No vote by name is running" in told for told in refused(ends))
    with sat.app_context():
        kept = len(db.session.scalars(sa.select(Vote)).all())
        closed = db.session.scalars(sa.select(Motion)).one()
        assert closed.in_favour == kept == votes + ends[1:].count(None)


def test_an_item_is_not_concluded_over_a_vote_that_opens_at_once(sat: Flask) -> None:
    def carried(table: Table) -> None:
        table.words(table.item())
        table.motion(table.item(), by_name=False)
        table.close_vote(table.item(), Tally(8))

    before(sat, carried)
    ends = together(sat, lambda table: table.conclude(table.item()), motion)
    assert ends.count(None) == 1
    with sat.app_context():
        opinions = db.session.scalars(sa.select(Opinion)).all()
        running = db.session.scalars(sa.select(Motion).where(Motion.closed_at.is_(None))).all()
        assert (len(opinions), len(running)) == ((1, 0) if ends[0] is None else (0, 1))
        assert ("concluded" if ends[0] is None else "A vote is running") in refused(ends)[0]
        assert journal_holds(sat)


def test_a_double_click_concludes_once(sat: Flask) -> None:
    def carried(table: Table) -> None:
        table.words(table.item())
        table.motion(table.item(), by_name=False, kind=MotionKind.REJECT)
        table.close_vote(table.item(), Tally(8))

    before(sat, carried)
    ends = together(sat, *[lambda table: table.conclude(table.item())] * 3)
    assert ends.count(None) == 1
    assert all("concluded" in told or "not at this item" in told for told in refused(ends))
    with sat.app_context():
        assert len(db.session.scalars(sa.select(Opinion)).all()) == 1


def test_of_two_who_take_the_chair_one_has_it(sat: Flask) -> None:
    before(sat, lambda table: deliberation.release_chair(table.session, table.sitting, **table.by(table.chair)))

    def taking(number: int) -> Deed:
        return lambda table: deliberation.take_chair(
            table.session, table.sitting, table.group[number].seat.id, **table.by(table.group[number])
        )

    ends = together(sat, taking(2), taking(3))
    assert ends.count(None) == 1
    with sat.app_context():
        table = Seated(Scene(sat))
        winner = table.group[2 if ends[0] is None else 3].seat
        assert table.sitting.chair_id == winner.id
        assert refused(ends) == [f"{told_apart(winner)} has the chair already."]


def test_two_windows_of_the_chair_leave_one_item_at_hand(sat: Flask) -> None:
    before(sat, lambda table: deliberation.put_down(table.session, table.sitting, **table.by(table.chair)))
    ends = together(sat, lambda table: table.take_up(), lambda table: table.take_up(DECLINED))
    assert refused(ends) == []  # one after the other: the later one holds
    with sat.app_context():
        assert len(db.session.scalars(sa.select(AgendaItem).where(AgendaItem.at_hand)).all()) == 1


def test_who_declares_an_interest_while_voting_does_both_or_neither(sat: Flask) -> None:
    """A vote that came first is struck out, one that came later is refused."""
    before(sat, motion)

    def declare(table: Table) -> None:
        seat = table.group[4].seat.id
        deliberation.declare_interest(
            table.session, table.sitting, table.item(), seat, reason="Kin", **table.by(table.group[4])
        )

    ends = together(sat, declare, voting_for(4))
    assert ends[0] is None
    assert all("recused" in told for told in refused(ends))
    with sat.app_context():
        assert db.session.scalars(sa.select(Vote)).all() == []


def test_two_who_come_at_once_both_sit(sat: Flask) -> None:
    def leave(number: int) -> Deed:
        return lambda table: table.session.execute(
            sa.delete(Attendance).where(Attendance.seat_id == table.group[number].seat.id)
        )

    def come(number: int) -> Deed:
        def attend(table: Table) -> None:
            deliberation.attend(
                table.session,
                table.sitting,
                table.group[number].seat.id,
                conflicted={},
                **table.by(table.group[number]),
            )

        return attend

    before(sat, leave(6), leave(7))
    assert refused(together(sat, come(6), come(7))) == []
    with sat.app_context():
        assert len(db.session.scalars(sa.select(Attendance)).all()) == 8
