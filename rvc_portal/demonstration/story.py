"""Telling a round through the portal's own services: each verb acts as a person would, at a stated instant, and commits."""

import io
import random
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from rvc_portal import jobs
from rvc_portal.demonstration import pieces as made_up
from rvc_portal.demonstration import verdicts
from rvc_portal.demonstration.answers import answers_for
from rvc_portal.demonstration.cities import CityFacts
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.deliberation import Choice, MotionKind, Tally, entitled
from rvc_portal.domain.scoring import Given
from rvc_portal.domain.slate import Move
from rvc_portal.domain.team import PIECES
from rvc_portal.domain.vocabulary import DecisionOutcome, Role
from rvc_portal.gateways.instance import Instance
from rvc_portal.models.account import Account
from rvc_portal.models.base import db, new_id
from rvc_portal.models.call import Call
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import Assignment
from rvc_portal.models.seat import Seat
from rvc_portal.models.steering import AgendaItem, SteeringSession
from rvc_portal.queries import accounts as people
from rvc_portal.queries import calls, dossiers
from rvc_portal.queries import deliberation as items
from rvc_portal.services import (
    complete_dossier,
    conflicts,
    decision,
    deliberation,
    evaluation,
    feedback,
    pieces,
    record,
    reminders,
    screening,
    sign_off,
    slate,
    steering,
    submission,
    team,
    voting,
)

SOON = timedelta(minutes=20)


@dataclass(frozen=True)
class Player:
    """An evaluator or a member of the Steering Group: the person, the seat, the language they write in."""

    account: Account
    seat: Seat
    language: str


@dataclass
class Story:
    """One instance in which a round is played. `seed` decides every made-up thing; `on_job` is told of each job done."""

    app: Flask
    seed: int
    on_job: Callable[[], None] = lambda: None
    renders: bool = True  # or leaves to the worker every document that nothing waits for
    cities: dict[UUID, CityFacts] = field(default_factory=dict)  # by dossier

    @property
    def instance(self) -> Instance:
        found: Instance = self.app.extensions["rvc"]
        return found

    @property
    def session(self) -> Session:
        return db.session()

    def chance(self, *what: object) -> random.Random:
        """A source of chance of its own for one subject, so that the order of the tale changes nothing."""
        return random.Random(":".join(str(w) for w in (self.seed, *what)))

    def actor(self, account: Account, now: datetime) -> Actor:
        return people.actor_of(self.session, account, now)

    def commit(self) -> None:
        self.session.commit()

    def do_jobs(self) -> None:
        """Commit, then render and send all that waits."""
        self.commit()
        if self.renders:
            jobs.drain(self.app, self.on_job)

    # --- the city ---

    def open_dossier(
        self, call: Call, city: CityFacts, lead: Account, now: datetime, field: str = "literature"
    ) -> Dossier:
        local = (city.local, script_language(city.local)) if city.local != city.name else None
        dossier = submission.open_dossier(
            self.session, call, city=city.name, country=city.country_iso2, field=field, language=city.language,
            actor=self.actor(lead, now), now=now, city_local=local,
            eligible={asked.key: asked.needed for asked in calls.definition(call).eligibility},
        )  # fmt: skip
        self.cities[dossier.id] = city
        self.commit()
        return dossier

    def write(self, dossier: Dossier, lead: Account, now: datetime, share: float = 1.0) -> None:
        """Answer every question (or the first `share` of them) and upload every piece."""
        city, told, actor = self.cities[dossier.id], calls.definition(dossier.call), self.actor(lead, now)
        values = answers_for(told, city, self.chance("answers", city.name), dossier.field or "literature")
        values["city_name"] = city.name
        kept = list(values)[: int(len(values) * share)]
        submission.save_answers(self.session, dossier, {key: values[key] for key in kept}, actor=actor, now=now)
        if share == 1.0:
            for file in made_up.pieces_for(told, city, self.seed):
                self._upload(dossier, file, actor, now)
        self.commit()

    def invite(self, dossier: Dossier, lead: Account, now: datetime) -> None:
        """The lead asks a colleague to write the first section and bring the pieces together."""
        first = calls.definition(dossier.call).form.sections[0]
        team.invite(
            self.session, dossier, email=f"culture@{self.cities[dossier.id].slug}.example", name="", role=Role.EDITOR,
            sections=(first.key, PIECES), language=dossier.language, actor=self.actor(lead, now), now=now,
        )  # fmt: skip
        self.commit()

    def sign_off(self, dossier: Dossier, lead: Account, now: datetime) -> None:
        city = self.cities[dossier.id]
        name = f"{city.mayor_first_name} {city.mayor_family_name}"
        code = sign_off.ask(
            self.session, dossier, name=name, email=f"mayor@{city.slug}.example", actor=self.actor(lead, now), now=now
        )
        self.commit()
        sign_off.answer(self.session, code, given=True, reason="", now=now + SOON)
        self.commit()

    def endorse(self, dossier: Dossier, lead: Account, now: datetime) -> None:
        """The National Commission endorses the file on the portal."""
        address = f"commission@{self.cities[dossier.id].slug}.example"
        code = sign_off.ask(
            self.session, dossier, kind="national_commission", name=self._commission(dossier), email=address,
            actor=self.actor(lead, now), now=now,
        )  # fmt: skip
        self.commit()
        sign_off.answer(self.session, code, given=True, reason="", now=now + SOON)
        self.commit()

    def _commission(self, dossier: Dossier) -> str:
        """Who speaks for the country's Commission: an office, not an invented person."""
        return "National Commission for UNESCO" if dossier.language == "en" else "Commission nationale pour l’UNESCO"

    def submit(self, dossier: Dossier, lead: Account, now: datetime) -> None:
        submission.submit(self.session, dossier, actor=self.actor(lead, now), now=now)
        self.commit()

    def file(self, call: Call, city: CityFacts, lead: Account, opened: datetime, filed: datetime) -> Dossier:
        """The whole of a city's part: open, write, have it signed off, submit."""
        dossier = self.open_dossier(call, city, lead, opened)
        self.write(dossier, lead, opened + timedelta(days=9))
        self.sign_off(dossier, lead, filed - 3 * SOON)
        self.submit(dossier, lead, filed)
        return dossier

    def withdraw(self, dossier: Dossier, lead: Account, now: datetime) -> None:
        reason = verdicts.letter_text("withdraw", dossier.language)
        submission.withdraw(self.session, dossier, actor=self.actor(lead, now), now=now, reason=reason)
        self.commit()

    # --- the Secretariat ---

    def return_file(self, dossier: Dossier, officer: Account, now: datetime) -> None:
        screening.return_file(
            self.session, dossier, questions=verdicts.RETURNED_FOR, actor=self.actor(officer, now), now=now,
            reason=verdicts.letter_text("return", officer.language),
        )  # fmt: skip
        self.commit()

    def correct(self, dossier: Dossier, lead: Account, now: datetime) -> None:
        """Put right what the return names, get a new sign-off, file again."""
        city, told, actor = self.cities[dossier.id], calls.definition(dossier.call), self.actor(lead, now)
        renewed = made_up.pieces_for(told, city, self.seed + 1, now.date())
        for attachment in self._attachments(dossier):
            if attachment.piece in dossier.questions_named:
                pieces.remove(self.session, dossier, attachment.id, actor=actor, now=now)
        for file in renewed:
            if file.piece in dossier.questions_named:
                self._upload(dossier, file, actor, now)
        values = answers_for(told, city, self.chance("corrected", city.name), dossier.field or "literature")
        questions = {key: values[key] for key in dossier.questions_named if key in values}
        submission.save_answers(self.session, dossier, questions, actor=actor, now=now)
        self.commit()
        self.sign_off(dossier, lead, now + SOON)
        self.submit(dossier, lead, now + 4 * SOON)

    def screen(self, dossier: Dossier, officer: Account, now: datetime) -> None:
        notes = verdicts.screening_notes_for(calls.definition(dossier.call), officer.language)
        checks: Mapping[str, tuple[bool | None, str]] = {key: (True, note) for key, note in notes.items()}
        screening.save_checks(self.session, dossier, checks, actor=self.actor(officer, now), now=now)
        self.commit()

    def admit(self, dossier: Dossier, officer: Account, now: datetime) -> None:
        screening.admit(self.session, dossier, actor=self.actor(officer, now), now=now)
        self.commit()

    def dismiss(self, dossier: Dossier, officer: Account, now: datetime) -> None:
        reason = verdicts.letter_text("dismiss", dossier.language)
        screening.dismiss(self.session, dossier, reason=reason, actor=self.actor(officer, now), now=now)
        self.commit()

    def assign(self, dossier: Dossier, seats: Sequence[UUID], officer: Account, now: datetime) -> list[Assignment]:
        found = evaluation.assign(self.session, dossier, seats, actor=self.actor(officer, now), now=now)
        self.commit()
        return found

    def remind(self, call: Call, assignments: Sequence[UUID], officer: Account, now: datetime) -> None:
        reminders.send(self.session, call, new_id(), assignments, actor=self.actor(officer, now), now=now)
        self.commit()

    # --- the evaluators ---

    def assignment(self, dossier: Dossier, player: Player) -> Assignment:
        """The player's assignment to the dossier."""
        query = sa.select(Assignment).where(Assignment.dossier_id == dossier.id, Assignment.seat_id == player.seat.id)
        return self.session.scalars(query).one()

    def declare(self, assignment: Assignment, player: Player, now: datetime) -> None:
        evaluation.declare(
            self.session, assignment, free=True, reason="", actor=self.actor(player.account, now), now=now
        )
        self.commit()

    def score(self, assignment: Assignment, player: Player, promising: bool, now: datetime) -> None:
        city = self.cities[assignment.dossier_id]
        chance = self.chance("scores", city.name, player.seat.name)
        found = verdicts.scores_for(calls.definition(assignment.dossier.call), city, promising, player.language, chance)
        scores = {key: Given(s.value, s.reason) for key, s in found.items()}
        evaluation.save_scores(self.session, assignment, scores, actor=self.actor(player.account, now), now=now)
        self.commit()

    def close(self, assignment: Assignment, player: Player, now: datetime) -> None:
        evaluation.close_sheet(self.session, assignment, actor=self.actor(player.account, now), now=now)
        self.commit()

    def refer(self, dossier: Dossier, officer: Account, now: datetime) -> None:
        evaluation.refer(self.session, dossier, actor=self.actor(officer, now), now=now)
        self.commit()

    # --- the Steering Group, the Direction ---

    def sit(
        self, call: Call, title: str, officer: Account, group: Sequence[Player], now: datetime, place: str = "Paris"
    ) -> SteeringSession:
        """Call a sitting ten days before, open it, let the group take its seats."""
        before = now - timedelta(days=10)
        sitting = deliberation.plan(
            self.session, call, title=title, starts_at=now, place=place, actor=self.actor(officer, before), now=before
        )
        deliberation.begin(self.session, sitting, actor=self.actor(officer, now), now=now)
        for number, player in enumerate(group):
            at = now + timedelta(minutes=number)
            deliberation.attend(
                self.session, sitting, player.seat.id, conflicted={}, actor=self.actor(player.account, at), now=at
            )
        self.commit()
        return sitting

    def convene(
        self,
        call: Call,
        title: str,
        place: str,
        officer: Account,
        group: Sequence[Player],
        chair: Player,
        now: datetime,
    ) -> SteeringSession:
        """Sit, with one of the group in the chair."""
        sitting = self.sit(call, title, officer, group, now, place)
        actor = self.actor(chair.account, now)
        deliberation.take_chair(
            self.session, sitting, chair.seat.id, actor=actor, now=now + timedelta(minutes=len(group))
        )
        self.commit()
        return sitting

    def agenda(self, sitting: SteeringSession) -> list[AgendaItem]:
        """The items in the order in which they come."""
        return list(items.items(self.session, sitting))

    def put(
        self, sitting: SteeringSession, item: AgendaItem, group: Sequence[Player], chair: Player, favourable: bool,
        now: datetime, share: float = 1.0,
    ) -> None:  # fmt: skip
        """Go to the item, word the reason, put a motion by name; the first `share` of those who count cast their votes."""
        city, actor, at = self.cities[item.dossier_id], self.actor(chair.account, now), now + timedelta(minutes=4)
        chance = self.chance("vote", city.name)
        text = verdicts.opinion_for(city, favourable, self.chance("opinion", city.name))
        deliberation.take_up(self.session, sitting, item, actor=actor, now=now)
        deliberation.draft_reason(self.session, sitting, item, {}, seen=item.text_revision, actor=actor, now=at)
        deliberation.save_texts(
            self.session, sitting, item, {"en": text.en, "fr": text.fr}, seen=item.text_revision, actor=actor, now=at
        )
        kind = (
            MotionKind.REJECT
            if not favourable
            else MotionKind.CONDITIONS
            if chance.random() < 0.3
            else MotionKind.RECOMMEND
        )
        condition = verdicts.condition(chance)
        voting.put_motion(
            self.session, sitting, item, kind=kind, by_name=True,
            conditions={"en": condition.en, "fr": condition.fr}, actor=actor, now=at,
        )  # fmt: skip
        counting = {s.seat for s in entitled(items.sitters(self.session, sitting, item.dossier_id))}
        players = [p for p in group if p.seat.id in counting]
        for number, player in enumerate(players[: round(len(players) * share)]):
            self._vote(sitting, item, player, chance, at + timedelta(seconds=10 * number))
        self.commit()

    def _vote(
        self, sitting: SteeringSession, item: AgendaItem, player: Player, chance: random.Random, at: datetime
    ) -> None:
        """Nearly everybody is in favour; who is against says why."""
        choice = chance.choices(list(Choice), [12, 1, 2])[0]
        actor = self.actor(player.account, at)
        voting.cast(self.session, sitting, item, player.seat.id, choice, actor=actor, now=at)
        if choice is Choice.AGAINST:
            text = verdicts.dissent(chance).of(player.language)
            deliberation.dissent(
                self.session, sitting, item, player.seat.id, text=text, language=player.language, actor=actor, now=at
            )

    def conclude(self, sitting: SteeringSession, item: AgendaItem, chair: Player, now: datetime) -> None:
        """Close the vote and record the opinion."""
        actor = self.actor(chair.account, now)
        voting.close_vote(self.session, sitting, item, counted=None, actor=actor, now=now)
        voting.conclude(self.session, sitting, item, actor=actor, now=now + timedelta(minutes=1))
        self.commit()

    def seal(self, sitting: SteeringSession, member: Player, officer: Account, now: datetime) -> None:
        """Word the record of a closed sitting, have it approved, and seal it."""
        text, early = verdicts.sitting_text(), now - timedelta(days=5)
        record.save_text(
            self.session, sitting, {"en": text.en, "fr": text.fr}, seen=sitting.text_revision,
            actor=self.actor(officer, early),
        )  # fmt: skip
        record.approve(self.session, sitting, actor=self.actor(member.account, now), now=now)
        record.seal(self.session, sitting, actor=self.actor(officer, now), now=now + timedelta(hours=1))
        self.commit()

    def rise(self, call: Call, officer: Account, now: datetime) -> None:
        """Close the sitting that is open."""
        sitting = steering.current_session(self.session, call.id)
        if sitting:
            deliberation.close(self.session, sitting, actor=self.actor(officer, now), now=now)
        self.commit()

    def feedback(self, dossier: Dossier, member: Player, now: datetime) -> None:
        """A member of the group writes strengths and weaknesses on every criterion."""
        city = self.cities[dossier.id]
        texts = verdicts.feedback_for(calls.definition(dossier.call), city, self.chance("feedback", city.name))
        actor = self.actor(member.account, now)
        feedback.save(self.session, dossier, texts, seen={}, sure=False, actor=actor, now=now)
        self.commit()

    def advise(
        self, dossier: Dossier, chair: Player, favourable: bool, now: datetime, kind: MotionKind | None = None
    ) -> None:
        """At the sitting that is open: take the file up, word the reason, conclude it by a show of all hands. `kind`: of the
        motion, where it is neither to recommend nor not to."""
        city, actor, session = self.cities[dossier.id], self.actor(chair.account, now), self.session
        text = verdicts.opinion_for(city, favourable, self.chance("opinion", city.name))
        sitting = steering.current_session(session, dossier.call_id)
        assert sitting is not None
        deliberation.complete(session, sitting, actor=actor, now=now)
        item = items.item_of(session, sitting, dossier.id)
        assert item is not None
        deliberation.take_chair(session, sitting, chair.seat.id, actor=actor, now=now)
        deliberation.take_up(session, sitting, item, actor=actor, now=now)
        deliberation.save_texts(
            session, sitting, item, {"en": text.en, "fr": text.fr}, seen=item.text_revision, actor=actor, now=now
        )
        kind = kind or (MotionKind.RECOMMEND if favourable else MotionKind.REJECT)
        voting.put_motion(session, sitting, item, kind=kind, by_name=False, conditions={}, actor=actor, now=now)
        hands = Tally(len(entitled(items.sitters(session, sitting, dossier.id))))
        voting.close_vote(session, sitting, item, counted=hands, actor=actor, now=now)
        voting.conclude(session, sitting, item, actor=actor, now=now)
        deliberation.put_down(session, sitting, actor=actor, now=now)
        deliberation.release_chair(session, sitting, actor=actor, now=now)
        self.commit()

    def decide(self, dossier: Dossier, direction: Account, designated: bool, now: datetime) -> None:
        city = self.cities[dossier.id]
        text = verdicts.decision_reason_for(city, designated, self.chance("decision", city.name))
        outcome = DecisionOutcome.DESIGNATE if designated else DecisionOutcome.DECLINE
        decision.decide(
            self.session, dossier, outcome=outcome, reasons={"en": text.en, "fr": text.fr},
            actor=self.actor(direction, now), now=now,
        )  # fmt: skip
        self.commit()

    def put_forward(self, call: Call, officer: Account, now: datetime) -> None:
        decision.put_forward(self.session, call, actor=self.actor(officer, now), now=now)
        self.commit()

    def compose(self, call: Call, officer: Account, taken_out: Dossier, now: datetime) -> None:
        """Two variants on the board, as advised and without the file of the lower mean; the first is put forward."""
        actor, session = self.actor(officer, now), self.session
        advised = slate.make_variant(session, call, "As advised", actor=actor, now=now)
        other = slate.make_variant(session, call, "The strongest file alone", actor=actor, now=now)
        move = Move(taken_out.id, False, "The other file has the higher mean.")
        slate.change(session, call, other, [move], actor=actor, now=now, seen_version=None)
        slate.choose(session, call, advised, actor=actor, now=now, seen_version=None)
        self.commit()

    def publish(self, call: Call, officer: Account, now: datetime) -> None:
        """Make the decisions so, once their letters are there."""
        self.do_jobs()
        while decision.refusals_of_publication(self.session, call, actor=self.actor(officer, now)):
            self.commit()
            if not jobs.do_next(self.app):
                break  # publication itself says what is missing
            self.on_job()
        decision.publish(self.session, call, actor=self.actor(officer, now), now=now)
        self.do_jobs()

    def take_whole(self, dossier: Dossier, account: Account, now: datetime) -> None:
        """Ask for the complete dossier, as this person may see it."""
        actor = self.actor(account, now)
        complete_dossier.order(self.session, self.instance.files, dossier, actor=actor, now=now)
        self.do_jobs()

    def _upload(self, dossier: Dossier, file: made_up.PieceFile, actor: Actor, now: datetime) -> None:
        pieces.add(
            self.session, self.instance.files, dossier, file.piece, name=file.name, content=io.BytesIO(file.content),
            actor=actor, now=now,
        )  # fmt: skip

    def _attachments(self, dossier: Dossier) -> Sequence[Any]:
        return dossiers.attachments(self.session, dossier.id)


_SCRIPTS = {"ARABIC": "ar", "CYRILLIC": "uk", "CJK": "zh", "HANGUL": "ko", "DEVANAGARI": "hi", "GEORGIAN": "ka"}


def script_language(name: str) -> str:
    """A language tag that leads to fonts with the name's letters; "und" for Latin ones."""
    letter = next((c for c in name if c.isalpha()), "A")
    return _SCRIPTS.get(unicodedata.name(letter).split(" ")[0], "und")


def free_seats(dossier: Dossier, players: Sequence[Player]) -> list[Player]:
    """The players whose seat no conflict keeps from the dossier."""
    barred = conflicts.seats_barred(db.session(), dossier.id)
    return [p for p in players if p.seat.id not in barred]
