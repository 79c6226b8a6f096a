"""Only the redaction words an evaluator's seat for others: elsewhere a seat is named to the Secretariat or to itself."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMES_A_SEAT = re.compile(r"(?<!p\.attendance\.)\bseat\.name\b")
TO_ITSELF_OR_THE_SECRETARIAT = {
    "desk/evaluator.html", "evaluation/closed.html", "evaluation/close.html", "evaluation/sheet.html",
    "evaluation/declaration.html", "evaluation/evaluator.html", "evaluation/evaluators.html", "evaluation/overview.html",
    "evaluation/versions.html", "evaluators/dismiss.html", "evaluators/entry.html", "evaluators/invitation.html",
    "evaluators/invitations.html", "evaluators/invite.html", "evaluators/mine.html", "evaluators/register.html",
    "progress/evaluators.html", "progress/reassign.html",
}  # fmt: skip
"""Pages whose reader sits there, is asked to, or is of the Secretariat."""
IN_PART_TO_THE_SECRETARIAT = {"evaluation/results.html"}
"""Its lists of sheets that were asked for again are empty for everybody else (`views.evaluation._results`)."""
OF_THE_STEERING_GROUP = {
    "steering/live.html", "steering/opinion.html", "steering/show.html", "supervision/wishes.html",
}  # fmt: skip
"""Pages that name its own seats."""


def test_no_other_template_names_a_seat() -> None:
    found = {
        path.relative_to(ROOT / "templates").as_posix()
        for path in (ROOT / "templates").rglob("*.html")
        if NAMES_A_SEAT.search(path.read_text(encoding="utf-8"))
    }
    assert "evaluation/sheet.html" in found
    assert found <= TO_ITSELF_OR_THE_SECRETARIAT | IN_PART_TO_THE_SECRETARIAT | OF_THE_STEERING_GROUP


def test_contexts_name_an_evaluator_only_through_the_redaction() -> None:
    source = (ROOT / "rvc_portal/services/contexts/evaluation.py").read_text(encoding="utf-8")
    lines = [line.strip() for line in source.splitlines() if "seat.name" in line]
    assert lines
    assert [line for line in lines if "names.of(" not in line and "setdefault(seat.name" not in line] == []
