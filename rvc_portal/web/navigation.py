"""The pages that a person's roles bring, for the head of every page: one row per page, read by the base template."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask, current_app, g, request, url_for
from flask_babel import gettext as _

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.vocabulary import N_, Role
from rvc_portal.web import labels


@dataclass(frozen=True)
class Place:
    """A page in the head: whom it is for (nobody named: everybody signed in)."""

    label: str
    endpoint: str
    roles: frozenset[Role] = frozenset()
    demonstration: bool = False  # only there
    also: frozenset[str] = frozenset()  # other parts of the portal that belong to it


PLACES = (
    Place(N_("My desk"), "desk.index"),
    Place(N_("Dossiers"), "board.index", frozenset({Role.SECRETARIAT, Role.DIRECTION, Role.STEERING})),
    Place(
        N_("Evaluators"),
        "evaluators.register",
        frozenset({Role.SECRETARIAT}),
        also=frozenset({"evaluator_invitations"}),
    ),
    Place(N_("Steering Group"), "steering.index", frozenset({Role.STEERING, Role.SECRETARIAT})),
    Place(N_("Decisions"), "decision.index", frozenset({Role.DIRECTION, Role.SECRETARIAT})),
    Place(N_("Documents"), "catalogue.index", also=frozenset({"bundles"})),
    Place(N_("Calls"), "calls.index"),
    Place(
        N_("Annual meetings"),
        "meetings.index",
        also=frozenset(
            {
                "preparation",
                "agenda",
                "workshops",
                "delegates",
                "meeting_tasks",
                "drafting",
                "amendments",
                "floor",
                "follow_up",
            }
        ),
    ),
    Place(N_("Calendar"), "calendar.show"),
    Place(N_("Member cities"), "members.index"),
    Place(N_("Mail"), "mail.index", demonstration=True),
)
"""In the order of the work. A place whose page is not there is left out."""

MAIN_ROLES = (Role.DIRECTION, Role.SECRETARIAT, Role.ADMIN, Role.STEERING, Role.EVALUATOR, Role.LEAD)
"""Which role stands beside the name, where a person has several."""


def init_app(app: Flask) -> None:
    """Before a template is rendered, set `g.navigation` and `g.person` for the head of the page."""

    @app.context_processor
    def _frame() -> dict[str, object]:
        if "navigation" not in g or g.framed_for is not g.get("actor"):
            actor = g.framed_for = g.get("actor")
            g.navigation = list(_items(actor)) if actor else []
            g.person = _person(actor) if actor else None
        return {"oob": ""}


def _items(actor: Actor) -> Iterator[dict[str, object]]:
    for place in PLACES:
        if place.endpoint not in current_app.view_functions:
            continue
        if place.demonstration and not current_app.extensions["rvc"].settings.demonstration:
            continue
        if place.roles and not any(actor.has(role) for role in place.roles):
            continue
        here = (request.endpoint or "").partition(".")[0] in {place.endpoint.partition(".")[0], *place.also}
        yield {"label": _(place.label), "url": url_for(place.endpoint), "current": here, "count": None}


def _person(actor: Actor) -> dict[str, str]:
    role = next((labels.role(r) for r in MAIN_ROLES if actor.has(r)), "")
    return {"name": actor.name, "role": role, "url": url_for("account.profile")}
