"""The journal as proof: whatever a hand does to it is found, even where the chain by itself holds again."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import hypothesis.strategies as st
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from sqlalchemy.orm import Session

from rvc_portal.domain.vocabulary import Doc
from rvc_portal.gateways.heads import FIRST, Heads, statement
from rvc_portal.gateways.signing import Office
from rvc_portal.models.base import Base, new_id
from rvc_portal.models.document import Document
from rvc_portal.models.journal import JournalEntry
from rvc_portal.services import documents, journal, proof
from rvc_portal.services.contexts.parts import Draft
from tests import signatures
from tests.scenes import SceneAt

AT = datetime(2015, 7, 15, 12, tzinfo=UTC)
CHAINS = (journal.NETWORK, UUID(int=7), UUID(int=2**127))


def faults(session: Session, heads: Heads) -> list[proof.Fault]:
    session.flush()
    session.expire_all()
    return list(proof.Check(session, heads).faults())


def told(found: list[proof.Fault]) -> list[tuple[int | None, str]]:
    return [(fault.number, fault.what.partition(" (entry")[0]) for fault in found]


def chain_of(session: Session, chain: UUID) -> list[JournalEntry]:
    query = sa.select(JournalEntry).where(JournalEntry.chain == chain).order_by(JournalEntry.id)
    return list(session.scalars(query))


def hash_anew(session: Session, entries: list[JournalEntry]) -> None:
    """What whoever knows the rule does after a change: every hash from here on fits again."""
    previous = entries[0].previous
    for entry in entries:
        entry.previous, entry.hash = previous, ""
        entry.hash = previous = journal.entry_hash(entry)
    session.flush()


@pytest.fixture
def heads(tmp_path: Path) -> Heads:
    return Heads(tmp_path / "heads")


@pytest.fixture(scope="module")
def engine() -> Iterator[sa.Engine]:
    made = sa.create_engine("sqlite://")
    Base.metadata.create_all(made)
    yield made
    made.dispose()


# --- whatever a hand does ------------------------------------------------------------------------------------------

payloads = st.dictionaries(st.text(max_size=3), st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4))
acts = st.tuples(st.sampled_from(CHAINS), st.text("abc", min_size=1, max_size=3), st.text(max_size=4), payloads)
CHANGED: dict[str, Callable[[JournalEntry], object]] = {
    "at": lambda e: e.at + timedelta(microseconds=1),
    "actor_id": lambda e: None if e.actor_id else new_id(),
    "transition": lambda e: e.transition + "x",
    "reason": lambda e: e.reason + "x",
    "payload": lambda e: {**e.payload, "more": 1},
    "previous": lambda e: e.previous[:-1] + ("0" if e.previous[-1] != "0" else "1"),
    "hash": lambda e: ("0" if e.hash[0] != "0" else "1") + e.hash[1:],
    "chain": lambda e: UUID(int=99),
}


def alter(session: Session, how: str, entries: list[JournalEntry], data: st.DataObject) -> None:
    entry = data.draw(st.sampled_from(entries))
    own = sa.update(JournalEntry).where(JournalEntry.id == entry.id)
    mates = [e for e in entries if e.chain == entry.chain]
    if how in CHANGED:
        session.execute(own.values({how: CHANGED[how](entry)}))
    elif how == "spoil":
        column = data.draw(st.sampled_from(["at", "payload", "actor_id"]))
        session.execute(sa.text(f"UPDATE journal_entry SET {column} = '{{no' WHERE id = :id"), {"id": entry.id})
    elif how == "take out":
        session.execute(sa.delete(JournalEntry).where(JournalEntry.id == entry.id))
    elif how == "cut":
        session.execute(sa.delete(JournalEntry).where(JournalEntry.chain == entry.chain, JournalEntry.id >= entry.id))
    elif how == "put in":
        put_in = JournalEntry(
            id=10**6, chain=entry.chain, at=AT, transition="x", reason="", payload={}, previous="e" * 64
        )
        put_in.hash = journal.entry_hash(put_in)
        session.add(put_in)
    elif how == "swap" and len(mates) > 1:
        other = data.draw(st.sampled_from([e for e in mates if e.id != entry.id]))
        for old, new in ((entry.id, 10**6), (other.id, entry.id), (10**6, other.id)):
            session.execute(sa.text("UPDATE journal_entry SET id = :new WHERE id = :old"), {"old": old, "new": new})
    else:  # change it, and make the rest of the chain fit again
        entry.reason += "x"
        hash_anew(session, mates[mates.index(entry) :])
    session.flush()


@given(
    acted=st.lists(acts, min_size=1, max_size=12),
    how=st.sampled_from([*CHANGED, "spoil", "take out", "cut", "put in", "swap", "fit"]),
    data=st.data(),
)
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_alteration_of_any_journal_is_found(
    acted: list[tuple[UUID, str, str, dict[str, object]]], how: str, data: st.DataObject, engine: sa.Engine,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:  # fmt: skip
    kept = Heads(tmp_path_factory.mktemp("kept"))
    with Session(engine) as session:
        for n, (chain, act, reason, payload) in enumerate(acted):
            actor_id = UUID(int=n) if n % 2 else None
            journal.append(session, chain, act, actor_id=actor_id, now=AT, reason=reason, payload=payload)
        proof.write_heads(session, kept, AT)
        assert faults(session, kept) == []
        altered = list(session.scalars(sa.select(JournalEntry).order_by(JournalEntry.id)))
        alter(session, how, altered, data)
        assert faults(session, kept)
        session.rollback()


# --- what is said of it --------------------------------------------------------------------------------------------


@pytest.fixture
def written(engine: sa.Engine) -> Iterator[Session]:
    """Seven entries of the Network's chain."""
    with Session(engine) as session:
        for n in range(7):
            journal.append(session, journal.NETWORK, f"act {n}", actor_id=None, now=AT)
        yield session
        session.rollback()


def change_third(session: Session, ids: list[int]) -> None:
    session.execute(sa.update(JournalEntry).where(JournalEntry.id == ids[2]).values(reason="Rewritten."))


def take_fourth_out(session: Session, ids: list[int]) -> None:
    session.execute(sa.delete(JournalEntry).where(JournalEntry.id == ids[3]))


def swap_second_and_fifth(session: Session, ids: list[int]) -> None:
    for old, new in ((ids[1], 10**6), (ids[4], ids[1]), (10**6, ids[4])):
        session.execute(sa.text("UPDATE journal_entry SET id = :new WHERE id = :old"), {"old": old, "new": new})


def put_in_before_the_last(session: Session, ids: list[int]) -> None:
    session.execute(sa.text("UPDATE journal_entry SET id = 1000000 WHERE id = :old"), {"old": ids[6]})
    put_in = {"id": ids[6], "chain": journal.NETWORK, "at": AT, "transition": "x", "reason": "", "payload": {}}
    entry = JournalEntry(**put_in, actor_id=None, previous="e" * 64)
    made = {**put_in, "actor_id": None, "previous": "e" * 64, "hash": journal.entry_hash(entry)}
    session.execute(sa.insert(JournalEntry).values(made))


@pytest.mark.parametrize(
    ("change", "number", "what"),
    [
        (change_third, 3, "was altered"),
        (take_fourth_out, 4, "follows from an entry that is missing"),
        (swap_second_and_fifth, 2, "stands in another place than it was written in"),
        (put_in_before_the_last, 7, "was put in"),
    ],
)
def test_what_was_done_is_named(
    change: Callable[[Session, list[int]], None], number: int, what: str, written: Session, heads: Heads
) -> None:
    proof.write_heads(written, heads, AT)
    change(written, [entry.id for entry in chain_of(written, journal.NETWORK)])
    found = faults(written, heads)
    assert told(found)[0] == (number, what)
    assert found[0].where == f"the Network ({journal.NETWORK})"


def test_a_tail_that_was_cut_is_found_by_the_heads(written: Session, heads: Heads) -> None:
    entries = chain_of(written, journal.NETWORK)
    proof.write_heads(written, heads, AT)
    written.execute(sa.delete(JournalEntry).where(JournalEntry.id >= entries[4].id))
    assert told(faults(written, heads)) == [
        (5, "the chain ends before it, but entry 7 is known from the heads of 2015-07-15")
    ]
    written.execute(sa.delete(JournalEntry))
    (fault,) = faults(written, heads)
    assert (fault.number, fault.what) == (
        7,
        "the chain has no entries, but this one is known from the heads of 2015-07-15",
    )


def test_a_chain_hashed_anew_is_found_by_heads_of_before_even_once_new_ones_follow(
    written: Session, heads: Heads
) -> None:
    entries = chain_of(written, journal.NETWORK)
    proof.write_heads(written, heads, AT)
    entries[3].reason = "Rewritten."
    hash_anew(written, entries[3:])
    assert journal.first_broken(written, journal.NETWORK) is None
    proof.write_heads(written, heads, AT + timedelta(days=1))
    assert told(faults(written, heads)) == [(7, "is not the entry that is known from the heads of 2015-07-15")]


def test_what_is_added_by_the_portal_is_no_fault(written: Session, heads: Heads) -> None:
    proof.write_heads(written, heads, AT)
    journal.append(written, journal.NETWORK, "act", actor_id=None, now=AT)
    journal.append(written, UUID(int=7), "act", actor_id=None, now=AT)
    assert faults(written, heads) == []


# --- the files -----------------------------------------------------------------------------------------------------


def test_the_heads_are_written_once_a_day_and_on_demand(written: Session, heads: Heads) -> None:
    first = proof.write_heads_of_the_day(written, heads, AT)
    assert first is not None
    assert (first.name, first.chains, first.entries) == ("2015-07-15", 1, 7)
    assert proof.write_heads_of_the_day(written, heads, AT + timedelta(hours=9)) is None
    for n in range(2, 12):
        more = proof.write_heads(written, heads, AT)
        assert more is not None
        assert more.name == f"2015-07-15.{n}"
    assert proof.write_heads_of_the_day(written, heads, AT + timedelta(days=1))
    assert heads.names() == ["2015-07-15", *(f"2015-07-15.{n}" for n in range(2, 12)), "2015-07-16"]
    assert faults(written, heads) == []
    assert sorted(p.name for p in heads.folder.iterdir()) == sorted(heads.names())


def test_an_altered_or_missing_file_of_heads_is_found(written: Session, heads: Heads) -> None:
    for day in range(3):
        proof.write_heads(written, heads, AT + timedelta(days=day))
    second = heads.folder / "2015-07-16"
    kept = second.read_text()
    for altered in (kept.replace(" 7 ", " 6 "), kept[:-3], kept.replace("2015-07-16T", "2015-07-15T"), ""):
        second.write_text(altered)
        assert "heads of 2015-07-16" in [fault.where for fault in faults(written, heads)], altered
    second.unlink()
    (fault,) = faults(written, heads)
    assert (fault.where, fault.what) == ("heads of 2015-07-17", "a file before it is missing or altered")


def test_the_statement_is_sealed_where_there_is_a_key(written: Session, heads: Heads) -> None:
    sealed: list[bytes] = []
    first = proof.write_heads(written, heads, AT, lambda said: sealed.append(said) or b"a seal")  # type: ignore[func-returns-value]
    assert first is not None
    assert sealed == [statement("2015-07-15", first.sha256)]
    assert (heads.folder / "2015-07-15.seal").read_bytes() == b"a seal"
    assert heads.stated_sha256("2015-07-15") == first.sha256
    assert [line.number for line in heads.read("2015-07-15", FIRST)] == [7]
    assert faults(written, heads) == []


def test_the_offices_seal_holds_and_a_foreign_or_spoilt_one_does_not(
    written: Session, heads: Heads, tmp_path: Path
) -> None:
    office = Office(signatures.own_authority(tmp_path / "office"))
    name = proof.write_heads(written, heads, AT, proof.sealer(office)).name
    check = proof.Check(written, heads, office)
    assert (list(check.faults()), check.seals) == ([], 1)
    kept = heads.seal(name)
    for spoilt in (
        kept[:-1] + bytes([kept[-1] ^ 1]),
        b"no seal",
        proof.sealer(stranger(tmp_path))(b"another statement"),
    ):
        heads.put_seal(name, spoilt)
        assert [f.where for f in proof.Check(written, heads, office).faults()] == [f"heads of {name}"]
    heads.put_seal(name, proof.sealer(stranger(tmp_path))(statement(name, heads.stated_sha256(name))))
    assert [f.where for f in proof.Check(written, heads, office).faults()] == [f"heads of {name}"]


def test_keys_that_cannot_seal_hold_up_nothing(written: Session, heads: Heads, tmp_path: Path) -> None:
    keys = signatures.own_authority(tmp_path / "office")
    keys.pkcs12.write_bytes(b"no key")
    name = proof.write_heads(written, heads, AT, proof.sealer(Office(keys))).name
    assert heads.seal(name) is None
    assert faults(written, heads) == []


def stranger(tmp_path: Path) -> Office:
    """Another office with an authority of its own."""
    folder = tmp_path / "stranger"
    return Office(signatures.keys_in(folder) if folder.exists() else signatures.own_authority(folder))


# --- documents -----------------------------------------------------------------------------------------------------


def test_every_document_of_a_round_prints_the_entry_of_its_own_act(scene_at: SceneAt, heads: Heads) -> None:
    scene = scene_at("published")
    session = scene.session
    entries: dict[UUID, list[JournalEntry]] = {}
    found = session.execute(sa.select(Document, Document.context)).all()
    for document, context in found:
        chain = document.dossier_id or document.call_id or journal.NETWORK
        entries.setdefault(chain, chain_of(session, chain))
        said = context["document"]["journal"]
        entry = entries[chain][said["number"] - 1]
        assert entry.hash == said["hash"], document.kind
        letters = entry.transition == "decide"  # rendered and held until the publication carries out what was decided
        own = (context["document"]["transition"], document.issued_at)
        assert letters or (entry.transition, entry.at) == own, document.kind
    assert len(found) > 20
    check = proof.Check(session, heads)
    assert list(check.faults()) == []
    assert check.printed == len(found)


def test_a_tail_that_was_cut_is_found_by_a_document(scene_at: SceneAt, heads: Heads) -> None:
    scene = scene_at("submitted")
    dossier = scene.dossier()
    entries = chain_of(scene.session, dossier.id)
    printed = scene.session.scalar(sa.select(Document.context).where(Document.kind == Doc.RECEIPT))
    assert printed is not None
    number = printed["document"]["journal"]["number"]
    gone = [entry.id for entry in entries[number - 1 :]]
    scene.session.execute(sa.delete(JournalEntry).where(JournalEntry.id.in_(gone)))
    (fault,) = faults(scene.session, heads)
    assert fault.number == number
    assert fault.where == f"{dossier.reference} ({dossier.id})"
    assert printed["document"]["reference"] in fault.what or "/DOSSIER/" in fault.what


def test_the_chains_of_a_test_call_are_in_no_heads(scene_at: SceneAt, heads: Heads) -> None:
    scene = scene_at("submitted")
    scene.call.test = True
    scene.session.flush()
    written = proof.write_heads(scene.session, heads, AT)
    assert written is not None
    assert written.chains == 0


def test_documents_of_the_network_print_its_chain(written: Session) -> None:
    made = documents.write(
        written,
        Doc.STEERING_COMPOSITION,
        Draft({}),
        now=AT,
        transition="act 6",
        call_id=None,
        language="en",
        subject="N",
    )
    last = chain_of(written, journal.NETWORK)[-1]
    assert made.context["document"]["journal"] == {"number": 7, "hash": last.hash}
    assert json.loads(json.dumps(made.context)) == made.context
