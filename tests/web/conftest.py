"""Accounts, browsers and a clock for the tests of the web."""

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from rvc_portal.domain.vocabulary import Role
from rvc_portal.gateways import one_time_codes
from rvc_portal.models.account import Account
from rvc_portal.models.base import db
from rvc_portal.models.second_factor import SecondFactor
from rvc_portal.services import accounts
from tests.judging import Judging
from tests.web.browsing import PASSWORD, START, Browser, Clock, Rows


@pytest.fixture
def clock(app: Flask) -> Clock:
    app.config["CLOCK"] = made = Clock()
    return made


@pytest.fixture
def tale(app: Flask, clock: Clock) -> Iterator[Judging]:
    """The running call with all who judge its files, and whatever the test lets happen in it."""
    with app.app_context():
        yield Judging(app, START)


@pytest.fixture
def browser(app: Flask, clock: Clock) -> Browser:
    return Browser(app.test_client())


@pytest.fixture
def another_browser(app: Flask, clock: Clock) -> Browser:
    return Browser(app.test_client())


@pytest.fixture
def make_account(app: Flask) -> Callable[..., Account]:
    """Adds an account with PASSWORD, its roles and what they need; the row returned is detached."""

    def make(email: str = "amelie@ville.example", *roles: Role, **more: object) -> Account:
        with app.app_context():
            account = accounts.create_account(
                db.session, email=email, name=str(more.pop("name", "Amélie Saint-Jean")), now=START,
                password=PASSWORD, **more,
            )  # fmt: skip
            for role in roles:
                accounts.grant_role(db.session, account, role, now=START)
            if Role.DIRECTION in roles:  # the role needs a second factor
                secret = one_time_codes.new_secret(app.extensions["rvc"].settings.secret_key)
                db.session.add(SecondFactor(account_id=account.id, secret=secret, enrolled_at=START))
            db.session.commit()
            db.session.refresh(account)
            db.session.expunge(account)
            return account

    return make


@pytest.fixture
def statements(app: Flask) -> Iterator[list[str]]:
    """The SQL statements that reach the database, as they come."""
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        seen.append(statement)

    with app.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    yield seen
    sa.event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def rows(app: Flask) -> Rows:
    """What other transactions see: all that is committed."""
    with app.app_context():
        return Rows(db.engine)
