"""A city's team at its file: who may be invited to what, and which parts of the file an editor may change."""

from collections.abc import Iterable, Sequence

from rvc_portal.domain.form import Form
from rvc_portal.domain.vocabulary import Role

PIECES = "pieces"
"""The pieces, named beside the sections of the form as one part of the file."""

INVITED = (Role.EDITOR, Role.READER)
"""What a person can be invited as; the lead is handed over, not invited."""


def parts(form: Form) -> tuple[str, ...]:
    """The keys of all parts of a file: its sections, and the pieces."""
    return (*(section.key for section in form.sections), PIECES)


def part_of(form: Form, key: str) -> str:
    """The part in which the question with this key stands; what is no question is a piece."""
    return next((s.key for s in form.sections if any(q.key == key for q in s.questions)), PIECES)


def covers(named: Sequence[str], form: Form, key: str) -> bool:
    """Whether the parts named for an editor (none named: all) hold the question or piece with this key."""
    return not named or part_of(form, key) in named


def shut(named: Sequence[str], form: Form, keys: Iterable[str]) -> list[str]:
    """The keys of questions and pieces that an editor of the parts named may not change."""
    return [key for key in keys if not covers(named, form, key)]
