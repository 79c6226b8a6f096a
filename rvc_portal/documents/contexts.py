"""The shape of what each document is made of.

A context is a plain JSON-able dict, kept with the document so that the same bytes can be made again. Rules for builders:

* every key is present; what is unknown or absent is None (or an empty list), never missing;
* an instant is an ISO 8601 string in UTC (``"2015-07-15T21:58:03Z"``); a day is ``"2015-12-11"``; the templates bring both
  into the call's zone and the reader's language;
* a country is its ISO 3166 two-letter code; the templates name it;
* a number is a number (int or float), never a formatted string;
* what the call says is ``Both`` (French and English); what somebody wrote is ``Said`` (printed as written, marked with its
  language); a blank line in a text begins a new paragraph;
* a picture is named by a key, its bytes travel beside the context (``render(..., images={key: bytes})``); use the SHA-256 of the
  file as the key, so that equal contexts mean equal pictures.
"""

from typing import Any, Literal, NotRequired, TypedDict


class Both(TypedDict):
    """One text of the call, in both working languages."""

    en: str
    fr: str


class Said(TypedDict):
    """A text as a person wrote it. ``language``: BCP 47 tag ("fr", "ar", "zh-Hans"), or None when it is not known."""

    text: str
    language: str | None


class SaidInBoth(TypedDict):
    """A text that its author wrote in both languages, or in one only (the other is None)."""

    en: str | None
    fr: str | None


# --- parts that every document has -----------------------------------------------------------------------------------


class Signatory(TypedDict):
    """Who signs: ``name`` None prints a line for the signature alone; ``function`` e.g. "for the Director-General"."""

    name: str | None
    function: Both


class Issuer(TypedDict):
    """The head of every letter. ``address`` is printed line by line."""

    organisation: Both
    unit: Both
    address: list[str]
    email: str | None
    website: str | None
    signatory: Signatory


class CallFacts(TypedDict):
    """The call. ``timezone``: IANA name, the zone in which every instant of its documents is shown (besides UTC)."""

    key: str
    title: Both
    timezone: str


class JournalFacts(TypedDict):
    """Where a chain of the journal ended: the number of its last entry, from 1, and that entry's SHA-256."""

    number: int
    hash: str


class DocumentFacts(TypedDict):
    """The document itself. ``reference``: what is quoted in a reply ("LIT-2015-007/RECEIPT/1"); ``transition``: the verb that
    issued it, or None; ``verify_url``: printed with a QR code, or None; ``supersedes``: reference of the one it replaces;
    ``journal``: of the dossier, the call or the Network, after the entry of that verb (documents from before have none)."""

    kind: str
    reference: str
    issued_at: str
    transition: str | None
    verify_url: str | None
    supersedes: str | None
    journal: NotRequired[JournalFacts]


class Party(TypedDict):
    """One city of a dossier. ``city_local``: the name in the city's own script, or None."""

    role: Literal["lead", "partner"]
    city: str
    city_local: Said | None
    country_iso2: str


class DossierFacts(TypedDict):
    """The dossier. ``city`` and ``country_iso2`` are the lead's; ``field`` is the key (it picks the accent colour) or None where
    the procedure knows no fields; ``region`` is the call's label or None; ``language`` is the language of the dossier."""

    reference: str
    city: str
    city_local: Said | None
    country_iso2: str
    region: Both | None
    field: str | None
    field_label: Both | None
    language: str
    parties: list[Party]


class Common(TypedDict):
    """In every context. ``demonstration``: every page says that answers and scores are made up. ``test``: every page
    says that this is no candidacy; it stands there for a test call alone."""

    issuer: Issuer
    call: CallFacts
    document: DocumentFacts
    demonstration: bool
    test: NotRequired[bool]


class OfDossier(Common):
    dossier: DossierFacts


class Addressee(TypedDict):
    """To whom a letter goes. ``salutation``: the form of address, "Ms Keita", "Madame la Maire"; None for the neutral form."""

    name: str
    function: str | None
    organisation: str | None
    address: list[str]
    salutation: str | None


class Letter(OfDossier):
    addressee: Addressee


class FileFacts(TypedDict):
    """One uploaded file. ``size``: bytes; ``pages``: of a PDF, else None; ``image``: key of its picture, None if not a picture
    (or not to be shown); ``caption`` describes the picture, and is its text alternative."""

    name: str
    media_type: str
    size: int
    sha256: str
    pages: int | None
    image: str | None
    caption: Said | None


class PieceFacts(TypedDict):
    """One piece of the call's list and the files given for it (none: ``files`` is empty)."""

    key: str
    label: Both
    files: list[FileFacts]


# --- DOSSIER ---------------------------------------------------------------------------------------------------------


class TextValue(TypedDict):
    """type "text"."""

    said: Said


class NumberValue(TypedDict):
    """type "number". ``unit`` follows the number ("inhabitants", "EUR", "%"), or None. ``number`` None: what was typed is
    no figure, and stands in ``said`` (a file like that is not filed, but is printed to be checked)."""

    number: int | float | None
    unit: str | None
    said: NotRequired[Said | None]


class ChoiceValue(TypedDict):
    """type "choice". A country: give ``country_iso2`` and ``label`` None; else ``label``."""

    label: Both | None
    country_iso2: str | None


class Entry(TypedDict):
    """One field of a group or of a repeated item; exactly one of ``said`` and ``number`` is not None, both None: not given."""

    key: str
    label: Both
    said: Said | None
    number: int | float | None


class GroupValue(TypedDict):
    """type "group"."""

    entries: list[Entry]


class Column(TypedDict):
    """A column of a table. ``type`` "choice": cells are Both; "text": str; others: int or float; any cell may be None."""

    key: str
    label: Both
    type: Literal["text", "year", "number", "percent", "currency", "choice"]


class GroupSum(TypedDict):
    """One sum within a table: of the rows that say ``group``, in one currency where the table has such a column."""

    group: Both
    number: int | float
    currency: str | None


class GroupSums(TypedDict):
    """The sums of one ``column`` of a table for each value of another one, ``by``."""

    column: Both
    by: Both
    sums: list[GroupSum]


class TableValue(TypedDict):
    """type "table". Each row has one cell per column; ``totals`` too (None under a column without), or None as a whole.
    A "percent" is 12.5 for 12.5 %. A "currency" cell is a currency code (str). ``groups``: sums within the table,
    which documents from before the portal made them do not have."""

    columns: list[Column]
    rows: list[list[Any]]
    totals: list[Any] | None
    groups: list[GroupSums]


class Item(TypedDict):
    """One block of a repeated question. ``heading``: its title as written, or None."""

    heading: Said | None
    entries: list[Entry]


class RepeatValue(TypedDict):
    """type "repeat"."""

    items: list[Item]


class Link(TypedDict):
    url: str
    label: str | None


class LinksValue(TypedDict):
    """type "links"."""

    links: list[Link]


class DeclarationValue(TypedDict):
    """type "declaration". ``statement``: the call's sentence that was (or was not) agreed to."""

    accepted: bool
    statement: Both


class SignatureValue(TypedDict):
    """type "signature". ``signed_on``: a day; ``image``: key of the signature's picture, or None."""

    name: str
    function: str | None
    place: str | None
    signed_on: str
    image: str | None


Value = (
    TextValue
    | NumberValue
    | ChoiceValue
    | GroupValue
    | TableValue
    | RepeatValue
    | LinksValue
    | DeclarationValue
    | SignatureValue
)


class AnsweredQuestion(TypedDict):
    """One question and its answer. ``value`` has the shape of ``type``; None: not answered. ``nothing``: the set phrase when the
    city declared that there is nothing relevant (``value`` is None then), else None. ``words`` and ``word_limit``: counts of
    the answer, None where words are not counted."""

    number: str
    key: str
    label: Both
    type: Literal["text", "number", "choice", "group", "table", "repeat", "links", "declaration", "signature"]
    words: int | None
    word_limit: int | None
    nothing: Both | None
    value: Value | None


class AnsweredSection(TypedDict):
    """``title`` None: a section of one question, called like its question."""

    number: str
    key: str
    title: Both | None
    questions: list[AnsweredQuestion]


class Filing(TypedDict):
    """The frozen content of one submission. ``version`` counts from 1 (2: after a return); ``content_sha256``: of its canonical
    JSON; ``words``: of all answers; ``answered``/``asked``: questions."""

    version: int
    filed_at: str
    content_sha256: str
    words: int
    answered: int
    asked: int


class SignOff(TypedDict):
    """Somebody's agreement on the portal, the mayor's or another's. ``statement``: what was agreed to."""

    label: Both
    name: str
    function: str | None
    signed_at: str
    statement: Both


class DossierContext(OfDossier):
    """DOSSIER: what the city filed, whole."""

    filing: Filing
    sections: list[AnsweredSection]
    pieces: list[PieceFacts]
    sign_offs: list[SignOff]


# --- PACK --------------------------------------------------------------------------------------------------------------


class PackedFile(TypedDict):
    """One dossier of a pack: as it was filed last, its pieces by name and fingerprint. ``filing`` None: nothing was filed."""

    dossier: DossierFacts
    filing: Filing | None
    sections: list[AnsweredSection]
    pieces: list[PieceFacts]


class PackContext(Common):
    """PACK: what an evaluator takes along. ``evaluator``: for whom; ``until``: the instant after which it cannot be fetched any
    more; pictures among the pieces are not shown."""

    evaluator: str
    until: str
    files: list[PackedFile]


# --- COMPLETE_DOSSIER ----------------------------------------------------------------------------------------------------


class DossierPart(TypedDict):
    """A document of the dossier, as it was issued: ``context`` is its own, of the shape of its ``kind``, and ``language`` the
    one it was issued in. ``seat``: whose sheet it is, as the reader is told; ``held``: it waits for publication;
    ``reference``, ``issued_at`` None: the file as the city has it in hand, which was not filed."""

    chapter: Literal["application", "screening", "evaluation", "opinion", "decision"]
    kind: str
    language: str
    seat: str | None
    held: bool
    reference: str | None
    issued_at: str | None
    context: dict[str, Any]


class EnclosedFile(FileFacts):
    """``attached_as``: its name in this document, or None, and then ``not_attached`` says why."""

    attached_as: str | None
    not_attached: Literal["no_pdf", "lost", "too_big"] | None


class EnclosedPiece(TypedDict):
    """As PieceFacts."""

    key: str
    label: Both
    files: list[EnclosedFile]


class ListedDocument(TypedDict):
    """``part``: the number of its part, from 1, or None; ``pages``, ``sha256`` (of the content, before it was signed): None
    where it was still being made."""

    kind: str
    seat: str | None
    issued_at: str
    pages: int | None
    sha256: str | None
    part: int | None
    status: Literal["stands", "held", "superseded", "set_aside"]


class DossierAct(TypedDict):
    """``who``: a name; ``office``: what acted instead of one; ``until``: the instant that the act set; ``state``: where it led."""

    at: str
    who: str | None
    office: "Message | None"
    label: "Message"
    until: str | None
    reason: Said | None
    state: "Message | None"


class AttachedFile(TypedDict):
    """A file to travel in the document. ``size``: bytes; ``at``: when it was uploaded."""

    name: str
    description: str
    media_type: str
    size: int
    sha256: str
    at: str


class CompleteDossierContext(OfDossier):
    """COMPLETE_DOSSIER: all that one person, ``reader``, may see of a dossier at one instant. ``state``: as they are told of
    it."""

    reader: str
    state: "Message"
    parts: list[DossierPart]
    pieces: list[EnclosedPiece]
    documents: list[ListedDocument]
    history: list[DossierAct]
    attached: list[AttachedFile]


# --- letters and notes -------------------------------------------------------------------------------------------------


class Step(TypedDict):
    """What comes next: ``at`` an instant, ``until`` an instant or None (a period when not None)."""

    label: Both
    at: str | None
    until: str | None


class ReceiptContext(OfDossier):
    """RECEIPT. ``received_at``: when the request arrived, to the second: it counts for the deadline; ``submitted_by``: the
    name of the person who filed; ``closes_at``: the call's deadline. ``steps``: what happens next, in order."""

    filing: Filing
    received_at: str
    submitted_by: str
    closes_at: str
    pieces: list[PieceFacts]
    steps: list[Step]


class Remark(TypedDict):
    """A question or a piece that a letter names. ``number``: of the question, None for a piece."""

    number: str | None
    label: Both
    remark: Said | None


class ReturnLetterContext(Letter):
    """RETURN_LETTER. ``answer_by``: the instant until which the city may file again."""

    filing: Filing
    reason: Said
    remarks: list[Remark]
    answer_by: str


class Check(TypedDict):
    """One line of the screening checklist."""

    label: Both
    outcome: Literal["met", "not_met", "not_applicable"]
    remark: Said | None


class IneligibilityNoticeContext(Letter):
    """INELIGIBILITY_NOTICE. ``checks``: the lines that were not met (may be empty)."""

    filing: Filing
    reason: Said
    checks: list[Check]


class Return(TypedDict):
    """A return during screening. ``refiled_at`` None: the city has not filed again."""

    returned_at: str
    reason: Said
    refiled_at: str | None


class ScreeningNoteContext(OfDossier):
    """SCREENING_NOTE. ``screener``: the name (or function) under which the Secretariat's person appears."""

    filing: Filing
    screener: str
    admitted_at: str
    checks: list[Check]
    returns: list[Return]
    remark: Said | None


class WithdrawalNoteContext(OfDossier):
    """WITHDRAWAL_NOTE. ``stage``: where the dossier stood, as a label. ``filing``: None when it was a draft."""

    filing: Filing | None
    withdrawn_at: str
    by_name: str
    by_function: str | None
    stage: Both
    reason: Said


class CheckedPassage(TypedDict):
    """``answer`` None: the city found no error in it."""

    number: int
    passage: Said
    answer: Said | None


class CityReplyContext(OfDossier):
    """CITY_REPLY. ``content_sha256``: of the canonical JSON of passages and answers."""

    received_at: str
    by_name: str
    passages: list[CheckedPassage]
    content_sha256: str


# --- evaluation --------------------------------------------------------------------------------------------------------


class Scale(TypedDict):
    minimum: int | float
    maximum: int | float


class SheetCriterion(TypedDict):
    """``weight`` is as in the rubric (20 for 20 %); ``score``: None where the evaluator cannot judge it."""

    key: str
    label: Both
    guidance: Both | None
    weight: int | float
    score: int | float | None
    reason: Said


class EvaluationSheetContext(OfDossier):
    """EVALUATION_SHEET: one evaluator's closed sheet. ``evaluator`` and ``seat``: as the call's blind mode allows ("Member 3",
    None). ``mean``: the weighted mean, on the scale. ``declaration``: what was declared about conflicts, ``declared_at``."""

    sheet_number: str
    evaluator: str
    seat: str | None
    stream_key: str
    stream_label: Both
    closed_at: str
    declaration: Both
    declared_at: str
    scale: Scale
    criteria: list[SheetCriterion]
    mean: float
    comment: Said | None


class ReportStream(TypedDict):
    """``weight`` as in the rubric; ``minimum``: closed sheets asked for; ``mean`` of its sheets; ``spread``: sample standard
    deviation of its sheets' means, None when there are fewer than two."""

    key: str
    label: Both
    weight: int | float
    sheets: int
    minimum: int
    mean: float
    spread: float | None


class ReportCriterion(TypedDict):
    """``means``: by stream key; ``mean``: the streams weighted, None where no sheet scores the criterion."""

    key: str
    label: Both
    weight: int | float
    means: dict[str, float]
    mean: float | None
    spread: float | None


class ReportScore(TypedDict):
    """``score``: None where the evaluator cannot judge the criterion."""

    criterion: str
    score: int | float | None
    reason: Said


class ReportSheet(TypedDict):
    """One sheet of the report, ``scores`` in the order of the criteria."""

    evaluator: str
    stream_key: str
    mean: float
    closed_at: str
    scores: list[ReportScore]
    comment: Said | None


class SetAside(TypedDict):
    """An evaluator who did not evaluate, and why."""

    evaluator: str
    stream_key: str
    reason: Both


class Interval(TypedDict):
    """Of a mean, on the scale; ``level``: how many percent of the draws it holds."""

    low: float
    high: float
    level: int


class EvaluationReportContext(OfDossier):
    """EVALUATION_REPORT. ``mean``: the result on the scale; ``spread``: over all sheets. ``method``: how the figures come
    about; ``disagreement``: what flags it, if anything does (neither was printed at first)."""

    scale: Scale
    streams: list[ReportStream]
    criteria: list[ReportCriterion]
    sheets: list[ReportSheet]
    set_aside: list[SetAside]
    mean: float
    spread: float | None
    referred_at: str
    interval: NotRequired[Interval | None]
    method: NotRequired[list["Message"]]
    disagreement: NotRequired[list["Message"]]


class FieldStream(TypedDict):
    key: str
    label: Both
    weight: int | float


class FieldEvaluator(TypedDict):
    """An evaluator's own scale; ``deviation`` None for one sheet; ``trust``: from 0 to 1."""

    evaluator: str
    sheets: int
    mean: float
    deviation: float | None
    trust: float


class FieldSheet(TypedDict):
    evaluator: str
    stream_key: str
    mean: float


class FieldDossier(TypedDict):
    """A dossier of the field by rank. ``means``, ``sheets``: by stream key; ``given``: the means of its sheets."""

    reference: str
    city: str
    country_iso2: str | None
    rank: int
    rank_low: int
    rank_high: int
    raw: float
    normalised: float
    low: float
    high: float
    spread: float | None
    means: dict[str, float]
    sheets: dict[str, int]
    disagreement: list["Message"]
    given: list[FieldSheet]


class FieldSynthesisContext(Common):
    """FIELD_SYNTHESIS, of a field of a call. ``sheets``, ``mean``, ``deviation``: of all sheets; ``seed``, ``samples``,
    ``level``: of the intervals; ``inputs_sha256``: of the canonical JSON of what all this is made of."""

    field: str | None
    field_label: Both | None
    scale: Scale
    streams: list[FieldStream]
    sheets: int
    mean: float
    deviation: float | None
    seed: int
    samples: int
    level: int
    method: list["Message"]
    inputs_sha256: str
    dossiers: list[FieldDossier]
    evaluators: list[FieldEvaluator]


# --- steering, decision, publication -----------------------------------------------------------------------------------


SeatName = Both | str
"""What a seat is called: its field in both languages; a str in documents from before."""


class SeatPresent(TypedDict):
    """``function``: e.g. coordinator, deputy, host."""

    seat: SeatName
    person: str | None
    function: Both


class Recusal(TypedDict):
    seat: SeatName
    person: str | None
    reason: Both


class Quorum(TypedDict):
    """Seats: ``required``, ``seated`` in all, ``present``."""

    required: int
    seated: int
    present: int


class Votes(TypedDict):
    in_favour: int
    against: int
    abstaining: int


class Feedback(TypedDict):
    """What a city is told on one criterion; None: nothing of the kind."""

    label: Both
    strengths: SaidInBoth | None
    weaknesses: SaidInBoth | None


class SteeringOpinionContext(OfDossier):
    """STEERING_OPINION. ``opinion`` prints large; ``text`` and ``conditions`` in the languages in which they were written;
    ``motion``: the one that gave the opinion, with its votes by name, and ``dissents`` (neither told at first)."""

    session_title: Both
    held_on: str
    place: str | None
    opinion: Literal["favourable", "unfavourable", "defer"]
    text: SaidInBoth
    conditions: list[SaidInBoth]
    quorum: Quorum
    present: list[SeatPresent]
    recusals: list[Recusal]
    votes: Votes | None
    motion: NotRequired["RecordMotion | None"]
    dissents: NotRequired[list["RecordSaid"]]
    feedback: list[Feedback]


class TimeOut(TypedDict):
    """``in_at`` is always there once the sitting is over."""

    out_at: str
    in_at: str | None


class RecordSeat(TypedDict):
    """A seat that came; ``out``: when it was out of its own accord; ``sits_for``: whether it stood in for its coordinator (not
    told at first, and by that one's name in documents from before)."""

    seat: SeatName
    person: str
    function: Both
    arrived_at: str
    out: list[TimeOut]
    sits_for: NotRequired[bool | str | None]


class RecordAbsent(TypedDict):
    """A seat that did not come; ``apologised``: it had said so; ``deputy``: whether its deputy sat in its stead (by name in
    documents from before)."""

    seat: SeatName
    function: Both
    apologised: bool
    deputy: bool | str | None


class RecordRecusal(TypedDict):
    """A seat out of the room while its item was at hand."""

    seat: SeatName
    reason: Both
    out_at: str
    in_at: str | None


class RecordVote(TypedDict):
    seat: SeatName
    choice: Literal["in_favour", "against", "abstaining"]


class RecordMotion(TypedDict):
    """``votes``: by name, empty where hands were counted; ``seats``: how many counted for the item."""

    kind: Literal["recommend", "conditions", "reject", "defer"]
    conditions: list[SaidInBoth]
    by_name: bool
    votes: list[RecordVote]
    in_favour: int
    against: int
    abstaining: int
    seats: int
    carried: bool
    closed_at: str


class RecordSaid(TypedDict):
    """Somebody's own words: a dissent, or a correction asked for."""

    seat: SeatName
    text: Said


class RecordDetail(TypedDict):
    """What happened on an item. ``seats``: how many counted for it when the last vote on it was closed, or None."""

    reference: str
    city: str
    country_iso2: str | None
    field_label: Both | None
    taken_up_at: str | None
    concluded_at: str | None
    seats: int | None
    recusals: list[RecordRecusal]
    motions: list[RecordMotion]
    opinion: Literal["favourable", "unfavourable", "defer"] | None
    text: SaidInBoth
    dissents: list[RecordSaid]
    corrections: list[RecordSaid]


class RecordItem(TypedDict):
    """``detail`` None: the item is closed to the reader of this version."""

    number: int
    detail: RecordDetail | None


class SessionRecordContext(Common):
    """SESSION_RECORD. ``text``: what people wrote of the sitting as a whole; ``majority``: the rule, worded; ``absent`` was
    not told at first."""

    title: str
    opened_at: str
    closed_at: str
    place: str | None
    link: str | None
    quorum: int
    majority: "Message"
    seats: list[RecordSeat]
    absent: NotRequired[list[RecordAbsent]]
    text: SaidInBoth
    items: list[RecordItem]
    corrections: list[RecordSaid]
    approved_at: str | None


class PapersAnswer(TypedDict):
    """An answer of the file that the call has the papers quote."""

    label: Both
    text: Said


class PapersScreening(TypedDict):
    """``returns``: how often the file was returned for completion."""

    admitted_at: str | None
    checks: list[Check]
    returns: int


class PapersDetail(TypedDict):
    """What the group needs on one file; the figures as in EvaluationReportContext."""

    dossier: DossierFacts
    filing: Filing | None
    summary: list[PapersAnswer]
    screening: PapersScreening
    scale: Scale
    streams: list[ReportStream]
    criteria: list[ReportCriterion]
    sheets: list[ReportSheet]
    mean: float
    spread: float | None
    interval: Interval | None
    disagreement: list["Message"]


class PapersItem(TypedDict):
    """``closed``: to whoever reads this version; ``detail`` None: it is, or the file is before the group no more."""

    number: int
    closed: bool
    detail: PapersDetail | None


class SessionPapersContext(Common):
    """SESSION_PAPERS. ``majority``: the rule, worded."""

    title: str
    starts_at: str | None
    place: str | None
    link: str | None
    quorum: int
    majority: "Message"
    items: list[PapersItem]


class DesignationLetterContext(Letter):
    """DESIGNATION_LETTER. ``commitments``: what the city agreed to in its dossier."""

    published_on: str
    reason: SaidInBoth
    feedback: list[Feedback]
    conditions: list[SaidInBoth]
    commitments: list[Both]
    steps: list[Step]


class CertificateContext(OfDossier):
    """CERTIFICATE. ``number``: of the certificate ("2015-031")."""

    number: str
    designated_on: str


class DecisionLetterContext(Letter):
    """DECISION_LETTER: not designated."""

    published_on: str
    reason: SaidInBoth
    feedback: list[Feedback]
    steps: list[Step]


class DesignatedCity(TypedDict):
    """``parties``: further cities of the same dossier (without the lead)."""

    reference: str
    city: str
    city_local: Said | None
    country_iso2: str
    region: Both
    field: str | None
    field_label: Both | None
    partners: list[Party]


class Count(TypedDict):
    label: Both
    count: int


class DesignationListContext(Common):
    """DESIGNATION_LIST, of a call. ``by_region``, ``by_field``: in the order to print, zero included."""

    decided_on: str
    published_on: str
    filed: int
    evaluated: int
    designated: list[DesignatedCity]
    by_region: list[Count]
    by_field: list[Count]


class Outcomes(TypedDict):
    """Of the files of a field, a region or a country: how many were submitted, how many designated."""

    label: Both
    filed: int
    designated: int


class CountryOutcomes(TypedDict):
    country_iso2: str
    filed: int
    designated: int


class StateCount(TypedDict):
    label: "Message"
    count: int


class StagePace(TypedDict):
    """Days that files spent in a stage, of those that have left it."""

    label: "Message"
    files: int
    shortest: float
    middle: float
    longest: float


class StreamFigures(TypedDict):
    """``mean``, ``deviation``: of the means of its sheets (sample standard deviation), None where there are too few."""

    label: Both
    seats: int
    asked: int
    closed: int
    set_aside: int
    mean: float | None
    deviation: float | None


class MeanCount(TypedDict):
    """Files whose overall mean is from ``low`` to below ``high`` (up to it, in the last)."""

    low: float
    high: float
    count: int


class CallReportContext(Common):
    """CALL_REPORT, of a call. ``begun``: files opened; ``filed``: submitted; ``by_state`` counts those. Every list in the order
    to print, zero included, but for the countries and states that no file has."""

    published_on: str
    begun: int
    filed: int
    evaluated: int
    designated: int
    by_state: list[StateCount]
    by_region: list[Outcomes]
    by_field: list[Outcomes]
    by_country: list[CountryOutcomes]
    scale: Scale
    streams: list[StreamFigures]
    means: list[MeanCount]
    conflicts: int
    paces: list[StagePace]


class SlateRow(TypedDict):
    """A region or a field. ``least``, ``most``: the call's target, None for any number."""

    label: Both
    members: int
    files: int
    proposed: int
    least: int | None
    most: int | None


class SlateFile(TypedDict):
    """``opinion``: the outcome as its key, "" without one; ``reason``: of the Secretariat, "" where it follows the opinion."""

    reference: str
    city: str
    country_iso2: str | None
    region: Both | None
    field_label: Both | None
    mean: float | None
    opinion: str
    proposed: bool
    reason: str


class SlateVariant(TypedDict):
    """A variant in figures; ``regions``: proposed cities of each region, in the order of ``by_region``."""

    name: str
    chosen: bool
    proposed: int
    countries: int
    first_time: int
    regions: list[int]


class SlateContext(Common):
    """SLATE, of a call. ``first_time``: countries (ISO codes) without a member until now; ``by_field``: those with files."""

    name: str
    filed: int
    proposed: int
    members: int
    countries: int
    first_time: list[str]
    by_region: list[SlateRow]
    by_field: list[SlateRow]
    files: list[SlateFile]
    variants: list[SlateVariant]


# --- of a call, before any dossier -------------------------------------------------------------------------------------


class Message(TypedDict):
    """A sentence of the portal's own, worded in the document's language when it is set. ``message``: its id in the
    catalogue; ``params``: by name, a number, a text, or a Both."""

    message: str
    params: dict[str, Any]


class AskedOption(TypedDict):
    """An entry of a list to choose from. ``key``: what the field says when it is chosen."""

    key: str
    label: Both


class AskedEntry(TypedDict):
    """A field to fill in. ``lines``: its height, where it takes several; ``most``: characters, None without limit;
    ``listed``: the options are a list of the call, to be read in the order of the alphabet."""

    kind: Literal["line", "text", "choice", "choices", "declaration"]
    lines: int
    most: int | None
    options: list[AskedOption]
    listed: bool


class AskedPart(TypedDict):
    """A column of a table, an entry of a group or of a repeated block; as AskedQuestion."""

    key: str
    label: Both
    help: Both | None
    limits: list[Message]
    source: str | None
    choices: list[Both]
    entry: AskedEntry


class AskedQuestion(TypedDict):
    """A question of the blank form. ``limits``: the kind of answer and its bounds; ``rules``: on the rows of a table;
    ``source``: the list of the call to choose from ("countries", "fields") or None; ``choices``: labels, empty where there
    are none or too many; ``key``: names its fields; ``entry``: its field, None where it has parts; ``rows``: how many rows,
    blocks or links there is room for; ``nothing``: whether it can be answered by the set phrase."""

    number: str
    key: str
    label: Both
    item_label: Both | None
    help: Both | None
    type: str
    required: bool
    condition: Message | None
    statement: Both | None
    limits: list[Message]
    source: str | None
    choices: list[Both]
    entry: AskedEntry | None
    rows: int
    nothing: bool
    parts: list[AskedPart]
    rules: list[Message]


class AskedSection(TypedDict):
    number: str
    title: Both | None
    intro: Both | None
    questions: list[AskedQuestion]


class AskedPiece(TypedDict):
    """``max_size``: bytes, or None; ``min_pixels``: width and height, where the call asks for that much."""

    label: Both
    help: Both | None
    count: int
    formats: list[str]
    max_size: int | None
    min_pixels: NotRequired[list[int]]
    required: bool


class BlankFormContext(Common):
    """BLANK_FORM: the questions of a call, with fields to fill in. ``nothing_relevant``: the set phrase that answers a
    question with nothing to say; ``identity``: by which a filled form is known again (domain.blank_form)."""

    identity: str
    closes_at: str
    nothing_relevant: Both | None
    sections: list[AskedSection]
    pieces: list[AskedPiece]


class CallCriterion(TypedDict):
    label: Both
    guidance: Both | None
    weight: int | float


class CallStream(TypedDict):
    label: Both
    weight: int | float
    minimum: int


class Eligibility(TypedDict):
    """What is asked before a file is opened. ``needed``: "yes" or "no"."""

    question: Both
    hint: Both | None
    needed: str


class CallTextContext(Common):
    """CALL_TEXT: the call as published. ``introduction``: paragraphs; ``country_limit``, ``field_limit``: files of one
    country, and of one country in one field, None without limit; ``languages``: in which a file may be written."""

    introduction: Both | None
    opens_at: str
    closes_at: str
    grace_minutes: int
    steps: list[Step]
    languages: list[str]
    fields: list[Both]
    country_limit: int | None
    field_limit: int | None
    eligibility: list[Eligibility]
    pieces: list[AskedPiece]
    scale: Scale
    streams: list[CallStream]
    criteria: list[CallCriterion]


# --- of the Network: its name and its zone stand in the place of a call's ------------------------------------------------


class NetworkCity(TypedDict):
    city: str
    country_iso2: str


class Mandate(NetworkCity):
    """``due_year``: of the annual meeting at which the renewal is due; ``until_at``: midnight after the last day."""

    from_on: str
    until_at: str
    due_year: int


class FieldPlace(TypedDict):
    field: str
    field_label: Both
    coordinator: Mandate | None
    deputy: Mandate | None


class OtherPlace(Mandate):
    kind: Literal["host", "co_opted"]


class SteeringCompositionContext(Common):
    """STEERING_COMPOSITION. ``by_region``: of those who hold a place, nought for a region that is missing."""

    as_of: str
    fields: list[FieldPlace]
    others: list[OtherPlace]
    by_region: list[Count]
    missing: list[Both]


class CandidateCounted(NetworkCity):
    votes: int


class BallotResultContext(Common):
    """BALLOT_RESULT. ``ballot``: its id, which the lot's seed is made of; names are "city, country code", as counted;
    ``members``: how many could vote; ``seed`` where a lot was drawn; ``second_round_until`` where one follows."""

    ballot: str
    field: str
    field_label: Both
    kind_of_seat: Literal["coordinator", "deputy"]
    round: int
    opens_at: str
    closes_at: str
    tie_rule: Literal["second_round", "lot"]
    outcome: Literal["elected", "by_lot", "second_round", "nobody"]
    elected: str | None
    equal: list[str]
    seed: str | None
    term_from: str
    second_round_until: str | None
    candidates: list[CandidateCounted]
    none_of_them: int
    members: int
    voters: list[NetworkCity]


class NamedVote(TypedDict):
    """The vote of a field, by the city that sat for it."""

    field: str
    field_label: Both
    city: str
    choice: Literal["for", "against", "abstain"]


class CoOptionContext(Common):
    """CO_OPTION. ``sitting``: fields that sat; ``needed``: votes in favour that adopt."""

    city: NetworkCity
    city_field: Both
    region: Both
    reason: Said
    proposed_for: Both
    proposed_at: str
    decided_at: str
    adopted: bool
    sitting: int
    needed: int
    votes: list[NamedVote]


class AgreedClause(TypedDict):
    """A numbered clause; ``parts``: its sub-clauses."""

    text: Said
    parts: list[Said]


class OfAgreedText(Common):
    """Of the text of an annual meeting. ``starts_on``, ``ends_on``: its first and last day, None where they are not fixed;
    ``sealed_at``: None for a copy of a text that is still at work."""

    edition: int
    year: int
    hosts: list[NetworkCity]
    starts_on: str | None
    ends_on: str | None
    sealed_at: str | None


class ConclusionsContext(OfAgreedText):
    """CONCLUSIONS: what the members agreed at an annual meeting. ``title``, ``preamble``: None where the text has none."""

    title: Said | None
    preamble: Said | None
    clauses: list[AgreedClause]
    sealed_at: str | None


class OfMeeting(Common):
    """What is issued of an annual meeting. ``first``, ``last``: days; ``zone``: IANA name, the one in which its hours
    ("09:30") are written, by its own clock."""

    edition: int
    year: int
    hosts: list[NetworkCity]
    first: str
    last: str
    zone: str


class Chair(NetworkCity):
    """Who chairs a workshop: the city that coordinates the field, and who acts for it."""

    persons: list[str]


class MeetingPaper(TypedDict):
    """What is read for a meeting. ``url``: of a link, else None; ``name``: of a file, else None."""

    title: str
    language: str
    url: str | None
    name: str | None


class AgendaPoint(TypedDict):
    """A point of the agenda. ``hall``: None for what is in no hall; ``kind``: domain.agenda.Kind; ``field`` and ``chair``: of a
    workshop, else None."""

    starts: str
    ends: str
    hall: str | None
    kind: str
    title: Both
    field: str | None
    field_label: Both | None
    chair: Chair | None
    papers: list[MeetingPaper]


class AgendaDay(TypedDict):
    """A day of a meeting, with its points in their order."""

    day: str
    points: list[AgendaPoint]


class AgendaContext(OfMeeting):
    """AGENDA. ``papers``: those of the meeting as a whole; only papers that anybody may read are told."""

    days: list[AgendaDay]
    papers: list[MeetingPaper]


class NamedDelegate(TypedDict):
    """Who comes. ``mayor``: takes part in the round table of mayors."""

    name: str
    title: str | None
    mayor: bool


class CityPresent(NetworkCity):
    """A city with those who come for it."""

    field_label: Both
    delegates: list[NamedDelegate]


class ParticipantsContext(OfMeeting):
    """PARTICIPANTS. ``delegates``, ``countries``, ``mayors``: how many."""

    cities: list[CityPresent]
    delegates: int
    countries: int
    mayors: int


class WorkshopReportContext(OfMeeting):
    """WORKSHOP_REPORT: what was reported of the workshop of a field, as written."""

    day: str
    starts: str
    ends: str
    hall: str | None
    title: Both
    field: str
    field_label: Both
    chair: Chair | None
    text: SaidInBoth


class CalendarEntry(TypedDict):
    """A line of the calendar. ``kind`` and ``step``: of domain.calendar.Entry; ``fixed``: False where only the year is known;
    ``short``: its name in the picture; ``within``, ``call``: title and key of its call; ``strong``: the Steering Group is
    renewed there."""

    kind: Literal["meeting", "renewal", "mandates", "window", "report"]
    kind_told: Message
    first: str
    last: str
    fixed: bool
    told: Message
    short: Both
    details: list[Message]
    call: str
    within: Both | None
    step: str
    strong: bool


class CalendarYear(TypedDict):
    year: int
    entries: list[CalendarEntry]


class NetworkCalendarContext(Common):
    """NETWORK_CALENDAR: what anybody may know of so many years, each entry under the first of them in which it has a day."""

    as_of: str
    first_year: int
    last_year: int
    years: list[CalendarYear]


class AgreedPair(TypedDict):
    """A numbered clause in both languages; ``parts``: its sub-clauses."""

    texts: SaidInBoth
    parts: list[SaidInBoth]


class ConclusionsBilingualContext(OfAgreedText):
    """CONCLUSIONS_BILINGUAL: the same text in both languages. ``languages``: from left to right."""

    languages: list[str]
    title: SaidInBoth | None
    preamble: SaidInBoth | None
    clauses: list[AgreedPair]


class CorrectedPiece(TypedDict):
    """``kind``: "title", "preamble" or "clause"; ``name``: "3a" of a sub-clause."""

    kind: str
    name: str


class ErratumContext(OfAgreedText):
    """ERRATUM: a correction of a sealed text. ``number``: counted from 1 in each meeting; ``reads``, ``should_read``: what
    stands in the text, and what is to be read instead."""

    number: int
    title: Said | None
    piece: CorrectedPiece
    reads: Said
    should_read: Said
    reason: Said
    issued_at: str


class CitedEvidence(TypedDict):
    """A piece of evidence that anybody may have: a document of the portal by its `kind` and `code`, or an address."""

    kind: str | None
    code: str | None
    url: str | None


class FollowUpNote(TypedDict):
    """What was done, in the name of `by`."""

    text: Said
    by: Message | Both
    written_at: str
    evidence: list[CitedEvidence]


class LaunchedThing(TypedDict):
    """What a clause has launched. ``status``: with ``day`` as its parameter, where it has one."""

    kind: Literal["call", "meeting", "task"]
    title: Both | None
    year: int | None
    city: str | None
    status: str
    day: str | None


class FollowedClause(TypedDict):
    """A clause or sub-clause as it stands. ``level``: 1 or 2; ``by``: who said so, None where nobody said anything or the state
    follows from sub-clauses; ``due_on``, ``late``: of those that nothing was decided on, None and False."""

    name: str
    level: Literal[1, 2]
    text: Both
    owners: list[Message | Both]
    due_on: str | None
    late: bool
    state: Literal["open", "under_way", "done", "dropped"]
    state_label: Message
    since: str | None
    by: Message | Both | None
    launched: list[LaunchedThing]
    notes: list[FollowUpNote]


class OwnerCount(TypedDict):
    label: Message
    settled: int
    pending: int


class FollowUpContext(Common):
    """FOLLOW_UP: what became of what a meeting agreed, clause by clause, as anybody may read it. Figures count sub-clauses in
    the place of a clause that has some; ``late``: of those still expected; ``by_owner``: one of two owners counts twice."""

    edition: int
    year: int
    hosts: list[NetworkCity]
    as_of: str
    total: int
    settled: int
    late: int
    by_state: list[StateCount]
    by_owner: list[OwnerCount]
    clauses: list[FollowedClause]
