"""Mandates, elections and co-options through the services."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from rvc_portal.demonstration.cast import OFFICER
from rvc_portal.domain.ballot import TieRule
from rvc_portal.domain.errors import InvalidInput, Refused
from rvc_portal.domain.vocabulary import SeatKind
from rvc_portal.models.ballot import Ballot, Candidate, Voter
from rvc_portal.models.call import Call
from rvc_portal.models.document import Document
from rvc_portal.models.job import Mail
from rvc_portal.models.journal import JournalEntry
from rvc_portal.models.mandate import CoOption, Mandate
from rvc_portal.models.seat import Member, Seat
from rvc_portal.queries import accounts as people
from rvc_portal.queries import ballots as ballot_query
from rvc_portal.queries import composition as query
from rvc_portal.services import accounts, ballots, co_options, deliberation, journal, mandates, members, network_acts
from rvc_portal.settings import DATA_FILES

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2015, 6, 1, 12, tzinfo=PARIS)
ADOPTED = date(2015, 5, 28)


class Group:
    """The Network of 2015 with whatever composition the test lets begin."""

    def __init__(self, scene):
        self.session = scene.session
        self.officer = people.actor_of(self.session, people.by_email(self.session, OFFICER), NOW)
        members.load(self.session, (DATA_FILES / "members-2015.csv").read_bytes(), NOW)

    def member(self, city, field="literature"):
        return self.session.scalars(sa.select(Member).where(Member.city == city, Member.field == field)).one()

    def record(self, city, kind=SeatKind.COORDINATOR, field="literature", start=ADOPTED, **more):
        return mandates.record(self.session, self.member(city, field), kind, start, actor=self.officer, now=NOW, **more)

    def person_of(self, city, field="literature", number=1):
        """Somebody who acts for the member city."""
        member, session = self.member(city, field), self.session
        email = f"{city.lower().replace(' ', '-')}-{field}-{number}@members.example"
        account = people.by_email(session, email) or accounts.create_account(
            session, email=email, name=f"Person {number} of {city}", now=NOW
        )
        seat = session.scalar(
            sa.select(Seat).where(Seat.kind == "member", Seat.city == member.city, Seat.field == field)
        ) or accounts.create_seat(
            session, kind=SeatKind.MEMBER, name=city, field=field, country=member.country, city=member.city
        )
        if account.id not in {h.account_id for h in seat.holders}:
            accounts.give_seat(session, seat, account, now=NOW - timedelta(days=90))
            session.expire(seat)
        return self.actor(account)

    def actor(self, account, at=NOW):
        return people.actor_of(self.session, account, at)

    def acts_for(self, mandate, at=NOW):
        """The first of those who act for a mandate's seat."""
        account = next(h.account for h in mandate.seat.holders if h.until_at is None or h.until_at > at)
        return self.actor(account, at)

    def announce(self, rule=TieRule.SECOND_ROUND, cities=("Dublin", "Norwich"), **more):
        terms = ballots.Terms(
            **{
                "field": "literature", "kind": SeatKind.DEPUTY, "opens_on": date(2015, 6, 10),
                "closes_on": date(2015, 6, 20), "term_from": date(2015, 6, 21), "tie_rule": rule, **more,
            }
        )  # fmt: skip
        ballot = ballots.announce(self.session, terms, actor=self.officer, now=NOW)
        for city in cities:
            ballots.stand(
                self.session, ballot, self.member(city), statement=f"{city} stands.", language="en",
                actor=self.person_of(city), now=NOW,
            )  # fmt: skip
        return ballot

    def vote(self, ballot, city, choice, at=None, number=1):
        ballots.vote(
            self.session, ballot, self.member(city), self.member(choice).id if choice else None,
            actor=self.person_of(city, number=number), now=at or OPEN,
        )  # fmt: skip

    def count(self, ballot, at=None):
        return ballots.count(self.session, ballot, actor=self.officer, now=at or OVER)

    def documents(self, kind):
        return self.session.scalars(sa.select(Document).where(Document.kind == kind).order_by(Document.issued_at)).all()


OPEN, OVER = datetime(2015, 6, 15, 12, tzinfo=PARIS), datetime(2015, 6, 21, 0, tzinfo=PARIS)


@pytest.fixture
def group(scene_at):
    return Group(scene_at("drafts"))


def refusal(error):
    (found,) = [r for refusals in error.value.problems.values() for r in refusals]
    return found


def test_a_mandate_ends_where_the_network_renews_its_group(group):
    coordinator, host = group.record("Reykjavík"), group.record("Östersund", SeatKind.HOST, "gastronomy")
    assert (coordinator.due_year, host.due_year) == (2016, 2016)
    assert coordinator.until_at == datetime(2016, 9, 17, tzinfo=PARIS)
    later = group.record("Dublin", start=date(2019, 1, 1))
    assert (later.due_year, later.until_at) == (2021, datetime(2021, 1, 2, tzinfo=PARIS))


def test_a_mandate_that_overlaps_is_refused_naming_the_other(group):
    group.record("Reykjavík")
    with pytest.raises(InvalidInput) as error:
        group.record("Dublin", start=date(2016, 9, 16))
    assert refusal(error).params["city"] == "Reykjavík"
    assert refusal(error).params["last"] == date(2016, 9, 16)
    with pytest.raises(InvalidInput):
        group.record("Reykjavík", SeatKind.DEPUTY)
    with pytest.raises(InvalidInput):
        group.record("Dublin", start=date(2017, 1, 1), last=date(2016, 12, 31))
    group.record("Dublin", start=date(2016, 9, 17))
    assert len(query.mandates(group.session)) == 2


def test_ending_early_needs_a_reason_and_frees_the_seat(group):
    found = group.record("Reykjavík")
    with pytest.raises(InvalidInput):
        mandates.end(group.session, found, reason=" ", actor=group.officer, now=NOW)
    mandates.end(group.session, found, reason="The city has left.", actor=group.officer, now=NOW)
    assert query.table(group.session, NOW) == []
    with pytest.raises(Refused):
        mandates.end(group.session, found, reason="Again.", actor=group.officer, now=NOW)
    group.record("Dublin", start=NOW.date() + timedelta(days=1))


def test_the_persons_of_the_city_act_for_its_seat_and_those_before_no_longer(group):
    first, second = group.person_of("Reykjavík"), group.person_of("Dublin")
    old = group.record("Reykjavík", last=date(2015, 6, 30))
    assert first.account_id in {h.account_id for h in old.seat.holders}
    group.record("Dublin", start=date(2015, 7, 1))
    at = datetime(2015, 7, 2, tzinfo=PARIS)
    group.session.expire_all()
    acting = set(query.persons(group.session, [old.seat_id], at)[old.seat_id])
    assert acting == {second.name, "Focal point of Dublin"}


def test_a_city_that_sits_again_keeps_its_persons(group):
    first = group.record("Reykjavík", last=date(2015, 6, 30))
    before = query.persons(group.session, [first.seat_id], NOW)[first.seat_id]
    group.record("Reykjavík", start=date(2015, 8, 1))
    at = datetime(2015, 8, 2, tzinfo=PARIS)
    assert query.persons(group.session, [first.seat_id], at)[first.seat_id] == before
    assert query.persons(group.session, [first.seat_id], at - timedelta(days=10)) == {}


def test_the_deputy_sits_while_the_coordinator_is_away(group):
    group.person_of("Reykjavík")
    coordinator, deputy = group.record("Reykjavík"), group.record("Dublin", SeatKind.DEPUTY)
    person = group.acts_for(coordinator)

    def sits(at=NOW):
        (place,) = query.table(group.session, at)
        return place.sits.city

    assert sits() == "Reykjavík"
    said = mandates.say_away(group.session, coordinator, NOW.date(), NOW.date(), actor=person, now=NOW)
    assert sits() == "Dublin"
    assert sits(NOW + timedelta(days=1)) == "Reykjavík"
    with pytest.raises(Refused):
        mandates.take_back(group.session, said, actor=group.person_of("Prague"), now=NOW)
    mandates.take_back(group.session, said, actor=person, now=NOW)
    assert sits() == "Reykjavík"
    assert sits(NOW - timedelta(hours=1)) == "Dublin"  # what was so before stays so
    with pytest.raises(Refused, match="over"):
        mandates.take_back(group.session, said, actor=person, now=NOW)
    later = NOW.date() + timedelta(days=5)
    to_come = mandates.say_away(group.session, coordinator, later, later, actor=person, now=NOW)
    assert sits(NOW + timedelta(days=5)) == "Dublin"
    mandates.take_back(group.session, to_come, actor=person, now=NOW)
    assert sits(NOW + timedelta(days=5)) == "Reykjavík"
    with pytest.raises(Refused):
        mandates.say_away(group.session, deputy, NOW.date(), NOW.date(), actor=group.person_of("Prague"), now=NOW)
    with pytest.raises(InvalidInput):
        mandates.say_away(group.session, coordinator, NOW.date(), NOW.date() - timedelta(days=1), actor=person, now=NOW)


def sitting_on(group, day):
    call = group.session.scalars(sa.select(Call)).one()
    return deliberation.plan(
        group.session, call, title="Summer", starts_at=day, place="Paris", actor=group.officer, now=NOW
    )


def mails_to(group, city):
    address = f"{city.lower()}-literature-1@members.example"
    found = group.session.scalars(sa.select(Mail).where(Mail.template == "sitting", Mail.to_address == address))
    return sorted((m.context["act"], m.context["deputy"]) for m in found)


def test_the_deputy_is_told_who_sits_at_a_sitting_that_is_called(group):
    group.person_of("Reykjavík")
    group.person_of("Dublin")
    coordinator, _ = group.record("Reykjavík"), group.record("Dublin", SeatKind.DEPUTY)
    person = group.acts_for(coordinator)
    day = NOW + timedelta(days=3)
    sitting_on(group, day)
    assert mails_to(group, "Dublin") == [("called", "stands_by")]
    before = mandates.say_away(group.session, coordinator, NOW.date(), NOW.date(), actor=person, now=NOW)
    assert len(mails_to(group, "Dublin")) == 1  # of another day
    said = mandates.say_away(group.session, coordinator, day.date(), day.date(), actor=person, now=NOW)
    assert ("deputy", "stands_in") in mails_to(group, "Dublin")
    mandates.take_back(group.session, said, actor=person, now=NOW)
    assert ("deputy", "stands_by") in mails_to(group, "Dublin")
    mandates.take_back(group.session, before, actor=person, now=NOW)
    assert len(mails_to(group, "Dublin")) == 3


def test_an_absence_is_not_taken_back_once_the_sitting_has_begun(group):
    group.person_of("Reykjavík")
    coordinator = group.record("Reykjavík")
    person, day = group.acts_for(coordinator), NOW + timedelta(hours=1)
    sitting = sitting_on(group, day)
    said = mandates.say_away(group.session, coordinator, day.date(), day.date(), actor=person, now=NOW)
    deliberation.begin(group.session, sitting, actor=group.officer, now=day)
    with pytest.raises(Refused, match="has begun"):
        mandates.take_back(group.session, said, actor=person, now=day)
    deliberation.close(group.session, sitting, actor=group.officer, now=day)
    mandates.take_back(group.session, said, actor=person, now=day)
    assert query.announced(group.session, coordinator.id, day) == []


def test_an_election_says_before_the_count_what_its_mandate_would_overlap(group):
    group.record("Reykjavík", SeatKind.DEPUTY)  # holds the seat until 2016
    group.record("Norwich")  # coordinates
    ballot = group.announce()
    of_seat, of_cities = ballots.obstacles(group.session, ballot)
    assert of_seat.params["city"] == "Reykjavík"
    assert [(r.params["city"], str(r.params["seat_kind"])) for r in of_cities] == [("Norwich", "coordinator")]
    group.vote(ballot, "Dublin", "Dublin")
    with pytest.raises(InvalidInput):
        group.count(ballot)
    free = group.announce(
        cities=("Dublin",), kind=SeatKind.COORDINATOR, opens_on=date(2016, 9, 1), closes_on=date(2016, 9, 10),
        term_from=date(2016, 9, 17),
    )  # fmt: skip
    assert ballots.obstacles(group.session, free) == (None, [])


def test_the_composition_is_issued_in_both_languages_and_superseded(group):
    group.record("Reykjavík")
    group.record("Dublin", SeatKind.DEPUTY)
    found = group.documents("STEERING_COMPOSITION")
    assert [(d.language, d.superseded_at is None) for d in sorted(found, key=lambda d: (d.language, d.superseded_at is None))] == [
        ("en", False), ("en", True), ("fr", False), ("fr", True),
    ]  # fmt: skip
    assert journal.first_broken(group.session, network_acts.CHAIN) is None


def test_who_votes_is_kept_and_what_is_voted_is_a_sum(group):
    ballot = group.announce()
    for city, choice in (("Dublin", "Dublin"), ("Prague", "Dublin"), ("Granada", "Norwich"), ("Heidelberg", None)):
        group.vote(ballot, city, choice)
    with pytest.raises(ValueError, match="before the count"):
        ballot_query.counted(group.session, ballot)
    assert {v.member.city for v in group.session.scalars(sa.select(Voter))} == {
        "Dublin", "Prague", "Granada", "Heidelberg",
    }  # fmt: skip
    acts = set(group.session.scalars(sa.select(JournalEntry.transition)))
    assert not {act for act in acts if "vote" in act}
    with pytest.raises(Refused):
        group.count(ballot, at=OPEN)
    result = group.count(ballot)
    assert result.elected == "Dublin, IE"
    assert ballot_query.counted(group.session, ballot)[1] == 1
    (place,) = query.table(group.session, OVER)
    assert (place.deputy.city, place.sits.city, place.stands_in) == ("Dublin", "Dublin", True)
    assert len(group.documents("BALLOT_RESULT")) == 2
    told = group.documents("BALLOT_RESULT")[0].context
    assert (len(told["voters"]), told["none_of_them"]) == (4, 1)
    with pytest.raises(Refused):
        group.count(ballot)


def test_a_city_votes_once_whoever_acts_for_it(group):
    ballot = group.announce()
    group.vote(ballot, "Prague", "Dublin")
    for number in (1, 2):
        with pytest.raises(Refused, match="voted already"):
            group.vote(ballot, "Prague", "Norwich", number=number)
    assert ballot_query.sums(group.session, ballot)[0][group.member("Dublin").id] == 1


def test_no_vote_outside_the_window_nor_by_who_is_no_member(group):
    ballot = group.announce()
    for at in (NOW, OVER):
        with pytest.raises(Refused):
            group.vote(ballot, "Prague", "Dublin", at=at)
    stranger = group.person_of("Bologna", "music")
    for city in ("Prague", "Dublin"):
        with pytest.raises(Refused, match="acts for"):
            ballots.vote(group.session, ballot, group.member(city), group.member("Dublin").id, actor=stranger, now=OPEN)
    with pytest.raises(InvalidInput):
        group.vote(ballot, "Prague", "Granada")
    assert group.session.scalars(sa.select(Voter)).all() == []


def test_without_candidates_there_is_nothing_to_vote_on_and_nobody_is_elected(group):
    ballot = group.announce(cities=())
    with pytest.raises(Refused, match="Nobody stands"):
        group.vote(ballot, "Prague", None)
    assert group.count(ballot).outcome == "nobody"
    assert query.mandates(group.session) == []


@pytest.mark.parametrize(("votes", "outcome"), [(["Dublin"], "elected"), (["Dublin", None], "nobody"), ([], "nobody")])
def test_one_candidate_needs_more_than_none_of_them(group, votes, outcome):
    ballot = group.announce(cities=("Dublin",))
    for city, choice in zip(("Prague", "Granada"), votes, strict=False):
        group.vote(ballot, city, choice)
    assert group.count(ballot).outcome == outcome


def test_a_tie_goes_to_a_second_round_and_then_to_the_lot(group):
    ballot = group.announce(cities=("Dublin", "Norwich", "Kraków"))
    for city, choice in (("Prague", "Dublin"), ("Granada", "Norwich")):
        group.vote(ballot, city, choice)
    assert group.count(ballot).equal == ("Dublin, IE", "Norwich, GB")
    again = group.session.scalars(sa.select(Ballot).where(Ballot.earlier_id == ballot.id)).one()
    assert {c.member.city for c in again.candidates} == {"Dublin", "Norwich"}
    for city, choice in (("Prague", "Norwich"), ("Granada", "Dublin")):
        group.vote(again, city, choice, at=OVER + timedelta(days=1))
    result = group.count(again, at=again.closes_at)
    assert result.outcome == "by_lot"
    assert result.elected in result.equal
    assert again.seed == result.seed
    assert result.seed in str(group.documents("BALLOT_RESULT")[-1].context)


def test_who_may_stand_and_until_when(group):
    ballot = group.announce(cities=("Dublin",))

    def stand(city, by, field="literature", at=NOW):
        member = group.member(city, field)
        return ballots.stand(group.session, ballot, member, statement="", language="en", actor=by, now=at)

    with pytest.raises(Refused):
        stand("Norwich", group.person_of("Prague"))
    with pytest.raises(InvalidInput):
        stand("Bologna", group.officer, "music")
    with pytest.raises(InvalidInput):
        stand("Dublin", group.officer)
    with pytest.raises(Refused):
        stand("Norwich", group.officer, at=OPEN)
    stand("Norwich", group.officer)
    assert group.session.scalar(sa.select(sa.func.count()).select_from(Candidate)) == 2


def test_an_election_that_cannot_be_is_refused(group):
    group.announce()
    with pytest.raises(InvalidInput, match="field"):
        group.announce()
    wrong = (
        {"opens_on": NOW.date()}, {"closes_on": date(2015, 6, 9)}, {"term_from": date(2015, 6, 15)},
        {"kind": SeatKind.HOST}, {"field": "poetry"},
    )  # fmt: skip
    for changed in wrong:
        with pytest.raises(InvalidInput):
            group.announce(**({"kind": SeatKind.COORDINATOR} | changed))


def test_an_election_into_a_seat_that_is_held_is_not_counted_until_it_is_free(group):
    ballot = group.announce()
    group.vote(ballot, "Prague", "Dublin")
    sitting = group.record("Norwich", SeatKind.DEPUTY)
    with pytest.raises(InvalidInput) as error, group.session.begin_nested():
        group.count(ballot)
    assert refusal(error).params["city"] == "Norwich"
    group.session.refresh(ballot)
    assert ballot.counted_at is None
    mandates.end(group.session, sitting, reason="Its term is over.", actor=group.officer, now=OPEN)
    assert group.count(ballot).elected == "Dublin, IE"


@pytest.fixture
def coordinators(group):
    """Three fields with a coordinator each, all of Europe; their persons."""
    cities = {"literature": "Reykjavík", "music": "Bologna", "film": "Bradford"}
    for field, city in cities.items():
        group.person_of(city, field)
    return {f: group.acts_for(group.record(city, field=f)) for f, city in cities.items()}


def propose(group, actor, city="Aswan", field="crafts", reason="Nobody speaks for the region."):
    return co_options.propose(
        group.session, group.member(city, field), reason=reason, language="en", actor=actor, now=NOW
    )


def test_a_majority_of_the_fields_that_sit_co_opts(group, coordinators):
    found = propose(group, coordinators["literature"])
    co_options.vote(group.session, found, co_options.Choice.FOR, actor=coordinators["literature"], now=NOW)
    assert found.outcome is None
    with pytest.raises(Refused, match="voted already"):
        co_options.vote(group.session, found, co_options.Choice.AGAINST, actor=coordinators["literature"], now=NOW)
    co_options.vote(group.session, found, co_options.Choice.FOR, actor=coordinators["music"], now=NOW)
    assert found.outcome == "adopted"
    with pytest.raises(Refused, match="over"):
        co_options.vote(group.session, found, co_options.Choice.FOR, actor=coordinators["film"], now=NOW)
    mandate = group.session.scalars(sa.select(Mandate).where(Mandate.kind == "co_opted")).one()
    assert (mandate.member.city, mandate.due_year) == ("Aswan", 2016)
    assert query.balance(query.table(group.session, NOW))["arab_states"] == 1
    assert len(group.documents("CO_OPTION")) == 2


def test_a_co_option_that_can_no_longer_win_is_lost(group, coordinators):
    found = propose(group, coordinators["literature"])
    co_options.vote(group.session, found, co_options.Choice.AGAINST, actor=coordinators["literature"], now=NOW)
    co_options.vote(group.session, found, co_options.Choice.ABSTAIN, actor=coordinators["music"], now=NOW)
    assert found.outcome == "lost"
    assert group.documents("CO_OPTION")[0].context["adopted"] is False


def test_only_a_missing_region_is_co_opted_and_only_by_who_sits(group, coordinators):
    for city, field, reason in (("Dublin", "literature", "Why not."), ("Aswan", "crafts", "")):
        with pytest.raises(InvalidInput):
            propose(group, coordinators["music"], city, field, reason)
    with pytest.raises(Refused):
        propose(group, group.officer)
    propose(group, coordinators["music"])
    with pytest.raises(InvalidInput, match="member"):
        propose(group, coordinators["film"])
    assert len(group.session.scalars(sa.select(CoOption)).all()) == 1


def test_who_could_be_co_opted(group, coordinators):
    found = query.available(group.session, ["arab_states", "africa"], NOW)
    assert {m.region for m in found} == {"arab_states", "africa"}
    assert [m.year for m in found] == sorted(m.year for m in found)
    assert {m.field for m in query.available(group.session, ["africa"], NOW, field="music")} == {"music"}
