"""`docs/workflow.md` and its diagram are made from the table; here they are found stale when it has moved on."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from rvc_portal.domain import workflow_report
from rvc_portal.domain.procedures.register import PROCEDURES
from rvc_portal.domain.workflow import Procedure

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("procedure", PROCEDURES.values(), ids=PROCEDURES)
def test_the_documentation_tells_the_table_as_it_is(procedure: Procedure) -> None:
    for name, text in workflow_report.files(procedure).items():
        assert (DOCS / name).read_text(encoding="utf-8") == text, f"stale: run `./rvc workflow --write docs` ({name})"


@pytest.mark.parametrize("procedure", PROCEDURES.values(), ids=PROCEDURES)
def test_the_diagram_shows_every_state_and_names_every_move(procedure: Procedure) -> None:
    picture = ElementTree.fromstring(workflow_report.svg(procedure))
    shown = {text.text for text in picture.iter("{http://www.w3.org/2000/svg}text")}
    assert set(procedure.states) <= shown
    moves = {t.name for t in procedure.transitions.values() if t.target}
    assert moves <= {name for label in shown if label for name in label.split("/")}
