"""Mails are worded in the reader's language from what was frozen when they were queued."""

import datetime as dt
import re
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from jinja2 import UndefinedError
from sqlalchemy.orm import Session

from rvc_portal.domain.procedures.candidacy import CANDIDACY
from rvc_portal.domain.vocabulary import Doc, JobKind
from rvc_portal.gateways.files import Files
from rvc_portal.models.job import Job, Mail
from rvc_portal.services import mailing
from rvc_portal.settings import TEMPLATES

NOW = dt.datetime(2015, 7, 15, 12, tzinfo=dt.UTC)
NAMES = sorted(path.stem for path in (TEMPLATES / "mail").glob("[a-z]*.txt"))
CONTEXT: dict[str, Any] = {
    "clauses": [
        {
            "clause": "3a",
            "year": 2015,
            "text": {"en": "Oversee the evaluation.", "fr": "Superviser l’évaluation."},
            "due_on": "2016-02-28",
            "late": late,
            "path": "/meetings/9/follow-up/3a",
        }
        for late in (False, True)
    ],
    "name": "Amélie <Núñez>",
    "path": "/dossiers/1",
    "city": "Saint-Jean-Pied-de-Port",
    "reference": "LIT-2015-007",
    "call": "Call 2015 & more",
    "reason": "The budget is missing.\nPlease add it.",
    "act": "withdrew the file",
    "transition": "return",
    "demonstration": True,
    "asker": "Zoé",
    "mayor": "Ji-woo",
    "seat": "Kraków",
    "seat_kind": "coordinator",
    "first": "2015-07-15",
    "last": None,
    "timezone": "Europe/Paris",
    "until": "2015-07-25T21:59:00Z",
    "zone": "Europe/Paris",
    "role": "editor",
    "other": "Ji-woo",
    "kind": "mayor",
    "sign_off": "Sign-off",
    "who": "Zoé Maire",
    "given": False,
    "person": "Adébáyọ̀",
    "email": "a@b.example",
    "answer": "declined",
    "stream": "members",
    "number": 2,
    "received_at": "2015-07-15T21:58:03Z",
    "filed_at": "2015-07-15T21:58:07Z",
    "submitted_by": "Zoé",
    "sha256": "a" * 64,
    "because": "withdrawn",
    "at": "2015-07-15T21:58:03Z",
    "left": 9,
    "due_at": "2015-12-11T11:00:00Z",
    "reasons": [
        {
            "message": "%(reference)s: the document %(kind)s is not ready yet.",
            "params": {"reference": "LIT-1", "kind": "CERTIFICATE"},
        }
    ],
    "title": "Winter sitting 2015",
    "starts_at": "2015-11-25T10:00:00+00:00",
    "own_zone": "Asia/Seoul",
    "place": "Paris",
    "link": "https://meet.example/rvc",
    "seats": [{"kind": "deputy", "name": {"en": "Literature", "fr": "Littérature"}}],
    "deputy": "stands_in",
    "items": [
        {"number": 2, "city": "Óbidos", "reference": "LIT-2", "field": {"en": "Literature", "fr": "Littérature"}},
        {"number": 4, "city": "Montréal", "reference": "LIT-4", "field": None},
    ],
    "some_closed": True,
    "sheets": [
        {"city": "Minamihara", "reference": None, "seat": "Kraków", "standing": "asked", "due": "2015-07-25T21:59:00Z"},
        {"city": "Kilmarrow", "reference": "LIT-2015-009", "seat": "Kraków", "standing": "begun", "due": None},
    ],
    "edition": 9,
    "hosts": ["Krakow", "Katowice"],
    "first_day": "2015-05-25",
    "last_day": "2015-05-28",
    "most": 3,
    "pieces": [
        {"label": {"en": "Letter", "fr": "Lettre"}, "name": "lettre.pdf", "size": 1_834_220, "sha256": "b" * 64}
    ],
}

FILES = Files("memory://")


def mail(template: str, language: str = "en", **changes: Any) -> Mail:
    context = {**CONTEXT, **({"act": "joined"} if template == "team" else {}), **changes}
    return Mail(
        id=UUID(int=1), to_address="a@b.example", language=language, template=template, context=context, created_at=NOW
    )


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("template", NAMES)
def test_every_mail_has_a_subject_a_body_and_a_link(template: str, language: str) -> None:
    message = mailing.message(mail(template, language), "https://portal.example")
    assert 5 < len(message.subject) < 120
    assert "\n" not in message.subject
    assert "https://portal.example/dossiers/1\n" in message.body
    assert "Amélie <Núñez>" in message.body  # plain text: nothing is escaped
    assert "&lt;" not in message.body
    assert not re.search(r"\n\n\n|%\(|{{|}}", message.body)


def test_each_act_that_a_city_is_told_of_has_words_of_its_own() -> None:
    told = [t for t in CANDIDACY.transitions.values() if t.told_to_city]
    assert len(told) == 12
    by_receipt = {t.name for t in told if Doc.RECEIPT in t.issues}
    assert by_receipt == {"submit", "resubmit"}
    subjects = {
        mailing.message(mail("dossier_act", transition=t.name), "").subject for t in told if t.name not in by_receipt
    }
    assert len(subjects) == 10
    assert mailing.message(mail("dossier_act", transition="unheard_of"), "").subject not in subjects


def test_a_reason_is_told_only_where_it_is_meant_for_the_city() -> None:
    for name in CANDIDACY.transitions:
        body = mailing.message(mail("dossier_act", transition=name), "").body
        assert ("The budget is missing." in body) == (
            name in {"return", "dismiss", "withdraw", "extend", "admit_late", "readmit"}
        )


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "No delegate has been named"), ("fr", "Personne n’a encore été désigné")]
)
def test_who_has_named_no_delegate_is_told_so_and_who_is_invited_is_not(language: str, sentence: str) -> None:
    bodies = [
        mailing.message(mail("delegates", language, act=act), "https://portal.example").body
        for act in ("invited", "reminded")
    ]
    assert [sentence in body for body in bodies] == [False, True]
    assert all("Krakow, Katowice" in body and "23:59 (Europe/Paris)" in body for body in bodies)


def test_a_template_that_lacks_something_is_no_mail() -> None:
    row = mail("dossier_act")
    row.context = {"name": "A"}
    with pytest.raises(UndefinedError):
        mailing.message(row, "")


def test_a_mail_is_a_job_of_its_cause(session: Session) -> None:
    queued = mailing.queue_mail(session, "a@b.example", "fr", "dossier_act", CONTEXT, now=NOW)
    session.rollback()
    assert session.scalar(sa.select(sa.func.count()).select_from(Mail)) == 0
    queued = mailing.queue_mail(session, "a@b.example", "fr", "dossier_act", CONTEXT, now=NOW)
    session.commit()
    job = session.scalars(sa.select(Job)).one()
    assert (job.kind, job.subject_id) == (JobKind.MAIL, queued.id)


def test_a_mail_that_was_sent_is_not_worded_again(session: Session) -> None:
    queued = mailing.queue_mail(session, "a@b.example", "fr", "dossier_act", CONTEXT, now=NOW)
    session.flush()
    assert mailing.unsent(session, queued.id, "", FILES) is not None
    mailing.record_sent(session, queued.id, NOW)
    session.expire_all()
    assert mailing.unsent(session, queued.id, "", FILES) is None
