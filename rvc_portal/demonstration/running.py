"""A running call with windows around today, and invented towns whose files stand in every state that a call in course has."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from rvc_portal.demonstration import bank, round2015, verdicts
from rvc_portal.demonstration.cast import Cast, lead_of, nobody
from rvc_portal.demonstration.cities import CityFacts, city
from rvc_portal.demonstration.story import Player, Story, free_seats
from rvc_portal.domain.call import CallDefinition, parse
from rvc_portal.domain.matching import Problem
from rvc_portal.domain.scorebook import HEADS
from rvc_portal.models.call import Call
from rvc_portal.models.dossier import Dossier
from rvc_portal.queries import calls as calls_query
from rvc_portal.queries import offline as offline_query
from rvc_portal.queries import proposals as proposed
from rvc_portal.queries import replies as replies_query
from rvc_portal.services import (
    assignments,
    calibration,
    calls,
    conflicts,
    discussion,
    evaluators,
    interests,
    more_evaluators,
    offline,
    proposals,
    replies,
    submission,
)
from rvc_portal.services import evaluator_invitations as invitations

# Days from today on which each window opens and closes.
_WINDOWS = {
    "filing": (-75, 21),
    "screening": (-70, 28),
    "evaluation": (-45, 45),
    "reply": (-12, 18),
    "review": (-14, 60),
    "decision": (-7, 75),
    "publication": (90, 91),
}


TRAVELLER = "Iowa City"
"""The member city whose evaluator works on trains, and who is one of those that the demonstration lets one sign in as."""


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
                city(entry["like"]), name=entry["name"], city=entry["name"], fr="", local=entry["local"],
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
    told = replace(definition(now), calibration_files=1, peer_sheets=True)
    start = told.filing.opens_at
    call = calls.open_call(story.session, told, actor=nobody(), now=start, demonstration=True)
    story.commit()
    files = [
        (town, _filed(story, call, town, start + timedelta(days=3 + n), password, now))
        for n, town in enumerate(towns())
    ]
    _screened(story, files, cast, now, password)
    _proposed(story, call, cast, now - timedelta(days=44, hours=2))
    judged = [(town, d) for town, d in files if town.state in ("in_evaluation", "in_review", "awaiting_decision")]
    judged.sort(key=lambda one: one[0].state == "in_evaluation")  # the calibration file is one that is done
    _calibrated(story, call, judged[0][1], cast, now)
    _evaluated(story, judged, cast, now)
    _wished(story, judged, cast, now)
    _answered(story, call, files, cast, now, password)
    _taken_along(story, call, cast, now - timedelta(days=2))
    _reviewed(story, call, files, cast, now)
    _registered(story, cast, now, password)
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


def _calibrated(story: Story, call: Call, first: Dossier, cast: Cast, now: datetime) -> None:
    """One file is judged by all before the others open, and two have a word about it."""
    at, officer = now - timedelta(days=44, hours=1), story.actor(cast.officer, now)
    assignments.calibrate(story.session, first, actor=officer, now=at)
    players = free_seats(first, cast.evaluators)
    for minutes, player in enumerate(players):
        for act in (_declare, _score, _close):
            act(story, first, player, at + timedelta(minutes=minutes))
    thread = discussion.begin(
        story.session, first, title="How strictly do we read the budget?", audience="internal", language="en",
        text="I gave little for the budget, since half of it hangs on one grant. How do the others see it?",
        actor=story.actor(players[0].account, now), now=at + timedelta(minutes=40),
    )  # fmt: skip
    discussion.answer(
        story.session, first, thread, language="fr", actor=officer, now=at + timedelta(minutes=50),
        text="Le critère vise la solidité du plan : une subvention promise compte moins qu’une subvention accordée.",
    )  # fmt: skip
    calibration.open_rest(story.session, call, first.field, actor=officer, now=at + timedelta(minutes=55))
    story.commit()


def _evaluated(story: Story, files: Files, cast: Cast, now: datetime) -> None:
    """Files in evaluation are in the middle of it: of their evaluators some have closed, some begun, some not declared."""
    for town, dossier in files:
        players = free_seats(dossier, cast.evaluators)
        story.assign(dossier, [p.seat.id for p in players], cast.officer, now - timedelta(days=44))
        half_way = town.state == "in_evaluation"
        done = [(3, 2, 0)[n % 3] if half_way else 3 for n in range(len(players))]  # of the three acts below
        done = [0] * len(players) if dossier.closed_sheets else done  # the calibration file is judged already
        for reach, act in enumerate((_declare, _score, _close)):
            for number, player in enumerate(players):
                if reach < done[number]:
                    act(story, dossier, player, now - timedelta(days=42 - 10 * reach) + timedelta(hours=number))
        if half_way:
            waiting = [story.assignment(dossier, p).id for p, reach in zip(players, done, strict=True) if reach < 3]
            story.remind(dossier.call, waiting, cast.officer, now - timedelta(days=5))
        else:
            story.refer(dossier, cast.officer, now - timedelta(days=15))


def _wished(story: Story, files: Files, cast: Cast, now: datetime) -> None:
    """A member of the Steering Group wishes for one more evaluator on a file in evaluation."""
    dossier = next(dossier for town, dossier in files if town.state == "in_evaluation")
    barred = conflicts.seats_barred(story.session, dossier.id)
    member = next(p for p in cast.group if p.seat.id not in barred)
    more_evaluators.ask(
        story.session, dossier, member.seat.id, actor=story.actor(member.account, now), now=now - timedelta(days=1),
        reason="The experts read the budget in two ways that cannot both be right. A third pair of eyes would help us.",
    )  # fmt: skip
    story.commit()


def _answered(story: Story, call: Call, files: Files, cast: Cast, now: datetime, password: str) -> None:
    """The files whose evaluation is over have passages to check; all cities are told, and the first answers."""
    told = bank.load("running-passages")
    examined = [(town, dossier) for town, dossier in files if town.state in ("in_review", "awaiting_decision")]
    at = now - timedelta(days=11)
    for _town, dossier in examined:
        replies.choose(story.session, dossier, told["passages"], actor=story.actor(cast.officer, at), now=at)
    replies.open_all(story.session, call, actor=story.actor(cast.officer, at), now=at)
    town, dossier = examined[0]
    lead = story.actor(lead_of(story.session, town.facts, now, password), at)
    shown = replies_query.passages(story.session, dossier.id)
    answers = {passage.id: text for passage, text in zip(shown, told["answers"], strict=True)}
    replies.send(story.session, dossier, answers, actor=lead, now=at + timedelta(days=1))
    story.commit()


def _taken_along(story: Story, call: Call, cast: Cast, now: datetime) -> None:
    """One evaluator has taken a file along, and brought back a workbook in which one row is right and one is not."""
    from openpyxl import load_workbook  # not before a demonstration is made: it is large

    city = next(p for p in cast.members if p.seat.name == TRAVELLER)
    for person in (story.actor(player.account, now) for player in (cast.experts[0], city)):
        sheets = offline_query.open_sheets(story.session, person, call)
        if not sheets:
            continue
        pack = offline.order(story.session, call, [sheets[0].id], actor=person, now=now)
        book, out = load_workbook(io.BytesIO(offline.workbook(pack))), io.BytesIO()
        score, reason = (list(HEADS).index(key) + 1 for key in ("score", "reason"))
        book.worksheets[0].cell(2, score).value = 9
        book.worksheets[0].cell(
            2, reason
        ).value = "Read again on the train: the assets carry the plan, and the figures bear it out."
        book.worksheets[0].cell(3, score).value = "=G2-1"
        book.save(out)
        offline.take_in(story.session, call, out.getvalue(), actor=person, now=now + timedelta(days=1))
        story.commit()


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
        story.feedback(dossier, chair, now - timedelta(days=9) + timedelta(hours=1))
        story.advise(dossier, chair, True, now - timedelta(days=9) + timedelta(hours=2))
    story.rise(call, cast.officer, now - timedelta(days=9) + timedelta(hours=5))
    weaker = min(awaiting, key=lambda dossier: dossier.mean_overall or 0)
    story.compose(call, cast.officer, weaker, now - timedelta(days=6))
    story.decide(awaiting[0], cast.direction, True, now - timedelta(days=2))
    opened = now - timedelta(hours=1)
    sitting = story.convene(
        call, "Steering Group, second sitting", "Paris", cast.officer, cast.group, cast.group[0], opened
    )
    at_hand = story.agenda(sitting)[0]
    story.put(sitting, at_hand, cast.group, cast.group[0], True, opened + timedelta(minutes=20), share=0.4)


def _registered(story: Story, cast: Cast, now: datetime, password: str) -> None:
    """The register: what is known of the experts, who declared interests, who was invited and what they answered."""
    officer, data = story.actor(cast.officer, now), bank.load("register")
    for number, (player, expert) in enumerate(zip(cast.experts, verdicts.experts(), strict=True)):
        more = data["expertise"] if number == 0 else ()
        evaluators.change(
            story.session, player.seat, languages=sorted({"en", expert.language}), maximum_load=12, past_work="",
            organisation=expert.institution.of(expert.language), fields=(*player.seat.fields, *more), actor=officer,
            now=now - timedelta(days=50),
        )  # fmt: skip
        interests.declare(
            story.session, [], actor=story.actor(player.account, now), now=now - timedelta(days=(345, 20)[number % 2])
        )  # fmt: skip
    for entry in data["invitations"]:
        _invited(story, cast, entry, now - timedelta(days=entry["days"]), password)
    story.commit()


def _invited(story: Story, cast: Cast, entry: Mapping[str, Any], at: datetime, password: str) -> None:
    wanted = invitations.Wanted(
        email=entry["email"], name=entry["name"], language=entry["language"], stream=entry["stream"],
        fields=tuple(entry["fields"]), country=entry["country"], city=entry["city"],
        organisation=entry["organisation"], languages=tuple(entry["languages"]),
        maximum_load=entry.get("maximum_load"),
    )  # fmt: skip
    _made, code = invitations.invite(story.session, wanted, actor=story.actor(cast.officer, at), now=at)
    answered = at + timedelta(days=2)
    if entry.get("answer") == invitations.ACCEPTED:
        invitations.accept_as_new(
            story.session, code, name=entry["name"], password=password, language=entry["language"], now=answered
        )  # fmt: skip
    elif entry.get("answer") == invitations.DECLINED:
        invitations.decline(story.session, code, reason=entry["reason"], account=None, now=answered)
