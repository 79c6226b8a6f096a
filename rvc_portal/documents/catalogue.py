"""The kinds of documents that the portal issues: what they are called, what they are about, how they are laid out and when
they are issued.

Who may read a kind is `domain.policy`'s; what its template sees stands in `contexts` under the kind's name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from rvc_portal.documents import contexts
from rvc_portal.domain.procedures.register import PROCEDURES
from rvc_portal.domain.vocabulary import N_, Doc

Scope = Literal["dossier", "sheet", "field", "session", "call", "person", "network"]


@dataclass(frozen=True)
class Kind:
    """``title``: message id; ``template``: below templates/documents/; ``scope``: what one document of this kind is about;
    ``fields``: whether it has fields to fill in, and is PDF/UA-1 alone."""

    name: Doc
    template: str
    title: str
    scope: Scope
    orientation: Literal["portrait", "landscape"] = "portrait"
    fields: bool = False

    @property
    def context(self) -> type:
        """The declared shape of what the template sees."""
        shape: type = getattr(contexts, "".join(part.title() for part in self.name.split("_")) + "Context")
        return shape

    @property
    def languages(self) -> Literal["dossier", "person", "every"]:
        """In which language it is issued: the one the city writes in, the person's, or every one of the portal's."""
        if self.scope == "person":
            return "person"
        return "dossier" if self.scope in ("dossier", "sheet") else "every"

    @property
    def issued_by(self) -> frozenset[str]:
        """The acts that issue it, as the journal names them: transitions of the tables, and others."""
        moves = {t.name for p in PROCEDURES.values() for t in p.transitions.values() if self.name in t.issues}
        return frozenset(moves) | OTHER_ACTS.get(self.name, frozenset())


KINDS: dict[str, Kind] = {
    kind.name.value: kind
    for kind in (
        Kind(Doc.DOSSIER, "dossier.html", N_("Candidacy dossier"), "dossier"),
        Kind(Doc.RECEIPT, "receipt.html", N_("Receipt"), "dossier"),
        Kind(Doc.RETURN_LETTER, "return_letter.html", N_("Return for completion"), "dossier"),
        Kind(Doc.INELIGIBILITY_NOTICE, "ineligibility_notice.html", N_("Notice of ineligibility"), "dossier"),
        Kind(Doc.SCREENING_NOTE, "screening_note.html", N_("Screening note"), "dossier"),
        Kind(Doc.EVALUATION_SHEET, "evaluation_sheet.html", N_("Evaluation sheet"), "sheet"),
        Kind(Doc.EVALUATION_REPORT, "evaluation_report.html", N_("Evaluation report"), "dossier"),
        Kind(Doc.STEERING_OPINION, "steering_opinion.html", N_("Opinion of the Steering Group"), "dossier"),
        Kind(Doc.CITY_REPLY, "city_reply.html", N_("Answer of the city"), "dossier"),
        Kind(Doc.SESSION_PAPERS, "session_papers.html", N_("Papers of a sitting"), "session"),
        Kind(Doc.SESSION_RECORD, "session_record.html", N_("Record of a sitting"), "session"),
        Kind(Doc.DESIGNATION_LETTER, "designation_letter.html", N_("Letter of designation"), "dossier"),
        Kind(Doc.CERTIFICATE, "certificate.html", N_("Certificate of designation"), "dossier", "landscape"),
        Kind(Doc.DECISION_LETTER, "decision_letter.html", N_("Letter of decision"), "dossier"),
        Kind(Doc.WITHDRAWAL_NOTE, "withdrawal_note.html", N_("Note of withdrawal"), "dossier"),
        Kind(Doc.FIELD_SYNTHESIS, "field_synthesis.html", N_("Synthesis of a field"), "field", "landscape"),
        Kind(Doc.SLATE, "slate.html", N_("Slate put forward"), "call", "landscape"),
        Kind(Doc.DESIGNATION_LIST, "designation_list.html", N_("List of designated cities"), "call"),
        Kind(Doc.CALL_REPORT, "call_report.html", N_("Report of the call"), "call"),
        Kind(Doc.CALL_TEXT, "call_text.html", N_("Text of the call"), "call"),
        Kind(Doc.BLANK_FORM, "blank_form.html", N_("Application form"), "call", fields=True),
        Kind(Doc.PACK, "pack.html", N_("Files to evaluate"), "person"),
        Kind(Doc.COMPLETE_DOSSIER, "complete_dossier.html", N_("Complete dossier"), "person"),
        Kind(Doc.STEERING_COMPOSITION, "steering_composition.html", N_("Composition of the Steering Group"), "network"),
        Kind(Doc.BALLOT_RESULT, "ballot_result.html", N_("Result of an election"), "network"),
        Kind(Doc.CO_OPTION, "co_option.html", N_("Co-option to the Steering Group"), "network"),
        Kind(Doc.CONCLUSIONS, "conclusions.html", N_("Conclusions of an annual meeting"), "network"),
        Kind(Doc.AGENDA, "agenda.html", N_("Agenda of an annual meeting"), "network"),
        Kind(Doc.PARTICIPANTS, "participants.html", N_("List of participants"), "network"),
        Kind(Doc.WORKSHOP_REPORT, "workshop_report.html", N_("Report of a workshop"), "network"),
        Kind(Doc.NETWORK_CALENDAR, "network_calendar.html", N_("Calendar of the Network"), "network", "landscape"),
        Kind(
            Doc.CONCLUSIONS_BILINGUAL,
            "conclusions_bilingual.html",
            N_("Conclusions of an annual meeting, in both languages"),
            "network",
        ),
        Kind(Doc.ERRATUM, "erratum.html", N_("Erratum to the conclusions of an annual meeting"), "network"),
        Kind(Doc.FOLLOW_UP, "follow_up.html", N_("Follow-up of the conclusions"), "network"),
    )
}

OTHER_ACTS: Mapping[Doc, frozenset[str]] = {
    Doc.EVALUATION_REPORT: frozenset({"set_aside"}),  # once more, without the sheet
    Doc.STEERING_OPINION: frozenset({"feedback", "dissent"}),  # once more, with what was added to it
    Doc.CITY_REPLY: frozenset({"reply"}),
    Doc.DESIGNATION_LETTER: frozenset({"decide"}),  # held until the transition
    Doc.CERTIFICATE: frozenset({"decide"}),
    Doc.DECISION_LETTER: frozenset({"decide"}),
    Doc.FIELD_SYNTHESIS: frozenset({"synthesise"}),
    Doc.SESSION_PAPERS: frozenset({"issue_papers"}),
    Doc.SESSION_RECORD: frozenset({"seal_record"}),
    Doc.SLATE: frozenset({"put_forward"}),
    Doc.DESIGNATION_LIST: frozenset({"publish"}),
    Doc.CALL_REPORT: frozenset({"publish"}),
    Doc.CALL_TEXT: frozenset({"open"}),
    Doc.BLANK_FORM: frozenset({"open"}),
    Doc.PACK: frozenset({"order"}),
    Doc.COMPLETE_DOSSIER: frozenset({"order_dossier"}),
    Doc.STEERING_COMPOSITION: frozenset({"begin_mandate", "end_mandate", "count_ballot", "settle_co_option"}),
    Doc.BALLOT_RESULT: frozenset({"count_ballot"}),
    Doc.CO_OPTION: frozenset({"settle_co_option"}),
    Doc.CONCLUSIONS: frozenset({"seal_conclusions"}),
    Doc.AGENDA: frozenset({"publish_agenda"}),
    Doc.PARTICIPANTS: frozenset({"list_participants"}),
    Doc.WORKSHOP_REPORT: frozenset({"issue_workshop_report"}),
    Doc.NETWORK_CALENDAR: frozenset({"issue_calendar"}),
    Doc.CONCLUSIONS_BILINGUAL: frozenset({"seal_conclusions"}),
    Doc.ERRATUM: frozenset({"issue_erratum"}),
    Doc.FOLLOW_UP: frozenset({"issue_follow_up"}),
}
"""Acts that issue documents and are no transitions of a table."""
