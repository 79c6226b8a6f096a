"""The journal can be added to and nothing else: whatever is altered, taken out or moved shows."""

import json
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.models.account import Account
from rvc_portal.models.base import new_id
from rvc_portal.models.dossier import Dossier, Invitation, SignOff
from rvc_portal.models.journal import JournalEntry
from rvc_portal.models.seat import Seat
from rvc_portal.services import journal
from tests import scenes
from tests.scenes import SceneAt

Change = Callable[[Session, list[JournalEntry]], JournalEntry]
"""Rewrites the past of one chain; the entry that must then be found broken."""


def chain_of(session: Session, chain: UUID) -> list[JournalEntry]:
    query = sa.select(JournalEntry).where(JournalEntry.chain == chain).order_by(JournalEntry.id)
    return list(session.scalars(query))


def chains(session: Session) -> set[UUID]:
    return set(session.scalars(sa.select(JournalEntry.chain).distinct()))


def rewrite(session: Session, entry: JournalEntry, **values: object) -> JournalEntry:
    session.execute(sa.update(JournalEntry).where(JournalEntry.id == entry.id).values(**values))
    return entry


def another_reason(session: Session, chain: list[JournalEntry]) -> JournalEntry:
    return rewrite(session, chain[3], reason=chain[3].reason + ".")


def another_payload(session: Session, chain: list[JournalEntry]) -> JournalEntry:
    return rewrite(session, chain[0], payload={"to": "submitted"})


def another_instant(session: Session, chain: list[JournalEntry]) -> JournalEntry:
    return rewrite(session, chain[5], at=chain[5].at + timedelta(microseconds=1))


def another_person(session: Session, chain: list[JournalEntry]) -> JournalEntry:
    other = session.scalars(sa.select(Account.id).where(Account.id != chain[0].actor_id)).first()
    return rewrite(session, chain[0], actor_id=other)


def nobody(session: Session, chain: list[JournalEntry]) -> JournalEntry:
    return rewrite(session, chain[0], actor_id=None)


def another_act(session: Session, chain: list[JournalEntry]) -> JournalEntry:
    return rewrite(session, chain[-1], transition="decline")


def the_last_hashed_anew(session: Session, chain: list[JournalEntry]) -> JournalEntry:
    """Whoever can compute a hash still has to rewrite all that follows."""
    rewrite(session, chain[4], reason="Rewritten.")
    session.refresh(chain[4])
    rewrite(session, chain[4], hash=journal.entry_hash(chain[4]))
    return chain[5]


def one_taken_out(session: Session, chain: list[JournalEntry]) -> JournalEntry:
    session.execute(sa.delete(JournalEntry).where(JournalEntry.id == chain[2].id))
    return chain[3]


def the_first_taken_out(session: Session, chain: list[JournalEntry]) -> JournalEntry:
    session.execute(sa.delete(JournalEntry).where(JournalEntry.id == chain[0].id))
    return chain[1]


def two_changed_about(session: Session, chain: list[JournalEntry]) -> JournalEntry:
    first, second, spare = chain[1].id, chain[2].id, 10**6
    for old, new in ((first, spare), (second, first), (spare, second)):
        session.execute(sa.update(JournalEntry).where(JournalEntry.id == old).values(id=new))
    session.expire_all()
    return chain_of(session, chain[0].chain)[1]


def one_put_in(session: Session, chain: list[JournalEntry]) -> JournalEntry:
    """Between the end of the chain and nothing, with a predecessor of its own invention."""
    put_in = JournalEntry(
        chain=chain[0].chain, at=chain[-1].at, transition="decline", reason="", payload={}, previous="f" * 64
    )
    put_in.hash = journal.entry_hash(put_in)
    session.add(put_in)
    session.flush()
    return put_in


def test_every_chain_of_a_whole_round_holds(scene_at: SceneAt) -> None:
    scene = scene_at("published")
    found = chains(scene.session)
    files = scenes.ids(scene.both())
    assert found == files | {
        scene.call.id,
        journal.NETWORK,
    }  # one for each file, one for the call, one for who is a member
    assert {chain: journal.first_broken(scene.session, chain) for chain in found} == dict.fromkeys(found)
    assert all(len(chain_of(scene.session, chain)) > 3 for chain in found - {journal.NETWORK})


@pytest.mark.parametrize(
    "change",
    [
        another_reason, another_payload, another_instant, another_person, nobody, another_act, the_last_hashed_anew,
        one_taken_out, the_first_taken_out, two_changed_about, one_put_in,
    ],
)  # fmt: skip
def test_whatever_is_rewritten_is_found(change: Change, scene_at: SceneAt) -> None:
    scene = scene_at("published")
    dossier = scene.dossier()
    expected = change(scene.session, chain_of(scene.session, dossier.id)).id
    scene.session.expire_all()
    broken = journal.first_broken(scene.session, dossier.id)
    assert broken is not None
    assert broken.id == expected
    other = scene.dossier(scenes.DECLINED)
    assert journal.first_broken(scene.session, other.id) is None  # the other chains stand


def test_a_chain_cannot_fork(scene_at: SceneAt) -> None:
    """Two who add to the same end at once: the database takes one of them."""
    scene = scene_at("drafts")
    (first, *_) = chain_of(scene.session, scene.dossier().id)
    for previous in (journal.BEGINNING, first.previous):
        fork = {"chain": first.chain, "at": first.at, "transition": "open", "reason": "", "payload": {}}
        with pytest.raises(sa.exc.IntegrityError), scene.session.begin_nested():
            scene.session.execute(sa.insert(JournalEntry).values(**fork, previous=previous, hash="0"))


def test_an_entry_follows_from_the_one_before(scene_at: SceneAt) -> None:
    scene = scene_at("drafts")
    chain = new_id()
    entries = [
        journal.append(scene.session, chain, f"act {n}", actor_id=None, now=scenes.OPENED, payload={"é": n})
        for n in range(3)
    ]
    assert [e.previous for e in entries] == [journal.BEGINNING, entries[0].hash, entries[1].hash]
    assert len({e.hash for e in entries}) == 3


def test_instants_hash_the_same_however_the_database_returns_them(scene_at: SceneAt) -> None:
    """Written in Paris time, read back in UTC."""
    scene = scene_at("drafts")
    chain = new_id()
    paris = scenes.OPENED.astimezone(ZoneInfo("Europe/Paris"))
    journal.append(scene.session, chain, "act", actor_id=None, now=paris)
    scene.commit()
    scene.session.expire_all()
    assert journal.first_broken(scene.session, chain) is None


def test_people_stand_in_the_journal_by_id_alone(scene_at: SceneAt) -> None:
    """So that a name can be erased without breaking a chain. Cities and seats of cities are no people."""
    scene = scene_at("published")
    session = scene.session
    people = [(a.name, a.email) for a in session.scalars(sa.select(Account))]
    people += [(s.name, s.email) for s in session.scalars(sa.select(SignOff))]
    people += [(i.name or i.email, i.email) for i in session.scalars(sa.select(Invitation))]
    people += [(s.name, s.name) for s in session.scalars(sa.select(Seat).where(Seat.kind == "expert"))]
    assert len(people) > 20
    entries = session.scalars(sa.select(JournalEntry)).all()
    payloads = "\n".join(json.dumps(e.payload, ensure_ascii=False) for e in entries)
    by_nobody = "\n".join(e.reason for e in entries if e.actor_id is None)
    assert len(entries) > 60
    for name, email in people:
        assert name not in payloads, name
        assert email not in payloads, email
        assert name not in by_nobody, name
        assert email not in by_nobody, email


def test_every_move_of_a_file_is_in_its_chain(scene_at: SceneAt) -> None:
    scene = scene_at("published")
    for dossier in scene.session.scalars(sa.select(Dossier)):
        entries = [e for e in chain_of(scene.session, dossier.id) if e.payload.get("from") != e.payload.get("to")]
        states = [entries[0].payload["to"], *(e.payload["to"] for e in entries[1:])]
        assert [e.payload.get("from") for e in entries] == [None, *states[:-1]]
        assert states[-1] == dossier.state
        assert dossier.version == len(entries)  # one by move; the first is the opening
