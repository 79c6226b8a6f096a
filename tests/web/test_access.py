"""Who may open what: every route says so, and what it says holds."""

from types import SimpleNamespace
from uuid import UUID

import pytest
from flask import Blueprint, Flask, Response, g

from rvc_portal.domain.procedures.candidacy import CANDIDACY
from rvc_portal.domain.vocabulary import Permission, Role
from rvc_portal.queries import dossiers
from rvc_portal.web import access


class FakeDossier:
    """As much of a dossier as access looks at."""

    def __init__(self, state: str):
        self.state, self.procedure, self.call_id = state, "candidacy", UUID(int=7)
        self.field, self.lead_country, self.lead_city = "literature", "FR", "Lyon"
        self.call = SimpleNamespace(test=False)


@pytest.fixture
def app(app: Flask):
    bp = Blueprint("tried", __name__)

    @bp.get("/tried/role")
    @access.requires_role(Role.SECRETARIAT, Role.DIRECTION)
    def role():
        return Response("role", mimetype="text/plain")

    @bp.get("/tried/<uuid:dossier_id>/read")
    @access.requires(Permission.READ)
    def read():
        return Response(f"read {sorted(g.roles)} {access.may(Permission.SCREEN)}", mimetype="text/plain")

    @bp.get("/tried/<uuid:dossier_id>/either/<word>")
    @access.requires(Permission.DECIDE, Permission.SCREEN)
    def either(word):
        return Response(word, mimetype="text/plain")

    app.register_blueprint(bp)
    return app


@pytest.fixture
def dossier(monkeypatch):
    """One dossier that everybody sees, with roles as the test says."""
    found = FakeDossier("submitted")
    found.roles = frozenset({Role.SECRETARIAT})
    monkeypatch.setattr(dossiers, "find", lambda session, actor, dossier_id: (found, found.roles))
    return found


def test_every_route_says_who_may_open_it(app):
    assert [e for e in access.endpoints(app) if access.access_of(app, e) is None] == []


def test_a_silent_route_keeps_the_application_from_starting(app):
    app.add_url_rule("/silent", "silent", lambda: "psst")
    with pytest.raises(RuntimeError, match="silent"):
        access.check_routes(app)


def test_what_a_route_says_can_be_read(app):
    assert access.access_of(app, "tried.role") == access.Access("role", ("secretariat", "direction"))
    assert access.access_of(app, "tried.read") == access.Access("permission", ("read",))
    assert access.access_of(app, "account.profile") == access.NEWCOMER
    assert access.access_of(app, "desk.index") == access.SIGNED_IN
    assert access.access_of(app, "security.login") == access.PUBLIC


@pytest.mark.parametrize("url", ["/tried/role", f"/tried/{UUID(int=7)}/read", "/account"])
def test_who_is_not_signed_in_is_asked_to(browser, url):
    answer = browser.get(url)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/sign-in?next={url}"


def test_a_role_opens_and_its_lack_is_told(browser, another_browser, make_account):
    browser.sign_in(make_account("s@unesco.example", Role.SECRETARIAT))
    assert browser.get("/tried/role").text == "role"
    another_browser.sign_in(make_account("a@ville.example"))
    answer = another_browser.get("/tried/role")
    assert answer.status_code == 403
    assert "your role does not include" in answer.text


def test_a_dossier_out_of_sight_is_one_that_does_not_exist(browser, make_account, monkeypatch):
    monkeypatch.setattr(dossiers, "find", lambda *arguments: None)
    browser.sign_in(make_account())
    assert browser.get(f"/tried/{UUID(int=7)}/read").status_code == 404


def test_a_dossier_in_sight_without_any_role_is_404_as_well(browser, make_account, dossier):
    dossier.roles = frozenset()
    browser.sign_in(make_account())
    assert browser.get(f"/tried/{UUID(int=7)}/read").status_code == 404


def test_the_table_opens_a_dossier(browser, make_account, dossier):
    browser.sign_in(make_account())
    assert "secretariat" in browser.get(f"/tried/{UUID(int=7)}/read").text
    assert browser.get(f"/tried/{UUID(int=7)}/either/word").text == "word"


def test_the_table_closes_a_dossier_by_its_state(browser, make_account, dossier):
    dossier.state = "draft"  # the Secretariat knows of a draft, and reads nothing of it
    assert not CANDIDACY.allows("draft", dossier.roles, Permission.READ)
    browser.sign_in(make_account())
    assert browser.get(f"/tried/{UUID(int=7)}/read").status_code == 403


def test_no_dossier_is_loaded_before_somebody_is_signed_in(app, monkeypatch):
    def load(*arguments):
        raise AssertionError("loaded for nobody")

    monkeypatch.setattr(dossiers, "find", load)
    assert app.test_client().get(f"/tried/{UUID(int=7)}/read").status_code == 303
