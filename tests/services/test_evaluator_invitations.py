"""Invited evaluators: whose code answers what, once, with its own chain of the journal; and two who answer at once."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
import sqlalchemy as sa

from rvc_portal.domain.errors import InvalidInput, NotFound, PortalError, Refused
from rvc_portal.gateways import network
from rvc_portal.models.base import db
from rvc_portal.models.evaluator import EvaluatorInvitation
from rvc_portal.models.job import Mail
from rvc_portal.models.journal import JournalEntry
from rvc_portal.models.seat import SeatHolder
from rvc_portal.services import accounts, evaluator_invitations, journal, mailing
from rvc_portal.services.evaluator_invitations import Wanted
from tests.judging import Judging
from tests.web.browsing import START

WANTED = Wanted(
    email="guest@library.example", name="Guest", language="en", stream="experts", fields=("music", "film"), country="NG"
)
PASSWORD = "four plain words"


@pytest.fixture
def tale(judging: Judging) -> Judging:
    return judging


def invite(tale: Judging, wanted: Wanted = WANTED):
    actor = tale.story.actor(tale.officer(), START)
    made, code = evaluator_invitations.invite(tale.story.session, wanted, actor=actor, now=START)
    tale.story.commit()
    return made, code


def chain(tale: Judging, made: EvaluatorInvitation) -> list[JournalEntry]:
    query = sa.select(JournalEntry).where(JournalEntry.chain == made.id)
    return list(tale.story.session.scalars(query.order_by(JournalEntry.id)))


def test_the_code_is_kept_as_a_hash_and_stands_in_the_mail_alone(tale: Judging) -> None:
    made, code = invite(tale)
    assert code not in {str(value) for value in vars(made).values()}
    (mail,) = tale.story.session.scalars(sa.select(Mail).where(Mail.template == "evaluator_invitation"))
    assert f"/evaluator-invitations/{code}\n" in mailing.message(mail, "https://portal.example").body
    assert made.expires_at - START == timedelta(days=network.days("evaluator_invitation"))


def test_every_act_is_journaled_without_a_name_or_an_address(tale: Judging) -> None:
    made, _old = invite(tale)
    officer = tale.story.actor(tale.officer(), START)
    code = evaluator_invitations.invite_again(tale.story.session, made.id, actor=officer, now=START)
    evaluator_invitations.decline(tale.story.session, code, reason=" No time. ", account=None, now=START)
    entries = chain(tale, made)
    assert [(e.transition, e.actor_id, e.reason) for e in entries] == [
        ("invite_evaluator", officer.account_id, ""), ("invite_evaluator_again", officer.account_id, ""),
        ("decline_evaluator_invitation", None, "No time."),
    ]  # fmt: skip
    assert "uest" not in str([e.payload for e in entries])
    assert journal.first_broken(tale.story.session, made.id) is None


def test_nobody_but_the_secretariat_invites(tale: Judging) -> None:
    made, _code = invite(tale)
    judge = tale.story.actor(tale.evaluators()[0].account, START)
    session = tale.story.session
    for act in (
        lambda: evaluator_invitations.invite(session, WANTED, actor=judge, now=START),
        lambda: evaluator_invitations.invite_again(session, made.id, actor=judge, now=START),
        lambda: evaluator_invitations.withdraw(session, made.id, actor=judge, now=START),
    ):
        with pytest.raises(Refused, match="does not allow"):
            act()


def test_an_answer_is_given_once_by_the_person_invited(tale: Judging) -> None:
    made, code = invite(tale)
    session = tale.story.session
    other = tale.lead("other@ville.example", "Otto")
    with pytest.raises(Refused, match=r"guest@library\.example"):
        evaluator_invitations.accept(session, code, account=other, now=START)
    account, seat = evaluator_invitations.accept_as_new(
        session, code, name="Guest", password=PASSWORD, language="en", now=START
    )
    assert (seat.fields, seat.country) == (("music", "film"), "NG")
    assert seat.judges("film")
    assert not seat.judges("literature")
    assert (made.answer, made.answered_by, made.state(START + timedelta(days=99))) == (
        "accepted",
        account.id,
        "accepted",
    )
    for again in (
        lambda: evaluator_invitations.accept(session, code, account=account, now=START),
        lambda: evaluator_invitations.decline(session, code, reason="No.", account=account, now=START),
    ):
        with pytest.raises(Refused, match="answered"):
            again()
    with pytest.raises(NotFound):
        evaluator_invitations.withdraw(
            session, made.id, actor=tale.story.actor(tale.officer(), START), now=START
        )  # fmt: skip


def test_who_became_an_evaluator_meanwhile_gets_no_second_seat(tale: Judging) -> None:
    guest = tale.lead(WANTED.email, "Guest")
    made, code = invite(tale)
    accounts.give_seat(tale.story.session, tale.evaluators()[0].seat, guest, now=START)
    with pytest.raises(Refused, match="evaluator already"):
        evaluator_invitations.accept(tale.story.session, code, account=guest, now=START)
    assert made.answer is None
    with pytest.raises(InvalidInput):
        invite(tale)


def test_two_answers_at_once_are_one(tale: Judging) -> None:
    made, code = invite(tale)
    guest = tale.lead(WANTED.email, "Guest")
    together, told = Barrier(2), []
    app, guest_id = tale.story.app, guest.id

    def answer(accepts: bool) -> None:
        with app.app_context():
            together.wait()
            try:
                if accepts:
                    person = db.session.get_one(type(guest), guest_id)
                    evaluator_invitations.accept(db.session(), code, account=person, now=START)
                else:
                    evaluator_invitations.decline(db.session(), code, reason="No.", account=None, now=START)
                db.session.commit()
                told.append("accepted" if accepts else "declined")
            except PortalError:
                db.session.rollback()

    tale.story.session.rollback()
    threads = [Thread(target=answer, args=(accepts,)) for accepts in (True, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tale.story.session.expire_all()
    kept = tale.story.session.scalars(sa.select(EvaluatorInvitation)).one()
    assert told == [kept.answer]
    held = tale.story.session.scalars(sa.select(SeatHolder).where(SeatHolder.account_id == guest_id)).all()
    assert len(held) == (kept.answer == "accepted")
    assert len(chain(tale, made)) == 2
