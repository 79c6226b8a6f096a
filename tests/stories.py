"""Dossiers brought to a state through the portal's own services, for tests of pages.

Everything is told inside the application context of the caller:

    with app.app_context():
        tale = Tale(app, START)
        dossier_id = tale.submitted()
"""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import rfc8785
from flask import Flask

from rvc_portal.demonstration import bank, running
from rvc_portal.demonstration.cast import nobody
from rvc_portal.demonstration.cities import CityFacts, city
from rvc_portal.demonstration.story import Story
from rvc_portal.domain.vocabulary import Role
from rvc_portal.models.account import Account, SignInSession
from rvc_portal.models.call import Call
from rvc_portal.models.dossier import Dossier, Membership
from rvc_portal.queries import accounts as people
from rvc_portal.queries import calls as call_query
from rvc_portal.services import accounts, calls

LONG_NAME = "Saint-Jean-Pied-de-Port-sur-la-Rivière-du-Nord"
PASSWORD = "a river and two bridges"
ELIGIBLE = {f"asked-{asked['key']}": asked["needed"] for asked in bank.load("running-terms")["eligibility"]}
"""The answers that the running call needs before a file is opened, as a form sends them."""
OFFICER = "officer@network.example"


def town(name: str = LONG_NAME, country: str = "FR", like: str = "Antwerp", **more: object) -> CityFacts:
    """An invented town that answers as one of the demonstration's cities does."""
    facts = city(like)
    return replace(facts, name=name, city=name, local=name, country_iso2=country, invented=True, **more)


def redefine(call: Call, **changes: object) -> None:
    """Let the call be as if it had opened with these parts of its definition."""
    call.definition = replace(call_query.definition(call), **changes).to_json()
    call.definition_sha256 = hashlib.sha256(rfc8785.dumps(call.definition)).hexdigest()


class Tale:
    """One running call at `now` (its filing window closes three weeks later), and whatever is told of it. `terms`: keys of
    its definition that differ from the running call's."""

    def __init__(self, app: Flask, now: datetime, seed: int = 7, **terms: object):
        self.story, self.now = Story(app, seed=seed, renders=False), now
        usual = {"country_limit": None, "field_limit": None}  # many towns of one country
        told = replace(running.definition(now), **{**usual, **terms})
        found = call_query.by_key(self.story.session, told.key)
        self.call: Call = found or calls.open_call(
            self.story.session, told, actor=nobody(), now=told.filing.opens_at, demonstration=True
        )
        self.story.commit()

    def lead(self, email: str = "lead@ville.example", name: str = "Amélie Saint-Jean", language: str = "en") -> Account:
        """The account of a city's lead, made when first asked for; its password is PASSWORD."""
        return self._person(email, name, language)

    def officer(self) -> Account:
        """Somebody of the Secretariat."""
        found = people.by_email(self.story.session, OFFICER)
        if found is None:
            found = self._person(OFFICER, "Inès Lambert", "en")
            accounts.grant_role(self.story.session, found, Role.SECRETARIAT, now=self.now - timedelta(days=90))
            self.story.commit()
        return found

    def draft(
        self, facts: CityFacts | None = None, lead: Account | None = None, share: float = 0.0,
        field: str = "literature",
    ) -> UUID:  # fmt: skip
        """A draft of which the first `share` of the questions is answered (1: all, and every piece there)."""
        person = lead or self.lead()
        dossier = self.story.open_dossier(self.call, facts or town(), person, self.now - timedelta(days=5), field)
        if share:
            self.story.write(dossier, person, self.now - timedelta(days=4), share)
        return dossier.id

    def ready(
        self, facts: CityFacts | None = None, lead: Account | None = None, field: str = "literature"
    ) -> UUID:  # fmt: skip
        """A draft with nothing missing, signed off by the mayor."""
        dossier_id = self.draft(facts, lead, share=1.0, field=field)
        self.story.sign_off(self.dossier(dossier_id), lead or self.lead(), self.now - timedelta(days=3))
        return dossier_id

    def submitted(
        self, facts: CityFacts | None = None, lead: Account | None = None, field: str = "literature"
    ) -> UUID:  # fmt: skip
        dossier_id = self.ready(facts, lead, field)
        self.story.submit(self.dossier(dossier_id), lead or self.lead(), self.now - timedelta(days=2))
        return dossier_id

    def returned(self, facts: CityFacts | None = None, lead: Account | None = None) -> UUID:
        dossier_id = self.submitted(facts, lead)
        self.story.return_file(self.dossier(dossier_id), self.officer(), self.now - timedelta(days=1))
        return dossier_id

    def screened(self, facts: CityFacts | None = None, lead: Account | None = None) -> UUID:
        """Submitted, every item of the checklist in order."""
        dossier_id = self.submitted(facts, lead)
        self.story.screen(self.dossier(dossier_id), self.officer(), self.now - timedelta(days=1))
        return dossier_id

    def admitted(self, facts: CityFacts | None = None, lead: Account | None = None) -> UUID:
        dossier_id = self.screened(facts, lead)
        self.story.admit(self.dossier(dossier_id), self.officer(), self.now - timedelta(hours=20))
        return dossier_id

    def dossier(self, dossier_id: UUID) -> Dossier:
        return self.story.session.get_one(Dossier, dossier_id)

    def _person(self, email: str, name: str, language: str) -> Account:
        found = people.by_email(self.story.session, email)
        if found is None:
            at = self.now - timedelta(days=90)
            found = accounts.create_account(
                self.story.session, email=email, name=name, now=at, language=language, password=PASSWORD
            )
            self.story.commit()
        return found


def join(tale: Tale, dossier_id: UUID) -> str:
    """The address of a colleague who may change everything in the dossier."""
    account = tale.lead("colleague@ville.example", "Benoît Tremblay")
    tale.story.session.add(
        Membership(dossier_id=dossier_id, account_id=account.id, role=Role.EDITOR, since_at=tale.now)
    )
    tale.story.session.commit()
    return account.email


def end_sessions(tale: Tale) -> None:
    """Nobody is signed in any more, whatever their browsers hold."""
    for row in tale.story.session.query(SignInSession):
        row.ended_at = datetime.now(UTC)
