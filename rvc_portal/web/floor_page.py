"""What the live page of a meeting's floor shows to one person."""

from typing import Any
from uuid import UUID

from flask_babel import gettext as _

from rvc_portal.domain import amending
from rvc_portal.domain.deliberation import CHOICES
from rvc_portal.domain.vocabulary import Role
from rvc_portal.gateways import network
from rvc_portal.models.amendment import Amendment, Floor, FloorVote
from rvc_portal.models.base import db
from rvc_portal.models.clause import Clause
from rvc_portal.models.meeting import Meeting
from rvc_portal.queries import conclusions, delegates, members
from rvc_portal.queries import floor as query
from rvc_portal.web import amendments_page, labels
from rvc_portal.web.session import actor

Group = list[tuple[str, Clause]]


def live(meeting: Meeting) -> dict[str, Any]:
    """The floor for this person; its queries are as many for a hundred cities as for one."""
    session = db.session()
    floor = query.of(session, meeting)
    groups = list(amendments_page.groups(conclusions.of(session, meeting)))
    found = query.amendments(session, meeting)
    common = {
        "meeting": meeting, "zone": network.timezone(), "floor": floor, "open": floor is not None and floor.is_open,
        "pulse": query.pulse(meeting, actor(), labels.reader_language()), "secretariat": actor().has(Role.SECRETARIAT),
        "lines": [_line(group, found, floor) for group in groups], "hand": None, "vote": None,
    }  # fmt: skip
    if floor is None or not floor.is_open:
        return common
    vote = query.running(session, meeting)
    room = _room(meeting, vote)
    group = next((group for group in groups if group[0][1].id == floor.clause_id), None)
    hand = _at_hand(group, found, floor, meeting) if group else None
    return common | room | {"hand": hand, "vote": vote}


def _line(group: Group, found: dict[UUID, list[Amendment]], floor: Floor | None) -> dict[str, Any]:
    """A clause in the list of the text: how far the meeting is with it."""
    name, piece = group[0]
    proposed = [row for _name, part in group for row in found.get(part.id, [])]
    return {
        "id": piece.id, "name": amendments_page.piece_name(name), "adopted_at": piece.adopted_at,
        "at_hand": floor is not None and floor.is_open and floor.clause_id == piece.id,
        "amendments": len(proposed), "open": amendments_page.open_on(proposed),
        "words": piece.text(labels.reader_language()) or piece.text(amendments_page.in_order()[1]),
    }  # fmt: skip


def _room(meeting: Meeting, vote: FloorVote | None) -> dict[str, Any]:
    """Who is there, whether that is a quorum, and what this person's cities can do."""
    session = db.session()
    registered = delegates.registered(session, meeting)
    here = query.present(session, meeting, registered)
    present, needed = {member.id for member in here}, query.quorum(registered)
    voted = {ballot.member_id: ballot.choice for ballot in vote.ballots} if vote else {}
    own = [
        {
            "id": member.id, "city": amendments_page.city(member), "registered": member.id in registered,
            "here": member.id in present, "voted": voted.get(member.id),
        }
        for member in members.own_cities(session, actor())
    ]  # fmt: skip
    return {
        "here": [amendments_page.city(member) for member in here], "registered": len(registered), "needed": needed,
        "no_quorum": [labels.refusal(r) for r in amending.against_quorum(len(here), needed)],
        "own": own, "given": len(voted), "silent": [amendments_page.city(m) for m in here if m.id not in voted],
        "choices": {choice: _(text) for choice, text in CHOICES.items()},
    }  # fmt: skip


def _at_hand(
    group: Group, found: dict[UUID, list[Amendment]], floor: Floor, meeting: Meeting
) -> dict[str, Any]:  # fmt: skip
    """The clause with its sub-clauses, the amendment that is taken, and the others on it; what stands against adopting it."""
    session = db.session()
    rows = [(row, amendments_page.row(row, piece, name)) for name, piece in group for row in found.get(piece.id, [])]
    voted = amendments_page.votes_on(query.votes(session, meeting))
    taken = next((told for row, told in rows if row.id == floor.amendment_id), None)
    name, clause = group[0]
    return {
        "id": clause.id, "name": amendments_page.piece_name(name), "adopted_at": clause.adopted_at, "taken": taken,
        "pieces": [
            {
                "mark": amendments_page.mark(name), "id": piece.id, "part": piece.parent_id is not None,
                "texts": [(code, labels.language(code), piece.text(code)) for code in amendments_page.in_order()],
                "behind": amendments_page.behind(piece, found.get(piece.id, [])),
            }
            for name, piece in group
        ],
        "open": [told for row, told in rows if told["state"] == "open" and told is not taken],
        "decided": [told for _row, told in rows if told["state"] != "open"], "votes": voted,
        "against": [labels.refusal(r) for r in query.against([(piece, found.get(piece.id, [])) for _n, piece in group])],
    }  # fmt: skip
