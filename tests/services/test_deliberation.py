"""A sitting at work: what is refused, and that nothing is counted twice or lost."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from rvc_portal.demonstration.story import Player
from rvc_portal.domain.deliberation import Choice, DeliberationRules, MotionKind, Tally
from rvc_portal.domain.errors import InvalidInput, NotFound, Overtaken, Refused
from rvc_portal.models.document import Document
from rvc_portal.models.journal import JournalEntry
from rvc_portal.models.steering import AgendaItem, Leave, Motion, Opinion, SteeringSession, Vote
from rvc_portal.queries import composition, documents
from rvc_portal.queries import decision as decisions
from rvc_portal.queries import deliberation as query
from rvc_portal.queries import steering as steering_query
from rvc_portal.services import conflicts, decision, deliberation, record, voting
from tests import scenes
from tests.scenes import DECLINED, DESIGNATED, Scene

SceneAt = Callable[[str], Scene]
NOW = scenes.SAT
TEXTS = {"en": "A sound plan.", "fr": "Un plan solide."}


class Table:
    """A sitting on two files, everybody seated, the first member in the chair."""

    def __init__(self, scene: Scene, seated: int = 8):
        self.scene, self.session = scene, scene.session
        self.group = scene.players(False)
        self.sitting = scene.story.convene(
            scene.call, "Autumn", "Paris", scene.officer, self.group[:seated], self.group[0], NOW
        )
        self.chair = self.group[0]

    def item(self, name: str = DESIGNATED) -> AgendaItem:
        return next(i for i in query.items(self.session, self.sitting) if i.dossier.lead_city == name)

    def by(self, player: Player) -> dict:
        return {"actor": self.scene.actor(player.account, NOW), "now": NOW}

    def by_officer(self) -> dict:
        return {"actor": self.scene.actor(self.scene.officer, NOW), "now": NOW}

    def take_up(self, name: str = DESIGNATED) -> AgendaItem:
        deliberation.take_up(self.session, self.sitting, self.item(name), **self.by(self.chair))
        return self.item(name)

    def motion(
        self, item: AgendaItem, kind: MotionKind = MotionKind.RECOMMEND, by_name: bool = True, **conditions: str
    ) -> Motion:
        return voting.put_motion(
            self.session, self.sitting, item, kind=kind, by_name=by_name, conditions=conditions, **self.by(self.chair)
        )

    def cast(self, item: AgendaItem, player: Player, choice: Choice = Choice.IN_FAVOUR) -> None:
        voting.cast(self.session, self.sitting, item, player.seat.id, choice, **self.by(player))

    def close_vote(self, item: AgendaItem, counted: Tally | None = None) -> Motion:
        return voting.close_vote(self.session, self.sitting, item, counted=counted, **self.by(self.chair))

    def words(self, item: AgendaItem, texts: dict[str, str] = TEXTS, seen: int | None = None) -> None:
        deliberation.save_texts(
            self.session, self.sitting, item, texts, seen=item.text_revision if seen is None else seen,
            **self.by(self.chair),
        )  # fmt: skip

    def conclude(self, item: AgendaItem) -> None:
        voting.conclude(self.session, self.sitting, item, **self.by(self.chair))

    def recuse(self, player: Player, name: str = DESIGNATED) -> None:
        conflicts.declare(
            self.session, self.scene.dossier(name), player.seat.id, actor_id=player.account.id, reason="Kin", now=NOW
        )


@pytest.fixture
def table(scene_at: SceneAt) -> Table:
    return Table(scene_at("in_review"))


def test_a_motion_that_is_carried_becomes_the_opinion(table: Table) -> None:
    item = table.take_up()
    table.words(item)
    table.motion(item, MotionKind.CONDITIONS, en="One.\nTwo.", fr="Un.\n\nDeux.")
    for player in table.group:
        table.cast(item, player, Choice.AGAINST if player is table.group[1] else Choice.IN_FAVOUR)
    closed = table.close_vote(item)
    assert (closed.in_favour, closed.against, closed.abstaining, closed.seats, closed.carried) == (7, 1, 0, 8, True)
    table.conclude(item)
    opinion = table.session.scalars(sa.select(Opinion)).one()
    assert (opinion.outcome, opinion.text_fr, opinion.voting) == ("favourable", TEXTS["fr"], 8)
    assert table.scene.dossier().state == "awaiting_decision"
    issued = next(d for d in table.scene.documents(table.scene.dossier()) if d.kind == "STEERING_OPINION")
    assert issued.context["votes"] == {"in_favour": 7, "against": 1, "abstaining": 0}
    assert issued.context["conditions"] == [{"en": "One.", "fr": "Un."}, {"en": "Two.", "fr": "Deux."}]


def test_conditions_go_from_the_motion_to_the_letter(table: Table) -> None:
    """Lists tell the opinion from one without conditions, the Direction reads them, the designated city gets them in the
    language of its letter, the record prints them."""
    scene, dossier = table.scene, table.scene.dossier()
    item = table.take_up()
    table.words(item)
    table.motion(item, MotionKind.CONDITIONS, by_name=False, en="One.\nTwo.", fr="Un.\nDeux.")
    table.close_vote(item, Tally(8))
    table.conclude(item)
    table.take_up(DECLINED)
    table.words(table.item(DECLINED))
    table.motion(table.item(DECLINED), by_name=False)
    table.close_vote(table.item(DECLINED), Tally(8))
    table.conclude(table.item(DECLINED))
    reader = scene.actor(table.group[1].account, NOW)
    told = {line.dossier.lead_city: line.opinion for line in query.lines(scene.session, reader, table.sitting)}
    assert told == {DESIGNATED: "conditions", DECLINED: "favourable"}
    given = steering_query.given(scene.session, dossier)
    assert given is not None
    assert (given.told, given.conditions("fr")) == ("conditions", ["Un.", "Deux."])
    scene.commit()
    scene.story.put_forward(scene.call, scene.officer, scenes.SLATED)
    for name in (DESIGNATED, DECLINED):
        scene.story.decide(scene.dossier(name), scene.direction, True, scenes.DECIDED)
    letters = {
        name: next(d.context for d in scene.documents(scene.dossier(name)) if d.kind == "DESIGNATION_LETTER")
        for name in (DESIGNATED, DECLINED)
    }
    own, other = ("fr", "en") if dossier.language == "fr" else ("en", "fr")
    worded = {"en": ["One.", "Two."], "fr": ["Un.", "Deux."]}[own]
    assert letters[DESIGNATED]["conditions"] == [{own: text, other: None} for text in worded]
    assert letters[DECLINED]["conditions"] == []


def test_a_deferred_file_is_undecided_and_comes_up_again(table: Table) -> None:
    scene, session = table.scene, table.session
    item = table.take_up()
    table.words(item)
    table.motion(item, MotionKind.DEFER, by_name=False)
    table.close_vote(item, Tally(8))
    table.conclude(item)
    assert scene.dossier().state == "in_review"
    officer = scene.actor(scene.officer, NOW)
    assert decisions.deferred(session, officer, scene.call) == 1
    assert decisions.count([], 1).undecided == 1
    refusals = decision.refusals_of_publication(session, scene.call, actor=officer)
    assert scene.dossier().reference in {r.params.get("reference") for r in refusals}
    deliberation.close(session, table.sitting, **table.by(table.chair))
    again = deliberation.plan(
        session, scene.call, title="Spring", starts_at=NOW + timedelta(days=90), place="Paris", actor=officer, now=NOW
    )
    assert scene.dossier().id in {i.dossier_id for i in query.items(session, again)}


def test_a_draft_writes_over_nothing(table: Table) -> None:
    """What is typed stays, saved or not; what somebody else saved meanwhile is not lost; another language is marked."""
    item = table.take_up()
    mine = {"en": "Mine, not saved yet.", "fr": " "}
    deliberation.draft_reason(table.session, table.sitting, item, mine, seen=0, **table.by(table.chair))
    assert item.text_en == mine["en"]
    assert "\n– " in item.text_fr
    languages = {account.language for account in (p.account for p in table.scene.players())}
    assert languages == {"en", "fr"}
    assert "\n– [EN] " in item.text_fr
    assert "[FR]" not in item.text_fr
    with pytest.raises(Overtaken):
        deliberation.draft_reason(table.session, table.sitting, item, {}, seen=0, **table.by(table.chair))
    assert item.text_en == mine["en"]


def test_only_who_voted_otherwise_dissents(table: Table) -> None:
    def dissent(player: Player, text: str = "The budget hangs on one grant.") -> None:
        deliberation.dissent(
            table.session, table.sitting, item, player.seat.id, text=text, language="en", **table.by(player)
        )

    item = table.take_up()
    table.motion(item)
    table.cast(item, table.group[1])
    table.cast(item, table.group[2], Choice.AGAINST)
    table.cast(item, table.group[3], Choice.ABSTAINING)
    with pytest.raises(Refused, match="Your seat voted in favour"):
        dissent(table.group[1])
    for player in table.group[2:5]:  # against, abstaining, and not voted at all
        dissent(player)
    assert {d.seat_id for d in query.dissents(table.session, [item.id])} == {p.seat.id for p in table.group[2:5]}
    table.close_vote(item)
    table.motion(item, MotionKind.DEFER)
    table.cast(item, table.group[2])
    with pytest.raises(Refused, match="Your seat voted in favour"):
        dissent(table.group[2], "Still not.")
    dissent(table.group[2], " ")  # taken back
    assert table.group[2].seat.id not in {d.seat_id for d in query.dissents(table.session, [item.id])}


def test_nobody_votes_twice_or_for_another_or_recused_or_absent(table: Table) -> None:
    table.recuse(table.group[2])
    item = table.take_up()
    table.motion(item)
    table.cast(item, table.group[1])
    with pytest.raises(Refused, match="voted on this motion already"):
        table.cast(item, table.group[1], Choice.AGAINST)
    with pytest.raises(Refused, match="recused"):
        table.cast(item, table.group[2])
    other = table.group[3]
    with pytest.raises(NotFound):
        voting.cast(table.session, table.sitting, item, other.seat.id, Choice.AGAINST, **table.by(table.group[4]))
    deliberation.step_out(table.session, table.sitting, other.seat.id, **table.by(other))
    with pytest.raises(Refused, match="absent"):
        table.cast(item, other)
    assert len(table.session.scalars(sa.select(Vote)).all()) == 1


def test_an_item_is_neither_concluded_nor_left_while_a_vote_runs(table: Table) -> None:
    item = table.take_up()
    table.words(item)
    table.motion(item)
    for act in (
        lambda: table.conclude(item),
        lambda: table.take_up(DECLINED),
        lambda: table.motion(item),
        lambda: deliberation.close(table.session, table.sitting, **table.by(table.chair)),
    ):
        with pytest.raises(Refused, match="A vote is running"):
            act()
    table.close_vote(item)
    with pytest.raises(Refused, match="No motion is carried"):
        table.conclude(item)


def test_an_item_without_a_quorum_is_not_voted_on_nor_concluded(table: Table) -> None:
    item = table.take_up()
    table.words(item)
    table.motion(item, by_name=False)
    table.close_vote(item, Tally(8))
    for player in table.group[1:5]:
        deliberation.step_out(table.session, table.sitting, player.seat.id, **table.by(player))
    with pytest.raises(Refused, match="No quorum for this file: 4 seats of 5"):
        table.conclude(item)
    with pytest.raises(Refused, match="No quorum for this file: 4 seats of 5"):
        table.motion(item)
    deliberation.come_back(table.session, table.sitting, table.group[1].seat.id, **table.by(table.group[1]))
    table.conclude(item)


def test_two_in_the_chair(table: Table) -> None:
    second = table.group[1]
    with pytest.raises(Refused, match=r"Crafts and Folk Art.* has the chair already"):
        deliberation.take_chair(table.session, table.sitting, second.seat.id, **table.by(second))
    deliberation.hand_over(table.session, table.sitting, second.seat.id, **table.by(table.chair))
    with pytest.raises(Refused, match="Only who has the chair"):
        table.take_up()
    table.chair = second
    table.take_up()


def test_who_declares_an_interest_in_the_chair_leaves_both(table: Table) -> None:
    item = table.take_up()
    table.motion(item)
    table.cast(item, table.chair)
    with pytest.raises(InvalidInput):
        deliberation.declare_interest(
            table.session, table.sitting, item, table.chair.seat.id, reason=" ", **table.by(table.chair)
        )
    deliberation.declare_interest(
        table.session, table.sitting, item, table.chair.seat.id, reason="Kin", **table.by(table.chair)
    )
    assert table.sitting.chair_id is None
    assert table.session.scalars(sa.select(Vote)).all() == []
    assert query.item(table.session, table.scene.actor(table.chair.account, NOW), table.sitting, item.id) is None


def test_who_is_recused_is_out_from_when_until_when(table: Table) -> None:
    table.recuse(table.group[3])
    table.take_up()
    out = table.session.scalars(sa.select(Leave)).one()
    assert (out.seat_id, out.rule, out.out_at, out.in_at) == (table.group[3].seat.id, "declared", NOW, None)
    deliberation.take_up(
        table.session, table.sitting, table.item(DECLINED), actor=table.scene.actor(table.chair.account, NOW),
        now=NOW + timedelta(minutes=9),
    )  # fmt: skip
    table.session.refresh(out)
    assert out.in_at == NOW + timedelta(minutes=9)


def test_two_who_word_the_reason_at_once(table: Table) -> None:
    item = table.take_up()
    deliberation.draft_reason(table.session, table.sitting, item, {}, seen=0, **table.by(table.chair))
    assert "\n– " in item.text_en
    assert not any(p.seat.name in item.text_en for p in table.scene.players())
    with pytest.raises(Overtaken):
        table.words(item, seen=0)
    table.words(item, {"en": "Only English."})
    table.motion(item, by_name=False)
    table.close_vote(item, Tally(5))
    with pytest.raises(Refused, match="language"):
        table.conclude(item)


@pytest.mark.parametrize("conditions", [{}, {"en": "One."}, {"en": "One.\nTwo.", "fr": "Un."}])
def test_conditions_are_worded_in_each_language(table: Table, conditions: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        table.motion(table.take_up(), MotionKind.CONDITIONS, **conditions)


def test_more_hands_than_seats(table: Table) -> None:
    item = table.take_up()
    table.motion(item, by_name=False)
    with pytest.raises(Refused, match=r"More hands \(9\) than seats that vote \(8\)"):
        table.close_vote(item, Tally(7, 1, 1))
    assert table.close_vote(item, Tally(4, 4, 0)).carried is False


def test_items_are_moved_until_the_group_has_been_at_them(table: Table) -> None:
    first, second = query.items(table.session, table.sitting)
    deliberation.move(table.session, table.sitting, second, by=-1, **table.by_officer())
    assert [i.id for i in query.items(table.session, table.sitting)] == [second.id, first.id]
    table.take_up(second.dossier.lead_city)
    with pytest.raises(Refused, match="has been at this item"):
        deliberation.move(table.session, table.sitting, first, by=-1, **table.by_officer())


def test_who_has_no_chair_does_not_close_it_and_learns_nothing_of_a_vote(table: Table) -> None:
    """What a recused member is answered is the same whether a vote runs on the item that is closed to them or not."""
    recused = table.group[3]
    table.recuse(recused)
    item = table.take_up()
    for _vote_runs in (False, True):
        with pytest.raises(Refused) as told:
            deliberation.close(table.session, table.sitting, **table.by(recused))
        assert [r.message for r in told.value.refusals] == ["The chair closes the sitting, or the Secretariat."]
        if not _vote_runs:
            table.motion(item)
    with pytest.raises(Refused, match="A vote is running"):
        deliberation.close(table.session, table.sitting, **table.by(table.chair))
    assert table.sitting.closed_at is None


def test_before_its_day_the_secretariat_alone_opens_a_sitting(scene_at: SceneAt) -> None:
    scene = scene_at("in_review")
    member, officer = (scene.actor(account, NOW) for account in (scene.players(False)[0].account, scene.officer))
    sitting = deliberation.plan(
        scene.session,
        scene.call,
        title="Later",
        starts_at=NOW + timedelta(days=3),
        place="Paris",
        actor=officer,
        now=NOW,
    )
    with pytest.raises(Refused, match="called for a later day"):
        deliberation.begin(scene.session, sitting, actor=member, now=NOW)
    with pytest.raises(Refused, match="called for a later day"):
        deliberation.begin(scene.session, sitting, actor=member, now=NOW + timedelta(days=2))
    deliberation.begin(scene.session, sitting, actor=member, now=NOW + timedelta(days=3))
    assert sitting.opened_at == NOW + timedelta(days=3)


def test_who_had_gone_out_is_not_told_as_present_in_the_opinion(table: Table) -> None:
    away = table.group[6]
    item = table.take_up()
    deliberation.step_out(table.session, table.sitting, away.seat.id, **table.by(away))
    table.words(item)
    table.motion(item, by_name=False)
    table.close_vote(item, Tally(6, 0, 0))
    table.conclude(item)
    found = sa.select(Document).where(Document.kind == "STEERING_OPINION", Document.dossier_id == item.dossier_id)
    told = table.session.scalars(found.limit(1)).one().context
    assert composition.name_of(away.seat) not in [seat["seat"] for seat in told["present"]]
    assert len(told["present"]) == told["quorum"]["present"] == 7
    assert told["quorum"]["seated"] == 8


def test_the_opinion_tells_the_votes_by_name_and_every_dissent(table: Table) -> None:
    """The dissent of a seat that writes after the conclusion comes into a new version, by an act of the journal."""

    def dissent(player: Player, text: str) -> None:
        deliberation.dissent(
            table.session, table.sitting, item, player.seat.id, text=text, language="fr", **table.by(player)
        )

    def given() -> list[Document]:
        return [d for d in table.scene.documents(dossier) if d.kind == "STEERING_OPINION"]

    item, dossier = table.take_up(), table.scene.dossier()
    table.words(item)
    table.motion(item)
    for player, choice in zip(
        table.group[:7], [*[Choice.IN_FAVOUR] * 5, Choice.AGAINST, Choice.ABSTAINING], strict=True
    ):
        table.cast(item, player, choice)
    table.close_vote(item)
    dissent(table.group[5], "Le budget tient à une subvention.")
    table.conclude(item)
    (first,) = given()
    told = first.context["motion"]
    votes = {vote["seat"]["fr"]: vote["choice"] for vote in told["votes"]}
    assert votes == {
        composition.name_of(p.seat)["fr"]: "in_favour" if n < 5 else "against" if n == 5 else "abstaining"
        for n, p in enumerate(table.group[:7])
    }
    assert (told["by_name"], told["seats"]) == (True, 8), "one seat did not vote"
    assert [d["text"]["text"] for d in first.context["dissents"]] == ["Le budget tient à une subvention."]
    dissent(table.group[5], "Le budget tient à une subvention.")
    assert given() == [first], "the same words are no act"
    dissent(table.group[6], "Le plan est mince.")
    latest = next(d for d in given() if d.superseded_at is None)
    assert latest.context["document"]["transition"] == "dissent"
    assert [d["text"]["text"] for d in latest.context["dissents"]].count("Le plan est mince.") == 1
    assert len(latest.context["dissents"]) == 2
    acts = table.session.scalars(sa.select(JournalEntry.transition).where(JournalEntry.chain == dossier.id))
    assert list(acts)[-2:] == ["advise", "dissent"]
    dissent(table.group[6], "")
    assert len(next(d for d in given() if d.superseded_at is None).context["dissents"]) == 1


def _closed(table: Table) -> SteeringSession:
    item = table.take_up()
    table.words(item)
    table.motion(item, by_name=False)
    table.close_vote(item, Tally(6, 1, 0))
    table.conclude(item)
    deliberation.close(table.session, table.sitting, **table.by(table.chair))
    return table.sitting


def test_the_record_is_open_to_correction_until_a_set_time(scene_at: SceneAt) -> None:
    scene = scene_at("in_review")
    scene.redefine(steering=DeliberationRules(correction_days=3))
    table = Table(scene)
    late = table.group[5]
    table.recuse(late)
    sitting = _closed(table)
    soon, after = NOW + timedelta(days=2), NOW + timedelta(days=3)
    member, officer = scene.actor(table.group[1].account, soon), scene.actor(scene.officer, soon)
    record.correct(scene.session, sitting, table.item(), text="Six, not seven.", language="en", actor=member, now=soon)
    with pytest.raises(Refused, match="Only who was present"):
        record.correct(
            scene.session, _other_sitting(scene), None, text="I was away.", language="en", actor=member, now=soon
        )
    with pytest.raises(Refused, match="open to correction until"):
        record.approve(scene.session, sitting, actor=member, now=soon)
    with pytest.raises(Refused, match="was open to correction until"):
        record.correct(scene.session, sitting, None, text="Too late.", language="en", actor=member, now=after)
    record.save_text(scene.session, sitting, {"en": "We met."}, seen=0, actor=officer)
    with pytest.raises(Overtaken):
        record.save_text(scene.session, sitting, TEXTS, seen=0, actor=officer)
    with pytest.raises(Refused, match="not approved yet"):
        record.seal(scene.session, sitting, actor=officer, now=after)
    with pytest.raises(Refused, match="missing in this language"):
        record.approve(scene.session, sitting, actor=member, now=after)
    record.save_text(scene.session, sitting, {"en": "We met.", "fr": "Réunis."}, seen=1, actor=officer)
    record.approve(scene.session, sitting, actor=member, now=after)
    with pytest.raises(Refused, match="nothing is changed in it any more"):
        record.save_text(scene.session, sitting, TEXTS, seen=2, actor=officer)
    with pytest.raises(Refused, match="Somebody else seals"):
        record.seal(scene.session, sitting, actor=member, now=after)
    record.seal(scene.session, sitting, actor=officer, now=after)
    with pytest.raises(Refused, match="The record is sealed"):
        record.seal(scene.session, sitting, actor=officer, now=after)
    _each_reads_their_own(scene, table, late, sitting)


def _other_sitting(scene: Scene) -> SteeringSession:
    made = SteeringSession(call_id=scene.call.id, title="Another", opened_at=NOW, closed_at=NOW)
    scene.session.add(made)
    scene.session.flush()
    return made


def _each_reads_their_own(scene: Scene, table: Table, late: Player, sitting: SteeringSession) -> None:
    def given(player: Player) -> list[Document]:
        shown = documents.of_sitting(scene.session, scene.actor(player.account, NOW), sitting)
        return [s.document for s in shown if (s.document.kind, s.document.language) == ("SESSION_RECORD", "fr")]

    (whole,), (shut,) = given(table.group[1]), given(late)
    assert whole.variant is None
    number = next(n for n, i in enumerate(query.items(scene.session, sitting)) if i.id == table.item().id)
    assert whole.context["items"][number]["detail"]["corrections"][0]["text"]["text"] == "Six, not seven."
    assert shut.context["items"][number] == {"number": number + 1, "detail": None}
    assert DESIGNATED not in str(shut.context)
    reads = scene.actor(late.account, NOW)
    assert documents.readable_of_sitting(scene.session, reads, whole.id) is None
    assert documents.readable_of_sitting(scene.session, reads, shut.id) is not None
    assert documents.readable_of_sitting(scene.session, scene.actor(scene.lead(), NOW), shut.id) is None
