"""The procedures that this portal runs, by key."""

from rvc_portal.domain.procedures.candidacy import CANDIDACY
from rvc_portal.domain.workflow import Procedure

PROCEDURES: dict[str, Procedure] = {CANDIDACY.key: CANDIDACY}
