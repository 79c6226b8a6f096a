"""A letter betrays no rank: whatever a file scored, how it was voted on, when and how often it was decided, the same words
give the same letter but for the city's own name and reference."""

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from rvc_portal.documents import pdf
from rvc_portal.domain.feedback import TEXTS
from rvc_portal.domain.vocabulary import DecisionOutcome
from rvc_portal.models.decision import SlateEntry
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Answer, Dossier
from rvc_portal.models.evaluation import Evaluation, Score
from rvc_portal.models.job import Mail
from rvc_portal.models.journal import JournalEntry
from rvc_portal.models.steering import Opinion
from rvc_portal.queries import calls
from rvc_portal.services import decision, feedback, mailing
from rvc_portal.services.contexts import parts
from rvc_portal.settings import Settings
from rvc_portal.settings import read as read_settings
from tests.judging import Judging, database
from tests.stories import town
from tests.web.browsing import START

ONE, OTHER = "Brunoy-le-Haut", "Thorn-les-Bois"
WORDS = {"en": "The plan has to ripen.", "fr": "Le plan doit mûrir."}
TOLD = {
    "strengths_en": "A scene.",
    "strengths_fr": "Une scène.",
    "weaknesses_en": "A gap.",
    "weaknesses_fr": "Un manque.",
}


def tell(tale: Judging) -> None:
    """Two files that differ in their names alone, with the same feedback, on one slate; a third stands far above them."""
    for name in (ONE, OTHER, "Valmorane"):
        dossier_id = tale.in_review(town(name), tale.lead(f"{name.lower()}@ville.example", "Amélie Saint-Jean"))
        at, dossier = tale.now - timedelta(hours=11, minutes=30), tale.dossier(dossier_id)
        criteria = {c.key: dict.fromkeys(TEXTS, "") | TOLD for c in calls.definition(tale.call).rubric.criteria}
        officer = tale.story.actor(tale.officer(), at)
        feedback.save(tale.story.session, dossier, criteria, seen={}, sure=False, actor=officer, now=at)
        tale.story.commit()
        if name == ONE:
            tale.sitting()
        tale.story.advise(dossier, tale.group()[0], False, tale.now - timedelta(hours=10))
    tale.story.put_forward(tale.call, tale.officer(), tale.now - timedelta(hours=9))
    tale.direction()
    session = tale.story.session
    mayors = {a.dossier_id: a for a in session.scalars(sa.select(Answer).where(Answer.key == "mayor"))}
    pattern = json.dumps(mayors[named(tale, ONE).id].value, ensure_ascii=False)
    for dossier in session.scalars(
        sa.select(Dossier)
    ):  # an address is a city's own: here they differ in its name alone
        mayors[dossier.id].value = json.loads(pattern.replace(ONE, dossier.lead_city))
    tale.story.commit()


@pytest.fixture(scope="module")
def told(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return database(migrated, tmp_path_factory, START, tell)


@pytest.fixture
def tale(told: Path, tmp_path: Path, make_app: Callable[[Settings], Flask]) -> Any:
    of = read_settings({"RVC_DATA": str(tmp_path / "letters")})
    shutil.copy(told, of.data / "portal.db")
    app = make_app(of)
    with app.app_context():
        yield Judging(app, START)


def named(tale: Judging, name: str) -> Dossier:
    return tale.story.session.scalars(sa.select(Dossier).where(Dossier.lead_city == name)).one()


outcomes = st.fixed_dictionaries({
    "score": st.floats(0, 10), "mean": st.floats(0, 10), "voting": st.integers(5, 13),
    "proposed": st.sampled_from([None, True, False]), "opinion": st.sampled_from(["favourable", "unfavourable"]),
    "minutes": st.integers(0, 60 * 24 * 20), "before": st.lists(st.sampled_from(list(DecisionOutcome)), max_size=2),
})  # fmt: skip


def judge(tale: Judging, dossier: Dossier, how: dict[str, Any]) -> None:
    """Let the file have come out like this, and decline it in the same words."""
    session = tale.story.session
    sheets = sa.select(Evaluation.id).where(Evaluation.dossier_id == dossier.id)
    session.execute(sa.update(Score).where(Score.evaluation_id.in_(sheets)).values(value=how["score"]))
    session.execute(sa.update(Evaluation).where(Evaluation.dossier_id == dossier.id).values(mean=how["score"]))
    session.execute(
        sa.update(Opinion).where(Opinion.dossier_id == dossier.id).values(voting=how["voting"], outcome=how["opinion"])
    )
    session.execute(sa.update(SlateEntry).where(SlateEntry.dossier_id == dossier.id).values(proposed=how["proposed"]))
    dossier.mean_overall = how["mean"]
    at = START + timedelta(minutes=how["minutes"])
    for outcome in (*how["before"], DecisionOutcome.DECLINE):
        decision.decide(
            session, dossier, outcome=outcome, reasons=WORDS, actor=tale.story.actor(tale.direction(), at), now=at
        )
        at += timedelta(minutes=1)


def published(tale: Judging) -> None:
    tale.story.session.execute(
        sa.update(Document)
        .where(Document.content_sha256.is_(None))
        .values(content_sha256="0" * 64, pages=1, size=1000, rendered_at=START)
    )
    now = START + timedelta(days=30)
    decision.publish(tale.story.session, tale.call, actor=tale.story.actor(tale.officer(), now), now=now)


def letter(tale: Judging, name: str) -> Document:
    """The one that the city is given."""
    query = sa.select(Document).where(
        Document.dossier_id == named(tale, name).id, Document.kind == "DECISION_LETTER", Document.held.is_(False)
    )
    return tale.story.session.scalars(query).one()


def unproved(context: Any) -> Any:
    """Without the hash of the act that issued it, which is each file's own as its reference is, and says as little."""
    return {**context, "document": {key: told for key, told in context["document"].items() if key != "journal"}}


def anonymous(text: str, dossier: Dossier) -> str:
    for own, other in ((dossier.reference, "REFERENCE"), (dossier.lead_city, "CITY"), (str(dossier.id), "ID")):
        text = text.replace(own, other)
    return text


@settings(
    max_examples=6,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(one=outcomes, other=outcomes, first=st.booleans())
def test_two_declined_cities_get_the_same_letter(tale: Judging, one: Any, other: Any, first: bool) -> None:
    order = [(ONE, one), (OTHER, other), ("Valmorane", one)]
    try:
        for name, how in order if first else reversed(order):
            judge(tale, named(tale, name), how)
        published(tale)
        pair = [(letter(tale, name), named(tale, name)) for name in (ONE, OTHER)]
        pages = [anonymous(pdf.page_html(d.kind, unproved(d.context), d.language), dossier) for d, dossier in pair]
        assert pages[0].encode() == pages[1].encode()
        assert "Un manque." in pages[0]
        (a, _), (b, _) = pair
        assert (a.issued_at, a.language, a.kind, a.superseded_at, a.images) == (
            b.issued_at, b.language, b.kind, b.superseded_at, b.images,
        )  # fmt: skip
        assert mail_told(tale, ONE) == mail_told(tale, OTHER)
    finally:
        tale.story.session.rollback()


def mail_told(tale: Judging, name: str) -> list[str]:
    """What the city's lead is written at publication, with its subject and its time."""
    mails = tale.story.session.scalars(
        sa.select(Mail).where(
            Mail.to_address == f"{name.lower()}@ville.example", Mail.created_at == START + timedelta(days=30)
        )
    )
    worded = [mailing.message(mail, "https://portal.example") for mail in mails]
    assert len(worded) == 1
    return [anonymous(f"{m.subject}\n{m.body}", named(tale, name)) for m in worded]


def test_letters_of_two_cities_are_the_same_file_but_for_the_name(tale: Judging) -> None:
    """With the other's name and reference in it, the one PDF is the other, byte for byte."""
    worlds = (
        {"score": 1.0, "mean": 1.0, "voting": 5, "proposed": False, "opinion": "unfavourable", "minutes": 0, "before": []},
        {"score": 9.0, "mean": 9.5, "voting": 9, "proposed": True, "opinion": "favourable", "minutes": 4000,
         "before": [DecisionOutcome.DESIGNATE, DecisionOutcome.DECLINE]},
    )  # fmt: skip
    for name, how in zip((ONE, OTHER), worlds, strict=True):
        judge(tale, named(tale, name), how)
    judge(tale, named(tale, "Valmorane"), worlds[1])
    published(tale)
    contexts = [renamed(letter(tale, name).context, named(tale, name)) for name in (ONE, OTHER)]
    files = [pdf.render("DECISION_LETTER", context, "fr").content for context in contexts]
    assert files[0] == files[1]
    tale.story.session.rollback()


def renamed(context: Any, dossier: Dossier) -> Any:
    return json.loads(anonymous(json.dumps(unproved(context), ensure_ascii=False), dossier))


@pytest.mark.parametrize(
    ("title", "family", "language", "told"),
    [
        ("Mme", "Keïta", "fr", "Madame la Maire"), ("M.", "Keïta", "fr", "Monsieur le Maire"),
        ("Docteure", "Keïta", "fr", "Docteure Keïta"), ("Ms", "al-Khattat (الخطّاط)", "en", "Ms al-Khattat"),
        ("", "Keïta", "en", None), ("Mr", "", "en", None), ("", "", "fr", None),
    ],
)  # fmt: skip
def test_a_letter_addresses_whom_the_file_names(title: str, family: str, language: str, told: str | None) -> None:
    assert parts.form_of_address(title, family, language) == told


def test_letters_are_given_out_in_the_order_of_the_references(tale: Judging) -> None:
    how = {
        "score": 5.0,
        "mean": 5.0,
        "voting": 5,
        "proposed": None,
        "opinion": "favourable",
        "minutes": 0,
        "before": [],
    }
    for number, name in enumerate(("Valmorane", OTHER, ONE)):
        judge(tale, named(tale, name), how | {"mean": 9.0 - number, "minutes": number})
    published(tale)
    session = tale.story.session
    acts = sa.select(JournalEntry).where(JournalEntry.transition == "decline").order_by(JournalEntry.id)
    references = [session.get_one(Dossier, e.chain).reference for e in session.scalars(acts)]
    assert len(references) == 3
    assert references == sorted(references)
    session.rollback()
