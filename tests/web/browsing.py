"""A browser as the tests see one: cookies, a CSRF token out of a page, and HTML that is parsed strictly."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import html5lib
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from rvc_portal.models.account import Account, SignInSession
from rvc_portal.models.base import db
from rvc_portal.models.engine import reading_only

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PASSWORD = "a river and two bridges"


@dataclass
class Clock:
    """The web's clock, moved by hand."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def forward(self, by: timedelta) -> None:
        self.at += by


class Rows:
    """The database as another process sees it, a short transaction at a time."""

    def __init__(self, engine: sa.Engine):
        self.engine = engine

    def all(self, query: sa.Select[Any]) -> list[Any]:
        with reading_only(), Session(self.engine, expire_on_commit=False) as session:
            return list(session.scalars(query))

    def one(self, query: sa.Select[Any]) -> Any:
        (found,) = self.all(query)
        return found

    def change(self, statement: str) -> None:
        with Session(self.engine) as session:
            session.execute(sa.text(statement))
            session.commit()


def soup(response: TestResponse) -> BeautifulSoup:
    """The page, or the part of one, to look into."""
    return BeautifulSoup(response.text, "html.parser")


class Browser:
    """One browser: its own cookies. Each page that is HTML is parsed strictly, or the test fails."""

    def __init__(self, client: FlaskClient):
        self.client = client

    def get(self, url: str, htmx: bool = False, **more: object) -> TestResponse:
        return _checked(self.client.get(url, headers=_headers(htmx), buffered=True, **more), whole=not htmx)

    def post(self, url: str, data: dict[str, object] | None = None, htmx: bool = False, **more: object) -> TestResponse:
        """A form sent with the token of the page that shows it."""
        sent = {"csrf_token": self.token(), **(data or {})}
        return _checked(self.client.post(url, data=sent, headers=_headers(htmx), buffered=True, **more), whole=not htmx)

    def token(self) -> str:
        page = BeautifulSoup(self.client.get("/").text, "html.parser")
        return str(page.select_one("input[name=csrf_token]")["value"])

    def sign_in(self, account: Account | str, password: str = PASSWORD, **more: object) -> TestResponse:
        """Sign in; whoever has a second factor is taken to have shown it (tests/web/test_sign_in.py shows it)."""
        email = account if isinstance(account, str) else account.email
        answer = self.post("/sign-in", {"email": email, "password": password}, **more)
        if answer.location and "/second-factor/sign-in" in answer.location:
            self._show_the_code()
        return answer

    def _show_the_code(self) -> None:
        with self.client.application.app_context():
            waiting = sa.update(SignInSession).where(SignInSession.completed_at.is_(None))
            db.session.execute(waiting.values(completed_at=SignInSession.started_at))
            db.session.commit()


def _headers(htmx: bool) -> dict[str, str]:
    return {"HX-Request": "true", "HX-Current-URL": "http://localhost/account"} if htmx else {}


def _checked(response: TestResponse, *, whole: bool) -> TestResponse:
    if response.mimetype == "text/html" and response.data and whole and not 300 <= response.status_code < 400:
        html5lib.HTMLParser(strict=True).parse(response.text)
    return response
