"""Every model, imported once, so that the metadata is whole for migrations and for `create_app`."""

from rvc_portal.models import (  # noqa: F401
    account,
    base,
    calibration,
    call,
    conflict,
    decision,
    discussion,
    document,
    dossier,
    evaluation,
    evaluator,
    job,
    journal,
    ranking,
    screening,
    seat,
    steering,
)
