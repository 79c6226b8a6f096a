"""What stands on the screen for the words of the trade: refusals, states, roles, documents, instants.

Message ids come from the domain; they are translated here, with their parameters put into the reader's language too.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _

from rvc_portal.documents.catalogue import KINDS
from rvc_portal.domain import asking, conditions
from rvc_portal.domain.answers import Problem
from rvc_portal.domain.deliberation import MotionKind
from rvc_portal.domain.errors import Refusal
from rvc_portal.domain.form import Form, Part, Question
from rvc_portal.domain.vocabulary import (
    N_,
    ROLES,
    DecisionOutcome,
    Doc,
    OpinionOutcome,
    Role,
    SeatKind,
    Stream,
)
from rvc_portal.domain.workflow import Procedure, State, Transition
from rvc_portal.gateways import network
from rvc_portal.language import SOURCE
from rvc_portal.models.call import Call
from rvc_portal.queries import calls, composition
from rvc_portal.web import look

RULES = {
    "city": N_("same city"),
    "country": N_("same country"),
    "declared": N_("declared by the evaluator"),
    "found": N_("found by the Secretariat"),
    "twin": N_("twin or partner city"),
    "letter": N_("letter of support"),
    "tie": N_("declared tie"),
    "employer": N_("same employer"),
}
"""Why a conflict of interest stands: the rules that a call may switch on, and what a person declares."""

OUTCOMES: dict[str, str] = {
    OpinionOutcome.FAVOURABLE: N_("Favourable"),
    MotionKind.CONDITIONS: N_("Favourable, with conditions"),
    OpinionOutcome.UNFAVOURABLE: N_("Unfavourable"),
    OpinionOutcome.DEFER: N_("Deferred"),
    DecisionOutcome.DESIGNATE: N_("Designation"),
    DecisionOutcome.DECLINE: N_("No designation"),
}
"""What the Steering Group advises, and what the Director-General decides."""

JOB_REASONS = {
    "DocumentError": N_("its content could not be laid out"),
    "FontsMissing": N_("a font is missing"),
    "StorageError": N_("the storage is full or cannot be reached"),
    "MailError": N_("the mail server did not take it"),
    "KeysError: the office's certificate ended": N_("the office’s certificate has ended"),
    "KeysError": N_("the office’s keys cannot sign"),
    "SigningLater": N_("the time stamp authority does not answer"),
    "OperationalError": N_("the database could not be reached"),
    "the worker": N_("the worker was stopped each time it tried"),
}
"""Why work in the background failed, by how the worker's note of it begins."""

LANGUAGE_NAMES = {"en": "English", "fr": "Français"}
"""Each language by its own name, as its speakers look for it."""

SEATS = {
    SeatKind.MEMBER: N_("Member city"),
    SeatKind.EXPERT: N_("Expert"),
    SeatKind.COORDINATOR: N_("Coordinator of a sub-network"),
    SeatKind.DEPUTY: N_("Deputy coordinator"),
    SeatKind.HOST: N_("Host city"),
    SeatKind.CO_OPTED: N_("Co-opted member"),
}

STREAMS = {Stream.EXPERTS: N_("experts"), Stream.MEMBERS: N_("member cities")}


def reader_language() -> str:
    """The language of the page: "en" or "fr"."""
    locale = get_locale()
    return str(locale.language) if locale else SOURCE


def refusal(given: Refusal, zone: str = "UTC") -> str:
    """A refusal as a sentence; its instants stand in `zone` (the call's) and in UTC."""
    return message(given.message, given.params, zone)


def call_title(call: Call) -> str:
    """What a call is called."""
    title = calls.definition(call).title
    return wording({"en": title.en, "fr": title.fr})


def call_zone(call: Call) -> str:
    """The zone that a call's calendar is written in."""
    return calls.definition(call).timezone


def problem(given: Problem, zone: str = "UTC") -> str:
    """What is wrong with an answer, as a sentence."""
    return message(given.message, given.params, zone)


def message(text: str, params: Mapping[str, object], zone: str = "UTC") -> str:
    """A message id of the domain, translated with its parameters."""
    return str(_(text, **{name: parameter(name, value, zone) for name, value in params.items()}))


def parameter(name: str, value: object, zone: str = "UTC") -> object:
    """One parameter in the reader's language, by what it is and, where that does not tell, by its name."""
    if isinstance(value, datetime):
        return instant(value, zone)
    if isinstance(value, date):
        return look.whole_day(value)
    if isinstance(value, Mapping):
        return wording(value)
    if isinstance(value, Decimal):
        return look.decimal(value, 0 if value == int(value) else 2)
    if isinstance(value, int) and not isinstance(value, bool) and value > 9999:
        return look.decimal(value, 0)  # a year has four digits, too
    if not isinstance(value, str):
        return value
    if name == "kind":
        return document(value)
    if name == "language":
        return language(value)
    if name == "stream":
        return stream(value)
    if name == "rule":
        return conflict(value)
    if name == "seat_kind":
        return seat(value)
    if name == "seat":
        return _of_field(value)
    if name == "role" and value in ROLES:
        return role(Role(value))
    # Labels of the tables (a state, a transition) arrive as message ids; what is no message comes back as it is.
    return _(value) if value else value


def wording(given: Mapping[str, str]) -> str:
    """A text that a call gives in several languages: the reader's, else English, else the first that is there."""
    for language_code in (reader_language(), SOURCE):
        if given.get(language_code):
            return given[language_code]
    return next(iter(given.values()), "")


def _of_field(given: str) -> str:
    """A seat's name as a message carries it: the one of a creative field in the reader's language, any other as it is."""
    names = (f["label"] for f in network.fields())
    found = next((label for label in names if isinstance(label, Mapping) and label[SOURCE] == given), None)
    return wording(found) if found else given


def instant(at: datetime, zone: str = "UTC") -> str:
    """An instant in the call's zone and, where that is another one, in UTC: "16 July 2015, 00:00 (Europe/Paris;
    15 July 2015, 22:00 UTC)"."""
    if zone == "UTC":
        return str(_("%(moment)s UTC", moment=look.moment(at)))
    there, utc = look.moment(at, zone), look.moment(at)
    return str(_("%(there)s (%(zone)s; %(utc)s UTC)", there=there, zone=zone, utc=utc))


def until(at: datetime, zone: str) -> str:
    """An instant as the end of a period: "15 July 2015, 24:00 (Europe/Paris; 15 July 2015, 22:00 UTC)"."""
    return instant(at, zone).replace(look.moment(at, zone), look.until(at, zone), 1)


def language(code: str) -> str:
    """The name of a language in the reader's."""
    locale = get_locale()
    return str((locale.languages.get(code) if locale else None) or code)


def country(code: str | None) -> str:
    """The name of a country (ISO 3166 alpha-2) in the reader's language; the code where it is unknown."""
    if not code:
        return ""
    locale = get_locale()
    return str((locale.territories.get(code.upper()) if locale else None) or code)


def role(given: Role) -> str:
    """The name of a role."""
    return str(_(ROLES[given]))


def seat(kind: str) -> str:
    """The name of a kind of seat."""
    return str(_(SEATS[SeatKind(kind)]))


def seat_name(seat: composition.AnySeat) -> str:
    """What a seat of the Steering Group is called; a deputy's is told from its coordinator's."""
    return wording(composition.told_apart(seat))


def stream(key: str) -> str:
    """The name of a stream of evaluators, in the plural, within a sentence."""
    return str(_(STREAMS[Stream(key)])) if key in STREAMS else key


def conflict(rule: str) -> str:
    """Why a conflict of interest stands, within a sentence."""
    return str(_(RULES[rule])) if rule in RULES else rule


def outcome(key: str) -> str:
    """What an opinion advises or a decision decides."""
    return str(_(OUTCOMES[key]))


def document(kind: str) -> str:
    """The name of a kind of document."""
    return str(_(KINDS[Doc(kind).value].title))


def job_reason(error: str) -> str:
    """Why a job failed, for who waits for it; the worker's own words are for the Secretariat."""
    known = next((text for begins, text in JOB_REASONS.items() if error.startswith(begins)), None)
    return _(known) if known else _("an unexpected error")


def state(procedure: Procedure, key: str, *, inside: bool) -> str:
    """The name of a state: as the staff call it (`inside`), or as a city may see it before publication."""
    found = procedure.states[key]
    return str(_(found.label if inside else found.city_label or found.label))


def state_key(procedure: Procedure, key: str, *, inside: bool) -> str:
    """The key under which the state is drawn (colour and icon), so that these tell a city no more than the name."""
    found = procedure.states[key]
    return key if inside or not found.city_label else "under_examination"


def next_step(procedure: Procedure, key: str, *, inside: bool) -> str | None:
    """Who acts next, in one sentence; None in a final state. Cities get one sentence for all that is hidden."""
    found: State = procedure.states[key]
    if found.next_step is None:
        return None
    if not inside and found.city_label:
        return str(_("The file is being examined; the outcome is announced when the call is published."))
    return str(_(found.next_step))


def transition(given: Transition) -> str:
    """What the button of a transition says."""
    return str(_(given.label))


def past(given: Transition) -> str:
    """What the history says was done."""
    return str(_(given.past))


def limits(question: Question) -> list[str]:
    """What kind of answer a question wants, and all that bounds it."""
    return [message(*said) for said in asking.limits(question)]


def part_limits(part: Part) -> list[str]:
    """The same of a part of a question."""
    return [message(*said) for said in asking.part_limits(part)]


def row_rules(question: Question) -> list[str]:
    """The rules on the rows of a table, as sentences."""
    return [message(*said) for said in asking.rules(question)]


def condition(form: Form, question: Question) -> str:
    """When a conditional question is asked, as a sentence; empty for one that always is."""
    return message(*conditions.told(form, question.when)) if question.when else ""


FOR_TEMPLATES: dict[str, Any] = {
    f.__name__: f
    for f in (refusal, problem, message, wording, instant, language, country, role, seat, seat_name, stream, conflict,
              outcome, document, state, state_key, next_step, transition, past, call_title, call_zone,
              limits, part_limits, row_rules, condition)
}  # fmt: skip
