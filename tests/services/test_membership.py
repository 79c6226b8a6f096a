"""A designated city joins the Network in the transaction that designates it; a member of before is not made twice."""

from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa

from rvc_portal.domain.errors import InvalidInput, Refused
from rvc_portal.domain.vocabulary import Role, SeatKind
from rvc_portal.models.account import Account
from rvc_portal.models.journal import JournalEntry
from rvc_portal.models.seat import Member, Seat
from rvc_portal.queries import assignments, ballots, members, slate
from rvc_portal.services import accounts, conflicts, decision, journal, membership, network_acts
from tests import scenes
from tests.scenes import DECLINED, DESIGNATED, SOON, Scene, SceneAt

AFTER = scenes.PUBLISHED + SOON


@pytest.fixture
def ready(scene_at: SceneAt) -> Scene:
    scene = scene_at("decided")
    scene.pretend_rendered()
    return scene


def publish(scene: Scene, now=scenes.PUBLISHED) -> None:
    decision.publish(scene.session, scene.call, actor=scene.actor(scene.officer, now), now=now)
    scene.commit()


def city(scene: Scene, name: str = DESIGNATED) -> list[Member]:
    return list(scene.session.scalars(sa.select(Member).where(Member.city == name).order_by(Member.field)))


def seats(scene: Scene, name: str = DESIGNATED) -> list[Seat]:
    query = sa.select(Seat).where(Seat.kind == SeatKind.MEMBER, Seat.city == name).order_by(Seat.field)
    return list(scene.session.scalars(query))


def member(field: str = "literature", name: str = DESIGNATED, **more) -> Member:
    return Member(
        **{"city": name, "country": "GB", "field": field, "year": 2004, "region": "europe_north_america", "verified": True,
           "latitude": 52.95, "longitude": -1.15} | more
    )  # fmt: skip


def seated(scene: Scene, account: Account, field: str = "literature") -> Seat:
    seat = accounts.create_seat(
        scene.session, kind=SeatKind.MEMBER, name=DESIGNATED, field=field, country="GB", city=DESIGNATED
    )
    accounts.give_seat(scene.session, seat, account, now=scenes.OPENED)
    scene.commit()
    return seat


def test_the_city_is_a_member_with_its_seat_and_its_focal_point(ready: Scene) -> None:
    publish(ready)
    (made,), (seat,) = city(ready), seats(ready)
    assert (made.country, made.field, made.year, made.region) == ("GB", "literature", 2015, "europe_north_america")
    assert made.dossier_id == ready.dossier().id
    assert (seat.member_id, seat.field, seat.country) == (made.id, "literature", "GB")
    assert [h.account_id for h in seat.holders] == [ready.lead().id], "the lead, and no editor or reader"
    assert city(ready, DECLINED) == seats(ready, DECLINED) == []
    noted = ready.session.scalars(sa.select(JournalEntry).where(JournalEntry.transition == "join_network")).one()
    assert (noted.chain, noted.actor_id, noted.payload["member"]) == (
        network_acts.CHAIN,
        ready.officer.id,
        str(made.id),
    )
    assert journal.first_broken(ready.session, network_acts.CHAIN) is None


def test_nobody_is_a_member_before_publication(ready: Scene) -> None:
    assert city(ready) == seats(ready) == []


def test_at_once_it_elects_judges_counts_and_is_bound_by_conflicts(ready: Scene) -> None:
    before = Counter(m.field for m in slate.members(ready.session))
    publish(ready)
    (made,), (seat,) = city(ready), seats(ready)
    person = ready.actor(ready.lead(), AFTER)
    assert person.has(Role.EVALUATOR)
    assert made in ballots.electorate(ready.session, "literature")
    assert ballots.own_cities(ready.session, person, "literature") == [made]
    assert ballots.own_cities(ready.session, person, "music") == []
    assert seat in assignments.seats(ready.session, "literature")
    assert seat not in assignments.seats(ready.session, "music")
    assert Counter(m.field for m in slate.members(ready.session)) - before == Counter(literature=1)
    own = ready.dossier()
    conflicts.refresh(ready.session, own, now=AFTER)
    assert conflicts.seats_barred(ready.session, own.id)[seat.id] in ("city", "country")
    assert [n.member for n in members.new(ready.session, person, since=2015)] == [made]
    assert members.new(ready.session, person, since=2016) == []
    assert members.new(ready.session, ready.actor(ready.lead(DECLINED), AFTER), since=2015) == []


def test_the_lead_keeps_the_file_of_the_own_city(ready: Scene) -> None:
    publish(ready)
    assert "DESIGNATION_LETTER" in scenes.readable(ready, ready.lead(), ready.dossier(), AFTER)
    assert scenes.known(ready, ready.lead(), AFTER) == {DESIGNATED}


def test_a_member_of_the_same_field_stays_what_it_is(ready: Scene) -> None:
    """Its year and its seat stay; the lead of the candidacy acts for it beside who does already."""
    ready.session.add(member(name=DESIGNATED.upper()))
    focal = ready.member(Role.EDITOR)
    seat = seated(ready, focal)
    publish(ready)
    assert city(ready) == []
    (kept,) = city(ready, DESIGNATED.upper())
    assert (kept.year, kept.latitude, kept.dossier_id) == (2004, 52.95, ready.dossier().id)
    (found,) = seats(ready, DESIGNATED.upper())
    assert (found.id, found.member_id) == (seat.id, kept.id)
    ready.session.refresh(found)
    assert sorted(a.email for a in found.acting(AFTER)) == sorted([ready.lead().email, focal.email])
    for account in (ready.lead(), focal):
        assert ballots.own_cities(ready.session, ready.actor(account, AFTER), "literature") == [kept]


def test_its_own_seat_is_used_and_held_once(ready: Scene) -> None:
    ready.session.add(member())
    seat = seated(ready, ready.lead())
    accounts.give_seat(ready.session, seat, ready.member(Role.EDITOR), now=scenes.OPENED)
    ready.commit()
    publish(ready)
    assert [s.id for s in seats(ready)] == [seat.id]
    ready.session.refresh(seat)
    assert sorted(a.email for a in seat.acting(AFTER)) == sorted([ready.lead().email, ready.member(Role.EDITOR).email])
    assert seat.member_id == city(ready)[0].id


def test_a_member_of_another_field_becomes_one_of_this_field_too(ready: Scene) -> None:
    ready.session.add(member("music"))
    other = seated(ready, ready.member(Role.EDITOR), "music")
    publish(ready)
    assert [(m.field, m.year) for m in city(ready)] == [("literature", 2015), ("music", 2004)]
    assert [s.field for s in seats(ready)] == ["literature", "music"]
    assert other.member_id is None


def test_a_city_of_the_same_name_elsewhere_is_another(ready: Scene) -> None:
    ready.session.add(member(country="US"))
    ready.commit()
    publish(ready)
    assert sorted(m.country for m in city(ready)) == ["GB", "US"]


def test_a_test_call_makes_no_members(ready: Scene) -> None:
    ready.call.test = True
    ready.commit()
    publish(ready)
    assert ready.dossier().state == "designated"
    assert city(ready) == seats(ready) == []


def test_a_publication_that_breaks_off_makes_no_member(ready: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_, **__):
        raise OSError("the power is gone")

    monkeypatch.setattr(decision, "_issue_of_call", fails)
    with pytest.raises(OSError, match="power"):
        publish(ready)
    ready.session.rollback()
    assert city(ready) == seats(ready) == []
    monkeypatch.undo()
    publish(ready)
    assert len(city(ready)) == len(seats(ready)) == 1


def test_the_secretariat_puts_it_on_the_map(ready: Scene) -> None:
    publish(ready)
    (made,) = city(ready)
    assert (made.latitude, made.longitude) == (None, None)
    officer = ready.actor(ready.officer, AFTER)
    for wrong in ((91, 0), (float("nan"), 0)):
        with pytest.raises(InvalidInput):
            membership.place(ready.session, made, *wrong, actor=officer, now=AFTER)
    with pytest.raises(Refused):
        membership.place(ready.session, made, 1, 1, actor=ready.actor(ready.lead(), AFTER), now=AFTER)
    membership.place(ready.session, made, 52.95, -1.15, actor=officer, now=AFTER + timedelta(days=1))
    assert (made.latitude, made.longitude) == (52.95, -1.15)
