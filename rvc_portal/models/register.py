"""Every model, imported once, so that the metadata is whole for migrations and for `create_app`."""

from rvc_portal.models import (  # noqa: F401
    account,
    ballot,
    base,
    call,
    conflict,
    decision,
    document,
    dossier,
    evaluation,
    evaluator,
    job,
    journal,
    mandate,
    preference,
    proposal,
    ranking,
    screening,
    seat,
    steering,
)
