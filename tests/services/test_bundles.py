"""Bundles on both databases: frozen, made ready, still one's own or not; and what a table of answers says."""

import zipfile
from io import BytesIO

import pytest
import sqlalchemy as sa

from rvc_portal import jobs
from rvc_portal.domain.call import CallDefinition
from rvc_portal.domain.errors import InvalidInput, NotFound, Refused
from rvc_portal.domain.vocabulary import Doc
from rvc_portal.models.account import Account
from rvc_portal.models.bundle import Bundle, BundleItem
from rvc_portal.models.conflict import Conflict
from rvc_portal.models.document import Document
from rvc_portal.queries import answer_tables as read
from rvc_portal.queries import board, calls, catalogue
from rvc_portal.queries.catalogue import Filters
from rvc_portal.services import answer_tables, bundles, rendering
from tests.judging import Judging
from tests.stories import town
from tests.web.browsing import START

OTHER = "Aubervilliers-les-Bains"


@pytest.fixture
def tale(judging: Judging) -> Judging:
    judging.evaluators()
    judging.admitted()
    judging.submitted(town(OTHER), judging.lead("aubervilliers@ville.example"))
    files = judging.story.instance.files
    for document in judging.story.session.scalars(sa.select(Document)):
        content = f"%PDF-1.7 {document.id}".encode()
        rendering.record(
            judging.story.session, document.id, rendering.Stored(files.put(content), 1, len(content), "none"), START
        )
    judging.nothing_waits()
    return judging


def officer(tale: Judging):
    return tale.story.actor(tale.officer(), START)


def ordered(tale: Judging, filters: Filters | None = None) -> Bundle:
    made = bundles.order_documents(tale.story.session, filters or Filters(), {}, actor=officer(tale), now=START)
    tale.story.commit()
    jobs.drain(tale.story.app)
    tale.story.session.expire_all()
    return made


def content(tale: Judging, bundle: Bundle) -> bytes:
    made = bundles.packed(tale.story.session, bundle)
    found = b"".join(made.stream(tale.story.instance.files.stream))
    assert len(found) == made.length == bundle.size
    return found


def test_what_is_frozen_is_what_is_sent_on_either_database(tale: Judging) -> None:
    bundle = ordered(tale)
    bundles.check(tale.story.session, bundle, actor=officer(tale))
    found = zipfile.ZipFile(BytesIO(content(tale, bundle)))
    assert found.testzip() is None
    within = catalogue.reach(tale.story.session, officer(tale))
    every = catalogue.everything(tale.story.session, within, Filters())
    stored = {tale.story.instance.files.get(line.document.content_sha256 or "") for line in every}
    assert {found.read(name) for name in found.namelist()[2:]} == stored
    assert {name.split("/")[0].split(" ", 1)[-1] for name in found.namelist() if OTHER in name} == {OTHER}


def test_the_same_choice_gives_the_same_bytes(tale: Judging) -> None:
    first, second = ordered(tale), ordered(tale)
    assert first.id != second.id
    assert (first.sha256, content(tale, first)) == (second.sha256, content(tale, second))


def test_a_conflict_takes_a_ready_bundle_away(tale: Judging) -> None:
    bundle, session = ordered(tale), tale.story.session
    dossier_id = session.scalars(sa.select(Document.dossier_id).where(Document.kind == Doc.DOSSIER)).first()
    conflict = Conflict(dossier_id=dossier_id, account_id=tale.officer().id, rule="declared", reason="", since_at=START)
    session.add(conflict)
    session.flush()
    with pytest.raises(Refused):
        bundles.check(session, bundle, actor=officer(tale))
    session.delete(conflict)
    session.flush()
    bundles.check(session, bundle, actor=officer(tale))


def test_what_is_too_much_or_nothing_is_said(tale: Judging, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidInput) as nothing:
        ordered(tale, Filters(kinds=(Doc.CERTIFICATE,)))
    assert "No document" in nothing.value.problems["chosen"][0].message
    monkeypatch.setattr(bundles, "MOST_FILES", 2)
    with pytest.raises(InvalidInput) as too_much:
        ordered(tale)
    assert too_much.value.problems["chosen"][0].params["most"] == 2
    assert tale.story.session.scalar(sa.select(sa.func.count()).select_from(BundleItem)) == 0


def test_a_table_names_choices_and_lists_rows_below_each_other(tale: Judging) -> None:
    told: CallDefinition = calls.definition(tale.call)
    conditions = read.readable(officer(tale), board.Filters(call_id=tale.call.id))
    (portion,) = read.portions(tale.story.session, conditions)
    assert len(portion) == read.count(tale.story.session, conditions) == 2
    for language in ("en", "fr"):
        head = answer_tables.head(told, language)
        for row, file in zip(answer_tables.rows(portion, told, language), portion, strict=True):
            assert len(row) == len(head)
            cells = dict(zip([q.key for q in told.form.questions()], row[len(answer_tables.HEAD) :], strict=True))
            for question in told.form.questions():
                value = file.answers.get(question.key)
                if question.type == "text" and value:
                    assert cells[question.key] == value
                if question.choices and isinstance(value, str):
                    assert cells[question.key] in {c.label.of(language) for c in question.choices}
                if question.type == "table" and value:
                    assert cells[question.key].count("\n") == len(value) - 1


def test_portions_give_every_file_once(tale: Judging, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "PORTION", 1)
    conditions = read.readable(officer(tale), board.Filters())
    found = [[file.city for file in portion] for portion in read.portions(tale.story.session, conditions)]
    assert sorted(city for portion in found for city in portion) == sorted(
        {city for portion in found for city in portion}
    )
    assert [len(portion) for portion in found] == [1, 1]


def test_nobody_bundles_for_somebody_who_is_gone(tale: Judging) -> None:
    """The worker writes a table for the person who ordered it: with the rights of now, not of then."""
    session = tale.story.session
    made = bundles.order_answers(
        session, tale.call, board.Filters(call_id=tale.call.id), {}, actor=officer(tale), now=START
    )
    session.execute(sa.text("DELETE FROM role_grant"))
    tale.story.commit()
    jobs.drain(tale.story.app)
    session.expire_all()
    account = session.get_one(Account, made.account_id)
    with pytest.raises((Refused, NotFound)):
        bundles.check(session, made, actor=tale.story.actor(account, START))
