"""A stranger's account: what is made, what is mailed, and that nobody ends up with somebody else's."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.errors import InvalidInput, NotFound
from rvc_portal.models.account import Account, SignInSession
from rvc_portal.models.job import Job, Mail
from rvc_portal.queries import accounts as query
from rvc_portal.services import accounts, registration
from rvc_portal.services.registration import VALID_FOR
from tests.web.browsing import START

EMAIL = "amelie@ville.example"
MINE, THEIRS = "a river and two bridges", "a stranger with a plan"


def register(session: Session, password: str = MINE, *, now=START, **more: str) -> None:
    asked = {"email": EMAIL, "name": "Amélie Roy", "language": "fr", **more}
    registration.register(session, password=password, now=now, **asked)


def mails(session: Session) -> list[Mail]:
    return list(session.scalars(sa.select(Mail).order_by(sa.text("mail.rowid"))))


def token(mail: Mail) -> str:
    assert mail.template == "confirm"
    return str(mail.context["path"]).removeprefix("/confirm/").partition("?")[0]


def confirm(session: Session, link: str, password: str = MINE, *, now=START, signed_in: Account | None = None):
    return registration.confirm(session, link, password=password, signed_in=signed_in, now=now)


def account(session: Session) -> Account:
    found = query.by_email(session, EMAIL)
    assert found is not None
    return found


def test_an_account_is_made_and_the_link_is_a_job_of_the_same_transaction(session: Session) -> None:
    register(session, email=" Amelie@Ville.example ", going_on="/calls/a/apply?x=1&y=2")
    made = account(session)
    assert (made.name, made.language, made.confirmed_at) == ("Amélie Roy", "fr", None)
    assert MINE not in str(made.password)
    (mail,) = mails(session)
    assert (mail.to_address, mail.language) == (EMAIL, "fr")
    assert mail.context["path"].endswith("?next=/calls/a/apply%3Fx%3D1%26y%3D2")
    assert session.scalars(sa.select(Job.subject_id)).all() == [mail.id]


def test_the_link_and_the_password_confirm(session: Session) -> None:
    register(session)
    link = token(mails(session)[0])
    later = START + timedelta(hours=1)
    assert confirm(session, link, now=later).confirmed_at == later
    confirm(session, link, now=later + timedelta(hours=1))
    assert account(session).confirmed_at == later  # the second time changes nothing


def test_accents_count_the_same_however_they_are_typed(session: Session) -> None:
    register(session, "une rivière à midi")
    confirm(session, token(mails(session)[0]), "une rivie\u0300re a\u0300 midi")
    assert account(session).confirmed_at is not None


def test_the_link_without_the_password_confirms_nothing(session: Session) -> None:
    """Somebody registers another's address, and the owner of the mail presses the button all the same."""
    register(session, THEIRS)
    with pytest.raises(InvalidInput):
        confirm(session, token(mails(session)[0]), "whatever the owner would have chosen")
    assert account(session).confirmed_at is None


def test_who_is_signed_in_has_given_the_password_already(session: Session) -> None:
    register(session)
    link = token(mails(session)[0])
    other = accounts.create_account(session, email="other@ville.example", name="Other", now=START)
    with pytest.raises(InvalidInput):
        confirm(session, link, "", signed_in=other)
    assert confirm(session, link, "", signed_in=account(session)).confirmed_at == START


def test_a_link_works_for_a_day(session: Session) -> None:
    register(session)
    link = token(mails(session)[0])
    assert registration.open_link(session, link, START + VALID_FOR - timedelta(seconds=1)).email == EMAIL
    with pytest.raises(NotFound):
        confirm(session, link, now=START + VALID_FOR)


@pytest.mark.parametrize("damage", [lambda link: link[:-1], lambda link: "x" + link, lambda link: "", lambda link: "0"])
def test_a_damaged_link_is_none(session: Session, damage) -> None:
    register(session)
    with pytest.raises(NotFound):
        registration.open_link(session, damage(token(mails(session)[0])), START)


def test_registered_again_the_latest_counts_and_what_was_before_is_void(session: Session) -> None:
    register(session, THEIRS, name="Somebody")
    first = account(session)
    accounts.start_session(session, first, START)
    register(session, MINE)
    assert account(session) is first
    assert first.name == "Amélie Roy"
    assert session.scalars(sa.select(SignInSession.ended_at)).all() == [START]
    old, new = (token(mail) for mail in mails(session))
    with pytest.raises(NotFound):
        confirm(session, old, THEIRS)
    with pytest.raises(InvalidInput):
        confirm(session, new, THEIRS)
    assert confirm(session, new, MINE).confirmed_at == START


def test_a_stranger_who_registers_after_the_owner_gains_nothing(session: Session) -> None:
    register(session, MINE)
    register(session, THEIRS)
    old, new = (token(mail) for mail in mails(session))
    for link in (old, new):
        with pytest.raises((NotFound, InvalidInput)):
            confirm(session, link, MINE)
    assert account(session).confirmed_at is None


def test_an_account_in_use_is_left_alone_and_its_owner_told(session: Session) -> None:
    register(session)
    confirm(session, token(mails(session)[0]))
    before = (account(session).password, account(session).fs_uniquifier)
    register(session, THEIRS, name="Somebody", language="en")
    assert (account(session).password, account(session).fs_uniquifier) == before
    told = mails(session)[-1]
    assert (told.template, told.language, told.context["name"]) == ("has_account", "fr", "Amélie Roy")


def test_a_closed_account_stays_closed_and_gets_no_mail(session: Session) -> None:
    register(session)
    account(session).active = False
    register(session, THEIRS)
    registration.send_again(session, EMAIL, now=START)
    assert len(mails(session)) == 1
    assert account(session).confirmed_at is None
    with pytest.raises(NotFound):
        confirm(session, token(mails(session)[0]))


def test_the_mail_goes_again_to_whom_it_concerns(session: Session) -> None:
    registration.send_again(session, EMAIL, now=START)
    assert mails(session) == []
    register(session)
    registration.send_again(session, EMAIL, now=START + timedelta(hours=23))
    first, second = mails(session)
    after_first = START + VALID_FOR
    with pytest.raises(NotFound):
        registration.open_link(session, token(first), after_first)
    assert confirm(session, token(second), now=after_first).confirmed_at == after_first


def test_whoever_vouches_for_the_address_takes_it_over(session: Session) -> None:
    """The Secretariat's command, or the code of an invitation that went to the address."""
    register(session, THEIRS)
    link = token(mails(session)[0])
    made = accounts.create_account(session, email=EMAIL, name="Owner", now=START, password=MINE)
    assert (made.name, made.confirmed_at) == ("Owner", START)
    assert not made.verify_and_update_password(THEIRS)
    with pytest.raises(NotFound):
        confirm(session, link, THEIRS)
    with pytest.raises(InvalidInput):
        accounts.create_account(session, email=EMAIL, name="Twice", now=START)
