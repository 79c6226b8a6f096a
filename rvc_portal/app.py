"""The application: the only place that knows all floors."""

from flask import Blueprint, Flask
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined

from rvc_portal import settings as configuration
from rvc_portal.gateways.instance import Instance
from rvc_portal.jobs import init_jobs
from rvc_portal.models import register  # noqa: F401  every model, so that the metadata is whole
from rvc_portal.models.engine import init_engine
from rvc_portal.settings import STATIC, TEMPLATES, Settings
from rvc_portal.web import (
    access,
    assets,
    compression,
    errors,
    headers,
    labels,
    languages,
    look,
    navigation,
    security,
    session,
    transaction,
)
from rvc_portal.web.views import (
    account,
    agenda,
    amendments,
    answering,
    assignments,
    ballots,
    board,
    bundles,
    calendar,
    calibration,
    calls,
    catalogue,
    composition,
    copying,
    deadlines,
    decision,
    delegates,
    desk,
    discussion,
    documents,
    dossier,
    drafting,
    evaluation,
    evaluator_invitations,
    evaluators,
    feedback,
    filings,
    filled_forms,
    floor,
    follow_up,
    home,
    mailbox,
    meeting_tasks,
    meetings,
    members,
    offline,
    peers,
    pieces,
    preferences,
    preparation,
    progress,
    proposals,
    registration,
    reopening,
    replies,
    results,
    scoring,
    screening,
    seats,
    second_factor,
    sign_off,
    sittings,
    slate,
    steering,
    submission,
    supervision,
    team,
    trials,
    verify,
    work,
    workshops,
)

BLUEPRINTS: tuple[Blueprint, ...] = (
    home.bp,
    account.bp,
    second_factor.bp,
    seats.bp,
    registration.bp,
    desk.bp,
    dossier.bp,
    documents.bp,
    submission.bp,
    answering.bp,
    filings.bp,
    verify.bp,
    pieces.bp,
    copying.bp,
    filled_forms.bp,
    sign_off.bp,
    team.bp,
    screening.bp,
    scoring.bp,
    reopening.bp,
    deadlines.bp,
    board.bp,
    calls.bp,
    trials.bp,
    members.bp,
    mailbox.bp,
    assignments.bp,
    preferences.bp,
    proposals.bp,
    progress.bp,
    supervision.bp,
    evaluation.bp,
    peers.bp,
    discussion.bp,
    calibration.bp,
    evaluators.bp,
    evaluator_invitations.bp,
    offline.bp,
    catalogue.bp,
    bundles.bp,
    results.bp,
    feedback.bp,
    replies.bp,
    steering.bp,
    composition.bp,
    meetings.bp,
    preparation.bp,
    agenda.bp,
    delegates.bp,
    workshops.bp,
    meeting_tasks.bp,
    calendar.bp,
    drafting.bp,
    amendments.bp,
    floor.bp,
    follow_up.bp,
    ballots.bp,
    sittings.bp,
    decision.bp,
    slate.bp,
    work.bp,
)

LARGEST_REQUEST = 64 * 1024 * 1024
LARGEST_FORM = 8 * 1024 * 1024
"""What is typed is kept however long it is: a section of the form, each of its answers ten times too long, passes."""


def create_app(settings: Settings | None = None) -> Flask:
    """The web application of one instance; `settings` from the environment unless given. Opens no connection yet."""
    settings = settings or configuration.read()
    app = transaction.TransactionalFlask(
        "rvc_portal", template_folder=str(TEMPLATES), static_folder=str(STATIC), static_url_path="/static"
    )
    app.config |= {"SECRET_KEY": settings.secret_key, "MAX_CONTENT_LENGTH": LARGEST_REQUEST}
    app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST_FORM
    app.jinja_env.undefined = StrictUndefined  # a name that a page forgot to pass is a mistake, not an empty string
    instance = app.extensions["rvc"] = Instance(settings)
    init_engine(app, settings.database_url)
    init_jobs(app, instance)
    transaction.init_app(app)
    session.init_app(app)
    languages.init_app(app)
    CSRFProtect(app)
    security.init_app(app, https=settings.secure_cookies)
    compression.init_app(app)  # before what touches headers: functions after a request run in reverse
    headers.init_app(app, https=settings.secure_cookies)
    navigation.init_app(app)
    look.register(app)
    assets.init_app(app)
    app.jinja_env.globals |= {"label": labels.FOR_TEMPLATES, "may": access.may}
    errors.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    access.check_routes(app)
    return app


def main() -> None:
    """The command `rvc`."""
    from rvc_portal import cli, cli_keys  # noqa: F401  the commands know the factory only through this call

    cli.run(create_app)
