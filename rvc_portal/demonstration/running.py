"""A running call with windows around today, and invented towns whose files stand in every state that a call in course has."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from rvc_portal.demonstration import bank, round2015
from rvc_portal.demonstration.cast import Cast, lead_of, nobody
from rvc_portal.demonstration.cities import CityFacts, city
from rvc_portal.demonstration.story import Player, Story, free_seats
from rvc_portal.domain.call import CallDefinition, parse
from rvc_portal.domain.matching import Problem
from rvc_portal.models.call import Call
from rvc_portal.models.dossier import Dossier
from rvc_portal.queries import calls as calls_query
from rvc_portal.queries import proposals as proposed
from rvc_portal.services import calls, proposals, submission

# Days from today on which each window opens and closes.
_WINDOWS = {
    "filing": (-75, 21),
    "screening": (-70, 28),
    "evaluation": (-45, 45),
    "review": (-14, 60),
    "decision": (-7, 75),
    "publication": (90, 91),
}


@dataclass(frozen=True)
class Town:
    """An invented town: what it is like, and where its file is to stand."""

    facts: CityFacts
    state: str
    share: float
    field: str


def towns() -> list[Town]:
    """The towns of the running call, as the data file lists them."""
    return [
        Town(
            facts=replace(
                city(entry["like"]), name=entry["name"], city=entry["name"], local=entry["local"],
                country_iso2=entry["iso2"], language=entry["language"], invented=True,
            ),
            state=entry["state"],
            share=float(entry.get("share", 1)),
            field=entry.get("field", "literature"),
        )
        for entry in bank.load("running")
    ]  # fmt: skip


def definition(now: datetime) -> CallDefinition:
    """The call of 2015 moved to today: the same questions and two more, the same rubric, other dates."""
    data: dict[str, Any] = round2015.definition().to_json()
    zone = ZoneInfo(data["timezone"])
    data["key"] = f"candidacy-{now.year}"
    data["title"] = {language: text.replace("2015", str(now.year)) for language, text in data["title"].items()}
    _ask_more(data["form"])
    more = bank.load("running-pieces")
    data["pieces"] = [piece | more.get(piece["key"], {}) for piece in data["pieces"]]
    data["sign_offs"] = bank.load("sign-offs")
    data |= bank.load("running-terms")
    _move_years(data["form"], now.year - round2015.definition().filing.opens_at.year)
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    data["windows"] = {
        name: {
            "opens": (midnight + timedelta(days=opens)).isoformat(timespec="minutes"),
            "closes": (midnight + timedelta(days=closes)).isoformat(timespec="minutes"),
        }
        for name, (opens, closes) in _WINDOWS.items()
    }
    return parse(data)


def _ask_more(form: dict[str, Any]) -> None:
    """The questions that only this call asks, each put behind another one."""
    for entry in bank.load("running-form"):
        for section in form["sections"]:
            place = next((n for n, q in enumerate(section["questions"], 1) if q["key"] == entry["after"]), None)
            if place is not None:
                section["questions"].insert(place, entry["question"])


def _move_years(form: dict[str, Any], by: int) -> None:
    """The years that tables ask for move along with the call."""
    questions = (question for section in form["sections"] for question in section["questions"])
    parts = (part for question in questions for part in question.get("parts", ()))
    for part in parts:
        if part["type"] == "year":
            part["minimum"], part["maximum"] = part["minimum"] + by, part["maximum"] + by


def play(story: Story, cast: Cast, now: datetime, password: str) -> Call:
    """Open the running call and bring each town's file to its state."""
    told = definition(now)
    start = told.filing.opens_at
    call = calls.open_call(story.session, told, actor=nobody(), now=start, demonstration=True)
    story.commit()
    files = [
        (town, _filed(story, call, town, start + timedelta(days=3 + n), password, now))
        for n, town in enumerate(towns())
    ]
    _screened(story, files, cast, now, password)
    _proposed(story, call, cast, now - timedelta(days=44, hours=2))
    _evaluated(story, files, cast, now)
    _reviewed(story, call, files, cast, now)
    return call


Files = list[tuple[Town, Dossier]]


def _filed(story: Story, call: Call, town: Town, at: datetime, password: str, now: datetime) -> Dossier:
    at = at.astimezone(UTC) + timedelta(hours=10)
    lead = lead_of(story.session, town.facts, at, password)
    story.commit()
    dossier = story.open_dossier(call, town.facts, lead, at, town.field)
    story.write(dossier, lead, at + timedelta(hours=5), town.share)
    if town.state == "draft":
        story.invite(dossier, lead, now - timedelta(days=1))
    else:
        story.sign_off(dossier, lead, at + timedelta(hours=7))
        story.endorse(dossier, lead, at + timedelta(hours=8))
        story.submit(dossier, lead, at + timedelta(hours=9))
    return dossier


def _screened(story: Story, files: Files, cast: Cast, now: datetime, password: str) -> None:
    for town, dossier in files:
        if town.state == "dismissed":
            story.dismiss(dossier, cast.officer, now - timedelta(days=33))
        elif town.state == "lapsed":
            story.return_file(dossier, cast.officer, now - timedelta(days=40))
        elif town.state == "returned":
            story.return_file(dossier, cast.officer, now - timedelta(days=3))
        elif town.state == "withdrawn":
            lead = lead_of(story.session, town.facts, now, password)
            story.withdraw(dossier, lead, now - timedelta(days=20))
        elif town.state in ("in_evaluation", "in_review", "awaiting_decision"):
            story.screen(dossier, cast.officer, now - timedelta(days=46))
            story.admit(dossier, cast.officer, now - timedelta(days=45))
    submission.lapse_due(story.session, now - timedelta(days=5))
    story.commit()


def _proposed(story: Story, call: Call, cast: Cast, now: datetime) -> None:
    """The Secretariat has evaluators proposed, changes its mind once, and tries out a file of its own; then it asks
    everybody who is free."""
    from rvc_portal.gateways import solver  # not before a demonstration is made: it is large

    officer = story.actor(cast.officer, now)
    terms = proposed.usual_terms(calls_query.definition(call), ["literature"], seed=2015)
    kept = proposals.order(story.session, call, terms, actor=officer, now=now)
    problem = Problem.from_json(kept.inputs)
    proposals.record(story.session, kept.id, problem, solver.solve(problem, terms.seed), now + timedelta(seconds=2))
    dropped = proposals.order(story.session, call, replace(terms, maximum_load=1), actor=officer, now=now)
    story.commit()
    proposals.cancel(story.session, dropped, actor=officer, now=now + timedelta(minutes=1))
    query = sa.select(Dossier.reference).where(Dossier.call_id == call.id).order_by(Dossier.reference)
    references = story.session.scalars(query).all()
    rows = [(reference, "Granada") for reference in references] + [(references[-1], "=A1"), ("?", "Granada")]
    content = "\n".join(",".join(row) for row in [("reference", "evaluator"), *rows]).encode()
    proposals.from_file(story.session, call, content, actor=officer, now=now + timedelta(minutes=5))
    story.commit()


def _evaluated(story: Story, files: Files, cast: Cast, now: datetime) -> None:
    """Files in evaluation are in the middle of it: of their evaluators some have closed, some begun, some not declared."""
    for town, dossier in files:
        if town.state not in ("in_evaluation", "in_review", "awaiting_decision"):
            continue
        players = free_seats(dossier, cast.evaluators)
        story.assign(dossier, [p.seat.id for p in players], cast.officer, now - timedelta(days=44))
        half_way = town.state == "in_evaluation"
        done = [(3, 2, 0)[n % 3] if half_way else 3 for n in range(len(players))]  # of the three acts below
        for reach, act in enumerate((_declare, _score, _close)):
            for number, player in enumerate(players):
                if reach < done[number]:
                    act(story, dossier, player, now - timedelta(days=42 - 10 * reach) + timedelta(hours=number))
        if not half_way:
            story.refer(dossier, cast.officer, now - timedelta(days=15))


def _declare(story: Story, dossier: Dossier, player: Player, at: datetime) -> None:
    story.declare(story.assignment(dossier, player), player, at)


def _score(story: Story, dossier: Dossier, player: Player, at: datetime) -> None:
    story.score(story.assignment(dossier, player), player, True, at)


def _close(story: Story, dossier: Dossier, player: Player, at: datetime) -> None:
    story.close(story.assignment(dossier, player), player, at)


def _reviewed(story: Story, call: Call, files: Files, cast: Cast, now: datetime) -> None:
    """Two files have their opinion and are on the slate, one of them with a decision held; at another sitting a vote is running."""
    awaiting = [dossier for town, dossier in files if town.state == "awaiting_decision"]
    story.sit(call, "Steering Group, first sitting", cast.officer, cast.group, now - timedelta(days=9))
    chair = next(p for p in cast.group if p.seat.field == "literature")
    for dossier in awaiting:
        story.advise(dossier, chair, True, now - timedelta(days=9) + timedelta(hours=2))
    story.rise(call, cast.officer, now - timedelta(days=9) + timedelta(hours=5))
    story.put_forward(call, cast.officer, now - timedelta(days=6))
    story.decide(awaiting[0], cast.direction, True, now - timedelta(days=2))
    opened = now - timedelta(hours=1)
    sitting = story.convene(
        call, "Steering Group, second sitting", "Paris", cast.officer, cast.group, cast.group[0], opened
    )
    at_hand = story.agenda(sitting)[0]
    story.put(sitting, at_hand, cast.group, cast.group[0], True, opened + timedelta(minutes=20), share=0.4)
