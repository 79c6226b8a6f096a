"""Which builder makes the context of which document of a dossier."""

from collections.abc import Callable

from rvc_portal.domain.vocabulary import Doc
from rvc_portal.services.contexts import decision, evaluation, filing, screening, steering
from rvc_portal.services.contexts.parts import Draft, Occasion

BUILDERS: dict[Doc, Callable[[Occasion], Draft]] = {
    Doc.DOSSIER: filing.dossier,
    Doc.RECEIPT: filing.receipt,
    Doc.RETURN_LETTER: screening.return_letter,
    Doc.INELIGIBILITY_NOTICE: screening.ineligibility_notice,
    Doc.SCREENING_NOTE: screening.screening_note,
    Doc.EVALUATION_SHEET: evaluation.sheet,
    Doc.EVALUATION_REPORT: evaluation.report,
    Doc.STEERING_OPINION: steering.opinion,
    Doc.CITY_REPLY: filing.city_reply,
    Doc.DESIGNATION_LETTER: decision.designation_letter,
    Doc.CERTIFICATE: decision.certificate,
    Doc.DECISION_LETTER: decision.decision_letter,
    Doc.WITHDRAWAL_NOTE: filing.withdrawal_note,
}
