"""Kinds, transitions, templates, contexts and readers agree: what is said of a kind in one place holds in the others."""

import inspect
import re
from pathlib import Path
from typing import is_typeddict

import pytest

from rvc_portal.documents import contexts
from rvc_portal.documents.catalogue import KINDS, OTHER_ACTS
from rvc_portal.domain import policy
from rvc_portal.domain.procedures.register import PROCEDURES
from rvc_portal.domain.vocabulary import Doc
from rvc_portal.services.contexts.catalogue import BUILDERS
from tests.documents import samples
from tests.scenes import SceneAt, scene_at, shelf  # noqa: F401

TEMPLATES = Path(__file__).parents[2] / "templates" / "documents"
REFERS = re.compile(r"""{%-?\s*(?:extends|include|import|from)\s+["']documents/([\w.]+)["']""")
AUDIENCES = {
    "dossier": [k for k in Doc if policy.document_readers(k)],
    "field": policy.OF_A_FIELD,
    "call": {*policy.OF_A_WHOLE_CALL, *policy.TO_TAKE_ALONG, *policy.RESULTS},
    "session": policy.OF_A_SITTING,
    "person": policy.OF_A_PERSON,
    "network": policy.OF_THE_NETWORK,
}


def test_each_kind_is_declared_once() -> None:
    assert list(KINDS) == list(dict.fromkeys(k.name.value for k in KINDS.values()))
    assert set(KINDS) == {kind.value for kind in Doc} == set(samples.SAMPLES)


def test_each_kind_has_a_template_of_its_own_and_each_template_serves() -> None:
    files = {path.name for path in TEMPLATES.glob("*.html")}
    own = [kind.template for kind in KINDS.values()]
    assert len(own) == len(set(own))
    assert set(own) <= files
    parts = {name for path in TEMPLATES.glob("*.html") for name in REFERS.findall(path.read_text(encoding="utf-8"))}
    assert files == set(own) | parts


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_its_context_has_a_shape(kind) -> None:
    assert is_typeddict(kind.context)
    assert kind.name in inspect.getdoc(kind.context), f"{kind.context.__name__} does not say what it is"


def test_no_shape_is_of_no_kind() -> None:
    shapes = {name for name in vars(contexts) if name.endswith("Context")}
    assert shapes == {kind.context.__name__ for kind in KINDS.values()}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_it_has_the_readers_of_what_it_is_about(kind) -> None:
    scope = "dossier" if kind.scope == "sheet" else kind.scope
    assert [name for name, kinds in AUDIENCES.items() if kind.name in kinds] == [scope]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_something_issues_it(kind) -> None:
    assert kind.issued_by


@pytest.mark.parametrize("kind", [k for k in KINDS.values() if k.name in BUILDERS], ids=lambda k: k.name)
def test_what_is_built_of_a_dossier_is_about_one(kind) -> None:
    assert kind.scope in ("dossier", "sheet")


def test_a_transition_issues_only_what_can_be_built_of_a_dossier() -> None:
    issued = {kind for p in PROCEDURES.values() for t in p.transitions.values() for kind in t.issues}
    assert issued <= set(BUILDERS)
    assert {k.name for k in KINDS.values() if k.scope in ("dossier", "sheet")} == set(BUILDERS)
    assert set(BUILDERS) - issued <= set(OTHER_ACTS)


def test_no_act_is_named_twice_as_what_it_is_not() -> None:
    transitions = {t.name: t for p in PROCEDURES.values() for t in p.transitions.values()}
    wrong = [
        (kind, act) for kind, acts in OTHER_ACTS.items() for act in acts
        if act in transitions and kind in transitions[act].issues
    ]  # fmt: skip
    assert wrong == []


def test_each_document_of_a_round_was_issued_by_an_act_of_its_kind_and_in_its_language(scene_at: SceneAt) -> None:  # noqa: F811
    scene = scene_at("published")
    seen = set()
    for document in scene.documents():
        kind = KINDS[document.kind]
        seen.add(kind.name)
        assert document.context["document"]["transition"] in kind.issued_by, document.kind
        about = {
            "dossier": document.dossier_id and not document.evaluation_id, "sheet": document.evaluation_id,
            "field": document.field, "session": document.session_id, "call": document.call_id and not document.dossier_id,
        }  # fmt: skip
        assert about[kind.scope], document.kind
        if kind.languages == "dossier":
            dossier = next(d for d in scene.both() if d.id == document.dossier_id)
            assert document.language == dossier.language
    assert len(seen) >= 13
