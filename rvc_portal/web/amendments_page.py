"""What the pages of a meeting show of its text, of the amendments on it and of the votes: one dict a piece, one an amendment."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any
from uuid import UUID

from flask import abort
from flask_babel import gettext as _

from rvc_portal.domain import amending
from rvc_portal.domain.amending import State, Way
from rvc_portal.domain.deliberation import CHOICES, Choice
from rvc_portal.domain.difference import Run
from rvc_portal.domain.difference import difference as differing
from rvc_portal.domain.vocabulary import N_
from rvc_portal.language import LANGUAGES
from rvc_portal.models.amendment import Amendment, FloorVote
from rvc_portal.models.clause import Clause
from rvc_portal.models.meeting import Meeting
from rvc_portal.models.seat import Member
from rvc_portal.queries import conclusions
from rvc_portal.queries import floor as query
from rvc_portal.queries.conclusions import CLAUSE, PREAMBLE, TITLE, Conclusions
from rvc_portal.web import labels, meeting_page
from rvc_portal.web.session import actor

STATES = {
    State.OPEN: N_("not decided yet"),
    State.ADOPTED: N_("adopted"),
    State.REJECTED: N_("rejected"),
    State.WITHDRAWN: N_("withdrawn by its city"),
}


def meeting_of(edition: int) -> Meeting:
    """The meeting, for who may follow it. Raises NotFound; 403 for evaluators who act for no city."""
    if not conclusions.takes_part(actor()):
        abort(403)
    return meeting_page.of(edition)


def city(member: Member | query.Present) -> str:
    """A member city as the pages call it."""
    return f"{member.city}, {labels.country(member.country)}"


def piece_name(name: str) -> str:
    """What a piece of a text is called, by its name in `Conclusions.named`."""
    if name in (TITLE, PREAMBLE):
        return _("Title") if name == TITLE else _("Preamble")
    return _("Clause %(number)s", number=mark(name))


def mark(name: str) -> str:
    """The number of a clause, or number and letter of a sub-clause: "3", "3 a)"."""
    return f"{name[:-1]} {name[-1]})" if name[-1].isalpha() and name not in (TITLE, PREAMBLE) else name


def in_order() -> list[str]:
    """The languages, the reader's first."""
    return sorted(LANGUAGES, key=lambda code: code != labels.reader_language())


def groups(there: Conclusions) -> Iterator[list[tuple[str, Clause]]]:
    """The text as the meeting takes it: each top-level piece that is written, with its sub-clauses, by name."""
    group: list[tuple[str, Clause]] = []
    for name, piece in there.named():
        if piece.parent_id is None:
            if group:
                yield group
            group = [(name, piece)] if piece.texts or piece.kind == CLAUSE else []
        else:
            group.append((name, piece))
    if group:
        yield group


def row(proposed: Amendment, piece: Clause, name: str) -> dict[str, Any]:
    """An amendment with what it changes, word by word: in the text as it reads now, or as it read when it was decided."""
    reads = {code: piece.text(code) for code in LANGUAGES} if proposed.state == State.OPEN else proposed.before()
    given = proposed.texts()
    return {
        "id": proposed.id, "piece": piece_name(name), "member_id": proposed.member_id, "city": city(proposed.member),
        "reason": proposed.reason, "language": proposed.language, "proposed_at": proposed.proposed_at,
        "seconds": [city(second.member) for second in proposed.seconds],
        "seconded_by": {second.member_id for second in proposed.seconds},
        "state": proposed.state, "state_label": state_label(proposed), "decided_at": proposed.decided_at,
        "texts": [
            (code, labels.language(code), _difference(reads.get(code, ""), given[code])) for code in in_order() if code in given
        ],
        "behind": behind(piece, [proposed]),
    }  # fmt: skip


def state_label(proposed: Amendment) -> str:
    """What has become of it, and how."""
    state = State(proposed.state)
    if state in (State.ADOPTED, State.REJECTED):
        adopted = state is State.ADOPTED
        if proposed.way == Way.VOTE:
            return _("adopted by vote") if adopted else _("rejected by vote")
        return _("adopted by consensus") if adopted else _("rejected by consensus")
    return _(STATES[state])


def behind(piece: Clause, proposed: Iterable[Amendment]) -> tuple[str, str, str] | None:
    """The language of the piece that is to be brought into line: its code, its name, and how the piece reads in it."""
    code = query.lagging(piece, proposed)
    return (code, labels.language(code), piece.text(code)) if code else None


def vote(closed: FloorVote) -> dict[str, Any]:
    """A closed vote: its figures and every city's vote, or that it counts for nothing."""
    ballots = sorted((city(ballot.member), _(CHOICES[Choice(ballot.choice)])) for ballot in closed.ballots)
    lost = closed.carried is None and closed.present is not None
    return {
        "at": closed.closed_at, "carried": closed.carried, "in_favour": closed.in_favour, "against": closed.against,
        "abstaining": closed.abstaining, "present": closed.present, "quorum": closed.quorum, "lost": lost,
        "ballots": ballots if closed.carried is not None else [],
    }  # fmt: skip


def votes_on(closed: Iterable[FloorVote]) -> dict[UUID, list[dict[str, Any]]]:
    """The closed votes by what was voted on: the id of an amendment, or of a clause."""
    found: dict[UUID, list[dict[str, Any]]] = {}
    for one in closed:
        found.setdefault(one.amendment_id or one.clause_id, []).append(vote(one))
    return found


@cache
def _difference(before: str, after: str) -> tuple[Run, ...]:
    """Kept: while a meeting looks at an amendment, a hundred screens ask for the same."""
    return differing(before, after)


def open_on(proposed: Iterable[Amendment]) -> int:
    """How many of them are to be decided yet."""
    return sum(not tuple(amending.against_decision(one.state)) for one in proposed)
