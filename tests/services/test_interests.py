"""What people declare once a year, and what the rules of a call make of it: barred, hidden, or warned of."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from rvc_portal.domain.actor import Scope
from rvc_portal.domain.call import ConflictRule
from rvc_portal.domain.conflicts import Tie
from rvc_portal.domain.errors import InvalidInput, Refused
from rvc_portal.domain.vocabulary import Permission, Role
from rvc_portal.models.conflict import Conflict
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluator import InterestDeclaration
from rvc_portal.models.job import Mail
from rvc_portal.models.journal import JournalEntry
from rvc_portal.queries import dossiers
from rvc_portal.queries import interests as query
from rvc_portal.queries.visibility import visible
from rvc_portal.services import accounts, conflicts, evaluation, evaluators, interests
from tests import scenes
from tests.scenes import DESIGNATED, Scene, SceneAt

RULES = (
    ConflictRule("country", "hard"), ConflictRule("tie", "hard"), ConflictRule("twin", "soft"),
    ConflictRule("employer", "soft", ("executive_contact.institution_function",)),
)  # fmt: skip
NOW = scenes.ASSIGNED


@pytest.fixture
def scene(scene_at: SceneAt) -> Scene:
    """Files in evaluation, in a call with rules on what people declare; Dublin is free of all of them."""
    scene = scene_at("in_evaluation")
    scene.redefine(conflict_rules=RULES)
    return scene


def dublin(scene: Scene):
    return scene.player("Dublin")


def declare(scene: Scene, *ties: Tie, account=None, now=NOW) -> InterestDeclaration:
    return interests.declare(scene.session, ties, actor=scene.actor(account or dublin(scene).account, now), now=now)


def found(scene: Scene) -> list[tuple[str, str, str, bool]]:
    """(city, rule, severity, whether it is a seat's), but for the country's."""
    query = sa.select(Conflict, Dossier.lead_city).join(Dossier, Dossier.id == Conflict.dossier_id)
    rows = scene.session.execute(query.where(Conflict.rule != "country"))
    return sorted((city, c.rule, c.severity, c.seat_id is not None) for c, city in rows)


def ask(scene: Scene) -> list:
    officer = scene.actor(scene.officer, NOW)
    return evaluation.assign(scene.session, scene.dossier(), [dublin(scene).seat.id], actor=officer, now=NOW)


def test_a_hard_tie_bars_the_seat_and_hides_the_file_from_the_person_in_every_role(scene: Scene) -> None:
    person = dublin(scene).account
    accounts.grant_role(scene.session, person, Role.SECRETARIAT, now=NOW, scope=Scope())
    (asked,) = ask(scene)
    declare(scene, Tie("tie", city=DESIGNATED, note="A cousin."))
    assert found(scene) == [(DESIGNATED, "tie", "hard", False), (DESIGNATED, "tie", "hard", True)]
    assert asked.ended_at == NOW, "the place is free again"
    with pytest.raises(Refused, match="conflict of interest"):
        ask(scene)
    seen = set(
        scene.session.scalars(sa.select(Dossier.lead_city).where(visible(scene.actor(person, NOW), Permission.KNOW)))
    )
    assert DESIGNATED not in seen
    assert seen, "other files stay with the Secretariat"


def test_a_soft_one_warns_until_it_is_set_aside_with_a_reason(scene: Scene) -> None:
    declare(scene, Tie("twin", city=DESIGNATED))
    with pytest.raises(Refused, match="conflict of interest"):
        ask(scene)
    officer, seat = scene.actor(scene.officer, NOW), dublin(scene).seat
    with pytest.raises(InvalidInput):
        conflicts.dismiss(scene.session, scene.dossier(), seat.id, reason="  ", actor=officer, now=NOW)
    conflicts.dismiss(scene.session, scene.dossier(), seat.id, reason="A treaty of 1970.", actor=officer, now=NOW)
    assert len(ask(scene)) == 1
    entry = scene.session.scalars(sa.select(JournalEntry).where(JournalEntry.transition == "dismiss_conflict")).one()
    assert (entry.reason, entry.payload["rules"]) == ("A treaty of 1970.", ["twin"])
    assert conflicts.refresh(scene.session, scene.dossier(), now=NOW) == [], "and it does not come back"
    with pytest.raises(Refused, match="no warning"):
        conflicts.dismiss(scene.session, scene.dossier(), seat.id, reason="Again.", actor=officer, now=NOW)


def test_a_rule_that_bars_is_not_set_aside(scene: Scene) -> None:
    declare(scene, Tie("tie", city=DESIGNATED), Tie("twin", city=DESIGNATED))
    officer, seat = scene.actor(scene.officer, NOW), dublin(scene).seat
    with pytest.raises(Refused, match="cannot be dismissed"):
        conflicts.dismiss(scene.session, scene.dossier(), seat.id, reason="Old.", actor=officer, now=NOW)


def test_a_soft_warning_hides_nothing_from_who_has_declared_it(scene: Scene) -> None:
    person = dublin(scene).account
    accounts.grant_role(scene.session, person, Role.SECRETARIAT, now=NOW, scope=Scope())
    declare(scene, Tie("twin", city=DESIGNATED))
    query = sa.select(Dossier.lead_city).where(visible(scene.actor(person, NOW), Permission.KNOW))
    assert DESIGNATED in set(scene.session.scalars(query))


def test_the_history_tells_a_persons_conflict_apart_from_a_seats(scene: Scene) -> None:
    declare(scene, Tie("tie", city=DESIGNATED))
    query = sa.select(JournalEntry.transition, JournalEntry.payload).where(JournalEntry.chain == scene.dossier().id)
    ties = {act: payload for act, payload in scene.session.execute(query) if payload.get("rule") == "tie"}
    assert sorted(ties) == ["conflict", "person_conflict"]
    assert ties["conflict"]["seat"] == str(dublin(scene).seat.id)
    assert ties["person_conflict"]["person"] == str(dublin(scene).account.id)


def test_a_declaration_looks_only_at_the_files_that_it_concerns(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = []
    monkeypatch.setattr(conflicts, "refresh", lambda session, dossier, now: looked_at.append(dossier.lead_city))
    declare(scene, Tie("twin", city="Nowhere"), Tie("tie", city=DESIGNATED))
    assert looked_at == [DESIGNATED]


def test_an_employer_is_found_in_the_answers_that_the_rule_names(scene: Scene) -> None:
    (city,) = query.of_files(scene.session, [scene.dossier()])[scene.dossier().id]
    named = city.organisations
    assert named
    declare(scene, Tie("employer", organisation=named[0].split(",")[0]))
    assert (DESIGNATED, "employer", "soft", True) in found(scene)


def test_the_latest_declaration_counts_and_binds_beyond_its_year(scene: Scene) -> None:
    first = declare(scene, Tie("twin", city="Nowhere"))
    assert first.expires_at == NOW + timedelta(days=365)
    second = declare(scene, Tie("twin", city=DESIGNATED), now=NOW + timedelta(days=1))
    assert (first.superseded_at, second.superseded_at) == (NOW + timedelta(days=1), None)
    assert query.latest(scene.session, dublin(scene).account.id) is second
    second.expires_at = NOW
    scene.session.flush()
    assert query.declared(scene.session)[dublin(scene).account.id] == (Tie("twin", city=DESIGNATED),)


@pytest.mark.parametrize(
    ("tie", "said"),
    [
        (Tie("", city="Lyon"), "what kind"),
        (Tie("twin"), "Name the city"),
        (Tie("employer", city="Lyon"), "organisation"),
    ],
)
def test_a_tie_that_names_nothing_is_refused_and_nothing_kept(scene: Scene, tie: Tie, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        declare(scene, Tie("twin", city="Lyon"), tie)
    assert list(refused.value.problems) == ["tie-1"]
    assert said in refused.value.problems["tie-1"][0].message
    assert query.latest(scene.session, dublin(scene).account.id) is None


@pytest.mark.parametrize(
    ("from_at", "until_at", "binds"),
    [(timedelta(-9), timedelta(9), True), (timedelta(-9), timedelta(-1), False), (timedelta(1), timedelta(9), False)],
    ids=["ends later", "over", "to come"],
)
def test_a_tie_binds_the_seat_while_the_person_acts_for_it(
    scene: Scene, from_at: timedelta, until_at: timedelta, binds: bool
) -> None:
    """A term of the Steering Group has its end from the start."""
    (holder,) = dublin(scene).seat.holders
    account, holder.from_at, holder.until_at = dublin(scene).account, NOW + from_at, NOW + until_at
    scene.session.flush()
    interests.declare(scene.session, [Tie("tie", city=DESIGNATED)], actor=scene.actor(account, NOW), now=NOW)
    assert ((DESIGNATED, "tie", "hard", True) in found(scene)) is binds
    assert (DESIGNATED, "tie", "hard", False) in found(scene)


def test_the_employer_that_the_register_names_is_a_tie_as_well(scene: Scene) -> None:
    ask(scene)
    seat, dossier = dublin(scene).seat, scene.dossier()
    function = dossiers.values(scene.session, dossier.id)["executive_contact"]["institution_function"]
    told = {"languages": [], "maximum_load": None, "fields": None}
    for organisation in ("Somewhere Else", function):
        assert found(scene) == []
        evaluators.correct(
            scene.session, seat.id, organisation=organisation, **told, actor=scene.actor(dublin(scene).account, NOW),
            now=NOW,
        )  # fmt: skip
    assert found(scene) == [(DESIGNATED, "employer", "soft", True)]


def test_who_acts_for_a_seat_is_reminded_once_before_the_declaration_ends(scene: Scene) -> None:
    before, end = timedelta(days=31), declare(scene).expires_at
    declare(scene, account=scene.lead())  # acts for no seat
    newer = scene.player("Kraków").account
    declare(scene, account=newer, now=NOW - timedelta(days=200))
    declare(scene, account=newer, now=NOW + timedelta(days=100))  # what it takes the place of ends without a word
    told = [
        interests.remind(scene.session, at)
        for at in (end - before, end - timedelta(days=30), end - timedelta(days=29), end + timedelta(days=1))
    ]
    assert told == [0, 1, 0, 0]
    (mail,) = scene.session.scalars(sa.select(Mail).where(Mail.template == "interests_end"))
    assert (mail.to_address, mail.context["path"]) == (dublin(scene).account.email, "/interests")
