"""The mayor's sign-off: of the very content that is filed, by a code that works once."""

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from rvc_portal.domain.errors import InvalidInput, NotFound, Refused
from rvc_portal.domain.vocabulary import Role
from rvc_portal.models.dossier import SignOff
from rvc_portal.models.job import Mail
from rvc_portal.models.journal import JournalEntry
from rvc_portal.queries import dossiers, facts
from rvc_portal.services import mailing, pieces, sign_off, submission
from tests import scenes
from tests.scenes import DECLINED, SOON, Scene, SceneAt

ANOTHER_DAY = scenes.SIGNED + timedelta(days=1)


def ask(scene: Scene, now=scenes.SIGNED) -> str:
    return sign_off.ask(
        scene.session, scene.dossier(), name="Ada Ferrars", email="mayor@nottingham.example",
        actor=scene.actor(scene.lead(), now), now=now,
    )  # fmt: skip


def give(scene: Scene, code: str, now=scenes.SIGNED + SOON) -> SignOff:
    return sign_off.answer(scene.session, code, given=True, reason="", now=now)


def standing(scene: Scene) -> str:
    return facts.sign_off_states(scene.session, scene.dossier())["mayor"]


def test_its_course(scene_at: SceneAt) -> None:
    scene = scene_at("written")
    assert standing(scene) == "none"
    code = ask(scene)
    assert standing(scene) == "asked"
    with pytest.raises(Refused, match="has not signed off yet"):
        submission.submit(scene.session, scene.dossier(), actor=scene.actor(scene.lead()), now=scenes.FILED)
    give(scene, code)
    assert standing(scene) == "given"
    submission.submit(scene.session, scene.dossier(), actor=scene.actor(scene.lead()), now=scenes.FILED)


def an_answer(scene: Scene) -> None:
    submission.save_answers(
        scene.session, scene.dossier(), {"reasons": "Others."}, actor=scene.actor(scene.lead()), now=ANOTHER_DAY
    )


def a_piece_less(scene: Scene) -> None:
    first = dossiers.attachments(scene.session, scene.dossier().id)[0]
    pieces.remove(scene.session, scene.dossier(), first.id, actor=scene.actor(scene.lead()), now=ANOTHER_DAY)


def a_piece_replaced(scene: Scene) -> None:
    first = dossiers.attachments(scene.session, scene.dossier().id)[0]
    a_piece_less(scene)
    pieces.add(
        scene.session, scene.story.instance.files, scene.dossier(), first.piece, name=first.name,
        content=io.BytesIO(scenes.letter(99) if first.name.endswith("pdf") else scenes.photo(5)),
        actor=scene.actor(scene.lead()), now=ANOTHER_DAY,
    )  # fmt: skip


@pytest.mark.parametrize("change", [an_answer, a_piece_less, a_piece_replaced])
def test_any_change_asks_for_a_new_one(change: Callable[[Scene], None], scene_at: SceneAt) -> None:
    scene = scene_at("signed")
    assert standing(scene) == "given"
    change(scene)
    assert standing(scene) == "outdated"
    with pytest.raises(Refused, match="changed after the mayor's sign-off"):
        submission.submit(scene.session, scene.dossier(), actor=scene.actor(scene.lead()), now=scenes.FILED)


def test_a_change_taken_back_leaves_the_sign_off_as_it_was(scene_at: SceneAt) -> None:
    """It is the content that is signed off, not the moment."""
    scene = scene_at("signed")
    before = dossiers.values(scene.session, scene.dossier().id)["reasons"]
    an_answer(scene)
    submission.save_answers(
        scene.session, scene.dossier(), {"reasons": before}, actor=scene.actor(scene.lead()), now=ANOTHER_DAY
    )
    assert standing(scene) == "given"


def test_a_code_is_answered_once(scene_at: SceneAt) -> None:
    scene = scene_at("written")
    code = ask(scene)
    give(scene, code)
    with pytest.raises(Refused, match="was answered"):
        sign_off.answer(scene.session, code, given=False, reason="I changed my mind.", now=ANOTHER_DAY)
    assert standing(scene) == "given"


def test_an_old_code_is_dead_once_a_new_one_was_asked_for(scene_at: SceneAt) -> None:
    scene = scene_at("written")
    old = ask(scene)
    new = ask(scene, ANOTHER_DAY)
    for use in (sign_off.open_request, lambda s, c: give(scene, c)):
        with pytest.raises(NotFound):
            use(scene.session, old)
    assert standing(scene) == "asked"
    give(scene, new, ANOTHER_DAY + SOON)
    assert standing(scene) == "given"


def test_of_two_codes_asked_for_in_one_instant_one_works(scene_at: SceneAt) -> None:
    """A double click: whichever mail the mayor opens, it is never so that none of them works."""
    scene = scene_at("written")
    codes = [ask(scene), ask(scene)]
    alive = []
    for code in codes:
        try:
            sign_off.open_request(scene.session, code)
        except NotFound:
            continue
        alive.append(code)
    assert len(alive) == 1
    give(scene, alive[0])
    assert standing(scene) == "given"


@pytest.mark.parametrize("code", ["", "0" * 32, "nonsense"])
def test_a_wrong_code_opens_nothing(code: str, scene_at: SceneAt) -> None:
    scene = scene_at("written")
    ask(scene)
    with pytest.raises(NotFound):
        sign_off.open_request(scene.session, code)


def test_opening_the_request_changes_nothing(scene_at: SceneAt) -> None:
    """Mail scanners open links: only the button answers."""
    from tests.services.test_transitions import rows

    scene = scene_at("written")
    code = ask(scene)
    scene.commit()
    before = rows(scene.session)
    for _ in range(3):
        request, dossier = sign_off.open_request(scene.session, code)
        assert (request.answered_at, dossier.id) == (None, scene.dossier().id)
    scene.commit()
    assert rows(scene.session) == before


def test_the_code_itself_is_in_the_mail_alone(scene_at: SceneAt) -> None:
    scene = scene_at("written")
    code = ask(scene)
    mail = scene.session.scalars(sa.select(Mail).where(Mail.template == "sign_off")).one()
    assert mail.to_address == "mayor@nottingham.example"
    assert code in mail.context["path"]
    kept = scene.session.scalars(sa.select(SignOff)).one()
    assert code != kept.code_sha256
    entries = scene.session.scalars(sa.select(JournalEntry)).all()
    assert not any(code in str(e.payload) + e.reason for e in entries)


def test_declining_needs_a_reason_and_bars_the_way(scene_at: SceneAt) -> None:
    scene = scene_at("written")
    code = ask(scene)
    with pytest.raises(InvalidInput):
        sign_off.answer(scene.session, code, given=False, reason=" ", now=scenes.SIGNED + SOON)
    assert standing(scene) == "asked"
    sign_off.answer(scene.session, code, given=False, reason="The budget is not ours.", now=scenes.SIGNED + SOON)
    assert standing(scene) == "refused"
    with pytest.raises(Refused, match="declined to sign off"):
        submission.submit(scene.session, scene.dossier(), actor=scene.actor(scene.lead()), now=scenes.FILED)


def test_a_file_that_is_under_way_takes_no_sign_off(scene_at: SceneAt) -> None:
    scene = scene_at("signed")
    code = ask(scene, ANOTHER_DAY)
    lead = scene.actor(scene.lead())
    submission.withdraw(scene.session, scene.dossier(), actor=lead, now=ANOTHER_DAY, reason="No.")
    with pytest.raises(Refused, match="no longer open"):
        give(scene, code, ANOTHER_DAY + SOON)


@pytest.mark.parametrize(
    ("name", "email", "field"),
    [(" ", "a@b.example", "name"), ("Ada", "nowhere", "email"), ("Ada", "a b@c.example", "email"), ("Ada", "", "email")],
)  # fmt: skip
def test_a_request_to_nobody_is_not_sent(name: str, email: str, field: str, scene_at: SceneAt) -> None:
    scene = scene_at("written")
    with pytest.raises(InvalidInput) as invalid:
        sign_off.ask(
            scene.session, scene.dossier(), name=name, email=email, actor=scene.actor(scene.lead()), now=scenes.SIGNED
        )
    assert field in invalid.value.problems
    assert scene.session.scalars(sa.select(SignOff)).all() == []


def test_strangers_and_readers_do_not_ask(scene_at: SceneAt) -> None:
    scene = scene_at("written")
    for account in (scene.lead(DECLINED), scene.member(Role.READER), scene.officer):
        with pytest.raises((NotFound, Refused)):
            sign_off.ask(
                scene.session, scene.dossier(), name="Ada", email="ada@b.example", actor=scene.actor(account),
                now=scenes.SIGNED,
            )  # fmt: skip
    assert standing(scene) == "none"


# --- other sign-offs than the mayor's -------------------------------------------------------------------------------


def with_commission(scene: Scene, *, required: bool) -> None:
    """The call asks for the National Commission's endorsement, too."""
    call = scene.dossier().call
    mayor = {"key": "mayor", "label": {"en": "The mayor's sign-off", "fr": "L’accord du maire"}}
    commission = {"key": "national_commission", "label": {"en": "Endorsement", "fr": "Appui"}, "required": required}
    call.definition = {**call.definition, "sign_offs": [mayor, commission]}
    call.definition_sha256 = f"{required:064d}"  # another file, another hash: definitions are parsed once for each
    scene.session.flush()


def endorse(scene: Scene, *, given: bool, reason: str = "", now=scenes.SIGNED) -> SignOff:
    code = sign_off.ask(
        scene.session, scene.dossier(), kind="national_commission", name="The Commission", email="c@unesco.example",
        actor=scene.actor(scene.lead(), now), now=now,
    )  # fmt: skip
    return sign_off.answer(scene.session, code, given=given, reason=reason, now=now + SOON)


def both_standing(scene: Scene) -> dict[str, str]:
    return facts.sign_off_states(scene.session, scene.dossier())


def test_a_call_that_names_none_asks_for_the_mayors_alone(scene_at: SceneAt) -> None:
    scene = scene_at("written")
    assert both_standing(scene) == {"mayor": "none"}
    with pytest.raises(NotFound):
        endorse(scene, given=True)


def test_each_kind_has_requests_of_its_own(scene_at: SceneAt) -> None:
    scene = scene_at("written")
    with_commission(scene, required=True)
    code = ask(scene)
    endorse(scene, given=True)
    assert both_standing(scene) == {"mayor": "asked", "national_commission": "given"}
    give(scene, code)  # the Commission's request came later and did not replace the mayor's
    assert both_standing(scene) == {"mayor": "given", "national_commission": "given"}
    template = sa.select(Mail).where(Mail.template == "sign_off").order_by(Mail.created_at)
    found = {m.context["kind"]: m for m in scene.session.scalars(template)}
    assert set(found) == {"mayor", "national_commission"}
    for language, word in (("en", "Endorsement"), ("fr", "appui")):
        found["national_commission"].language = language
        message = mailing.message(found["national_commission"], "https://portal.example")
        assert word in message.subject + message.body


@pytest.mark.parametrize("required", [True, False])
def test_a_change_asks_both_again_and_a_required_one_bars(scene_at: SceneAt, required: bool) -> None:
    scene = scene_at("written")
    with_commission(scene, required=required)
    endorse(scene, given=True)
    give(scene, ask(scene))
    an_answer(scene)
    assert both_standing(scene) == {"mayor": "outdated", "national_commission": "outdated"}
    give(scene, ask(scene, ANOTHER_DAY), ANOTHER_DAY + SOON)
    common = {"actor": scene.actor(scene.lead()), "now": scenes.FILED}
    if required:
        with pytest.raises(Refused, match="Endorsement: the file was changed after it"):
            submission.submit(scene.session, scene.dossier(), **common)
        endorse(scene, given=True, now=ANOTHER_DAY)
    submission.submit(scene.session, scene.dossier(), **common)


def test_an_optional_one_that_was_declined_does_not_bar(scene_at: SceneAt) -> None:
    scene = scene_at("written")
    with_commission(scene, required=False)
    with pytest.raises(InvalidInput):
        endorse(scene, given=False)
    endorse(scene, given=False, reason="Not this year.", now=ANOTHER_DAY)
    give(scene, ask(scene))
    assert both_standing(scene) == {"mayor": "given", "national_commission": "refused"}
    submission.submit(scene.session, scene.dossier(), actor=scene.actor(scene.lead()), now=scenes.FILED)
    filed = next(d for d in scene.documents(scene.dossier()) if d.kind == "DOSSIER")
    (printed,) = filed.context["sign_offs"]
    assert printed["label"]["en"] == "The mayor's sign-off"


def test_the_document_prints_every_one_that_was_given(scene_at: SceneAt) -> None:
    scene = scene_at("written")
    with_commission(scene, required=True)
    endorse(scene, given=True)
    give(scene, ask(scene))
    submission.submit(scene.session, scene.dossier(), actor=scene.actor(scene.lead()), now=scenes.FILED)
    filed = next(d for d in scene.documents(scene.dossier()) if d.kind == "DOSSIER")
    assert [s["name"] for s in filed.context["sign_offs"]] == ["Ada Ferrars", "The Commission"]
