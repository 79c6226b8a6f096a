"""Feedback to a city: strengths and weaknesses by criterion, written for the Steering Group, sealed with its opinion.

What the opinion lacked can still be added until publication; then it is part of the opinion, which is issued anew, and of
the letter that is held.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from rvc_portal.domain import feedback as rules
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import InvalidInput, Overtaken, Refusal, Refused
from rvc_portal.domain.vocabulary import N_, Permission
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.feedback import Feedback
from rvc_portal.queries import calls
from rvc_portal.queries import feedback as query
from rvc_portal.services import decision, journal, rights, steering
from rvc_portal.services.transitions import lock

Texts = Mapping[str, Mapping[str, str]]
"""By criterion, then by the names of `domain.feedback.TEXTS`."""
SURE = "sure"
_Check = Callable[[str, str], Iterable[Refusal]]


def save(
    session: Session, dossier: Dossier, texts: Texts, *, seen: Mapping[str, int], sure: bool, actor: Actor, now: datetime
) -> int:  # fmt: skip
    """Keep what is written on the criteria given; how many of them changed. `seen`: the revisions that the person edited;
    `sure`: somebody has looked at what may tell an evaluator or a rank. Raises Refused without the right and for what is
    sealed, Overtaken where somebody else saved meanwhile, InvalidInput (`criterion-text`, `sure`) for what may not stand
    there; nothing is kept then."""
    rights.require(session, actor, dossier, Permission.WRITE_FEEDBACK)
    lock(session, dossier, None)
    lines = {line.criterion.key: line for line in query.lines(session, dossier)}
    changed = {
        key: {name: text.strip() for name, text in given.items()}
        for key, given in texts.items()
        if key in lines and any(given[name].strip() != lines[key].texts[name] for name in given)
    }
    _check_current(changed, lines, seen, actor.language)
    _check_words(session, dossier, changed, sure)
    kept = query.rows(session, dossier.id)
    for key, given in changed.items():
        row = kept.get(key) or Feedback(dossier_id=dossier.id, criterion=key, revision=0)
        for name, text in given.items():
            setattr(row, name, text)
        row.revision, row.changed_at, row.changed_by = row.revision + 1, now, actor.person
        session.add(row)
    session.flush()
    payload = {"criteria": sorted(changed)}
    if steering.opinion_given(session, dossier.id) and steering.seal_feedback(session, dossier, now):
        steering.renew_opinion(session, dossier, "feedback", actor=actor, now=now, payload=payload)
        decision.renew_letters(session, dossier, actor=actor, now=now)
    elif changed:
        journal.append(session, dossier.id, "feedback", actor_id=actor.account_id, now=now, payload=payload)
    return len(changed)


def drafted(session: Session, dossier: Dossier, typed: Texts) -> dict[str, dict[str, str]]:
    """What was typed, and where a criterion has nothing yet, what the closed sheets say of it: in their own words, without
    a name, a score or a rank, the same in each language until somebody translates it. Nothing is kept."""
    told = calls.definition(dossier.call)
    middle = (told.rubric.scale_minimum + told.rubric.scale_maximum) / 2
    who, reasons = query.evaluators(session, dossier), query.reasons(session, dossier)
    found: dict[str, dict[str, str]] = {}
    for key, given in typed.items():
        found[key] = dict(given)
        if any(text.strip() for text in given.values()):
            continue
        draft = rules.drafted(reasons.get(key, ()), middle, who.names, who.cities)
        found[key] |= {
            f"{part}_{language}": text for part, text in draft.items() for language in told.publish_languages
        }
    return found


def _check_current(
    changed: Texts, lines: Mapping[str, query.Line], seen: Mapping[str, int], language: str
) -> None:  # fmt: skip
    for key in changed:
        label = {"criterion": lines[key].criterion.label.of(language)}
        if lines[key].sealed:
            raise Refused([Refusal(N_("“%(criterion)s” is sealed with the opinion."), label)])
        if seen.get(key, 0) != lines[key].revision:
            raise Overtaken(
                [Refusal(N_("Somebody else saved “%(criterion)s” meanwhile: compare it with yours."), label)]
            )


def _check_words(session: Session, dossier: Dossier, changed: Texts, sure: bool) -> None:
    who, told = query.evaluators(session, dossier), calls.definition(dossier.call).feedback
    wrong = dict(_found(changed, lambda text, at: rules.faults(text, who.names, told, at)))
    doubtful = {} if sure else dict(_found(changed, lambda text, at: rules.doubts(text, who.cities, at)))
    if doubtful:
        look = Refusal(N_("Look at what is marked; if it may stay, tick the box and save again."), target=SURE)
        doubtful[SURE] = (look,)
    if wrong or doubtful:
        raise InvalidInput({at: (*wrong.get(at, ()), *doubtful.get(at, ())) for at in [*wrong, *doubtful]})


def _found(changed: Texts, check: _Check) -> Iterator[tuple[str, tuple[Refusal, ...]]]:
    for key, given in changed.items():
        for name, text in given.items():
            refusals = tuple(check(text, f"{key}-{name}"))
            if refusals:
                yield f"{key}-{name}", refusals
