"""The report of a call: its figures are those of the call, and it is kept from whom a file is kept from."""

from statistics import fmean

import sqlalchemy as sa

from rvc_portal.domain.vocabulary import Doc
from rvc_portal.models.account import Account
from rvc_portal.models.conflict import Conflict
from rvc_portal.models.document import Document
from rvc_portal.models.evaluation import Evaluation
from rvc_portal.queries import documents as query
from tests import scenes
from tests.scenes import Scene, SceneAt

DAY = 86_400


def report(scene: Scene, language: str = "en") -> Document:
    return next(d for d in scene.documents() if d.kind == Doc.CALL_REPORT and d.language == language)


def readable(scene: Scene, account: Account) -> bool:
    actor = scene.actor(account, scenes.PUBLISHED)
    listed = [shown.document.id for shown in query.of_whole_call(scene.session, actor, scene.call, Doc.CALL_REPORT)]
    found = query.readable_inside(scene.session, actor, report(scene).id)
    assert (report(scene).id in listed) == (found is not None)
    return found is not None


def test_its_figures_are_those_of_the_call(scene_at: SceneAt) -> None:
    scene = scene_at("published")
    told = report(scene).context
    assert {(s["label"]["message"], s["count"]) for s in told["by_state"]} == {("Designated", 1), ("Not designated", 1)}
    assert (told["begun"], told["filed"], told["evaluated"], told["designated"]) == (2, 2, 2, 1)
    assert {(c["country_iso2"], c["filed"], c["designated"]) for c in told["by_country"]} == {
        ("GB", 1, 1),
        ("BE", 1, 0),
    }
    europe = next(r for r in told["by_region"] if r["label"]["en"] == "Europe and North America")
    assert (europe["filed"], europe["designated"]) == (2, 1)
    assert sum(r["filed"] for r in told["by_region"]) == sum(f["filed"] for f in told["by_field"]) == 2
    assert sum(m["count"] for m in told["means"]) == 2


def test_its_scores_are_those_of_the_sheets_that_count(scene_at: SceneAt) -> None:
    scene = scene_at("published")
    experts = report(scene).context["streams"][0]
    means = scene.session.scalars(
        sa.select(Evaluation.mean).where(Evaluation.counting(), Evaluation.stream == "experts")
    ).all()
    assert experts["closed"] == len(means)
    assert experts["mean"] == fmean(m or 0 for m in means)


def test_its_times_are_those_of_the_journal(scene_at: SceneAt) -> None:
    scene = scene_at("published")
    paces = {p["label"]["message"]: p for p in report(scene).context["paces"]}
    assert paces["Admissibility"]["middle"] == (scenes.ADMITTED - scenes.FILED).total_seconds() / DAY
    assert paces["Evaluation"]["longest"] == (scenes.REFERRED - scenes.ADMITTED).total_seconds() / DAY
    assert paces["Decision"]["files"] == 2


def test_both_languages_say_the_same(scene_at: SceneAt) -> None:
    scene = scene_at("published")
    assert report(scene).context == report(scene, "fr").context


def test_a_conflict_with_any_file_keeps_it_away(scene_at: SceneAt) -> None:
    scene = scene_at("published")
    assert readable(scene, scene.officer)
    assert readable(scene, scene.direction)
    assert not readable(scene, scene.lead())
    scene.session.add(
        Conflict(
            dossier_id=scene.dossier().id,
            account_id=scene.officer.id,
            rule="declared",
            reason="",
            since_at=scenes.CLOSED,
        )
    )
    assert not readable(scene, scene.officer)
