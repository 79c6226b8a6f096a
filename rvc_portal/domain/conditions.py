"""Which questions are asked, given the answers: the conditions that a call's form puts on its questions.

A question that is not asked lacks nothing, counts nowhere and is neither filed nor printed. Its earlier answer stays
where it is kept, so that it is there again as soon as the condition holds.
"""

from collections.abc import Iterable, Mapping, Sequence

from rvc_portal.domain.definition import LANGUAGES
from rvc_portal.domain.form import Condition, Form, Question, Section
from rvc_portal.domain.values import NO, YES, Value, is_answered, shaped
from rvc_portal.domain.vocabulary import N_

Answers = Mapping[str, Value]


def is_asked(form: Form, question: Question, answers: Answers) -> bool:
    """Whether the question's condition holds; one that hangs on a question that is not asked is not asked either."""
    if question.when is None:
        return True
    other = form.question(question.when.question)
    if not is_asked(form, other, answers):
        return False
    value = answers.get(other.key)
    if question.when.answered:
        return is_answered(other, value)
    return shaped(other, value) in question.when.one_of


def asked(form: Form, answers: Answers, section: Section | None = None) -> tuple[Question, ...]:
    """The questions of the form (or of one section) that are asked, in their order."""
    questions = section.questions if section else form.questions()
    return tuple(question for question in questions if is_asked(form, question, answers))


def stated(form: Form, answers: Answers) -> dict[str, Value]:
    """The answers without those to questions that are not asked: what is filed, signed off and judged."""
    silent = {question.key for question in form.questions() if not is_asked(form, question, answers)}
    return {key: value for key, value in answers.items() if key not in silent}


def opened_by(form: Form, named: Sequence[str]) -> frozenset[str]:
    """The keys that a return for `named` opens: those named, and the questions that hang on one of them. Another answer
    there may ask them for the first time."""
    return frozenset(named) | {q.key for q in form.questions() if any(key in named for key in _hangs_on(form, q))}


def _hangs_on(form: Form, question: Question) -> Iterable[str]:
    while question.when is not None:
        yield question.when.question
        question = form.question(question.when.question)


def told(form: Form, when: Condition) -> tuple[str, dict[str, object]]:
    """The condition in plain words: a message id and its parameters, labels of choices in both languages."""
    other = form.question(when.question)
    about: dict[str, object] = {"number": other.number}
    if when.answered or (other.type == "declaration" and {YES, NO} <= set(when.one_of)):
        return N_("Only if question %(number)s is answered."), about
    if other.type == "declaration":
        made = YES in when.one_of
        return (N_("Only if the city makes commitment %(number)s.") if made else _NOT_MADE), about
    labels = [choice.label for choice in other.choices if choice.key in when.one_of]
    answers = {language: " / ".join(label.of(language) for label in labels) for language in LANGUAGES}
    return N_("Only if the answer to question %(number)s is: %(answers)s."), about | {"answers": answers}


_NOT_MADE = N_("Only if the city does not make commitment %(number)s.")
