"""A pack and the workbook that comes back, on both databases; whatever is filled in within the rules is what is saved."""

import contextlib
import io
import re
from dataclasses import replace
from datetime import timedelta

import openpyxl
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rvc_portal import jobs
from rvc_portal.demonstration.cast import nobody
from rvc_portal.domain.errors import InvalidInput, NotFound, Refused
from rvc_portal.domain.scorebook import HEADS
from rvc_portal.domain.scoring import LONGEST_REASON, Given
from rvc_portal.domain.values import cleaned
from rvc_portal.models.evaluation import Assignment, Score
from rvc_portal.models.pack import Pack, Upload
from rvc_portal.queries import calls
from rvc_portal.queries import evaluation as sheets
from rvc_portal.queries import offline as query
from rvc_portal.services import calls as opening
from rvc_portal.services import offline
from tests.judging import REASON, Judging
from tests.web.browsing import START

COLUMNS = {key: n for n, key in enumerate(HEADS, start=1)}


@pytest.fixture
def tale(judging: Judging) -> Judging:
    judging.evaluators()
    judging.declared(judging.asked(judging.admitted())["Norwich"])
    judging.nothing_waits()
    return judging


def norwich(tale: Judging):
    return tale.story.actor(next(p.account for p in tale.evaluators() if p.seat.name == "Norwich"), START)


def sheet(tale: Judging) -> Assignment:
    (found,) = query.declared(tale.story.session, norwich(tale), tale.call)
    return found


def packed(tale: Judging) -> Pack:
    return offline.order(tale.story.session, tale.call, [sheet(tale).id], actor=norwich(tale), now=START)


def opened(pack: Pack):
    return openpyxl.load_workbook(io.BytesIO(offline.workbook(pack)))


def back(tale: Judging, book) -> tuple[list[query.Effect], int]:
    """Upload, look, save: what was shown, and how many rows were saved."""
    out = io.BytesIO()
    book.save(out)
    session, actor = tale.story.session, norwich(tale)
    upload = offline.take_in(session, tale.call, out.getvalue(), actor=actor, now=START)
    found, seen = offline.preview(session, upload, actor=actor)
    return found, offline.save(session, upload, seen, actor=actor, now=START)


def stands(tale: Judging) -> dict[str, Given]:
    tale.story.session.expire_all()
    evaluation = sheet(tale).evaluation
    return {s.criterion: sheets.given(s) for s in evaluation.scores} if evaluation else {}


# What a spreadsheet can hold: XML's own characters, and few enough of them to be quick.
TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff") | st.sampled_from("\n\t")
)
REASONS = TEXT | st.sampled_from(["", "_x000D_", "_x0041_ plain", "a\nb", "'quoted", "+1", "-dash", "@name", "x" * 300])
MARKS = st.tuples(st.none() | st.integers(1, 10), st.booleans(), REASONS).map(
    lambda t: Given(None if t[1] or t[0] is None else float(t[0]), t[2], t[1])
)
TOLD = st.lists(MARKS, min_size=5, max_size=5)
PLAYED = settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
"""What would be read as the code of a character is written as one that is none."""


def written(cells, row: int, mark: Given, whole: bool) -> None:
    """As a spreadsheet program writes it: 4.0 for 4, now and then; text that begins like a formula as text."""
    value = None if mark.value is None else int(mark.value) if whole else mark.value
    cells.cell(row, COLUMNS["score"]).value = value
    cells.cell(row, COLUMNS["cannot_judge"]).value = "yes" if mark.cannot_judge else None
    cell = cells.cell(row, COLUMNS["reason"])
    cell.value = ESCAPED.sub("_x005F_", mark.reason) or None
    if mark.reason:
        cell.data_type = "s"


def kept(mark: Given) -> Given:
    return Given(mark.value, cleaned(mark.reason).strip(), mark.cannot_judge)


@PLAYED
@given(TOLD, st.booleans())
def test_whatever_is_filled_in_within_the_rules_is_what_is_saved(
    tale: Judging, marks: list[Given], whole: bool
) -> None:
    pack = packed(tale)
    book, before = opened(pack), stands(tale)
    blank = [not cleaned(m.reason).strip() and bool(m.reason) for m in marks]
    keys = [line.criterion for line in query.lines(pack)]
    for row, mark in enumerate(marks, start=2):
        written(book.worksheets[0], row, mark, whole)
    found, _saved = back(tale, book)
    assert [e.fate == "refused" for e in found] == blank
    wanted = {key: kept(mark) for key, mark, is_blank in zip(keys, marks, blank, strict=True) if not is_blank}
    assert {k: v for k, v in stands(tale).items() if k in wanted} == {
        k: v for k, v in wanted.items() if k in before or v != query.NOTHING
    }
    untouched = {k: v for k, v in before.items() if k not in wanted}
    assert {k: v for k, v in stands(tale).items() if k in untouched} == untouched


BAD = st.one_of(
    st.tuples(st.just("score"), st.integers().filter(lambda n: not 1 <= n <= 10)),
    st.tuples(st.just("score"), st.floats(-50, 50).filter(lambda x: not x.is_integer())),
    st.tuples(st.just("score"), st.text(st.characters(categories=["L"]), min_size=1)),
    st.tuples(st.just("score"), st.dates().map(lambda d: d.replace(year=2026, day=1))),
    st.tuples(st.sampled_from(["score", "cannot_judge", "reason", "key", "criterion"]), st.just("=1+1")),
    st.tuples(st.just("cannot_judge"), st.sampled_from(["maybe", 2, "?"])),
    st.tuples(st.just("reason"), st.text(st.sampled_from(" \n\t"), min_size=1, max_size=9)),
    st.tuples(st.just("reason"), st.just("x" * (LONGEST_REASON + 1))),
    st.tuples(st.just("key"), st.none() | st.just("0" * 32 + "-0")),
    st.tuples(st.sampled_from(["reference", "criterion"]), st.just("Something else")),
)  # fmt: skip


@PLAYED
@given(st.lists(BAD, min_size=5, max_size=5))
def test_whatever_breaks_a_rule_saves_nothing(tale: Judging, breaks: list[tuple[str, object]]) -> None:
    tale.scored(sheet(tale).id, 7, REASON)
    pack = packed(tale)
    book, before = opened(pack), stands(tale)
    for row, (key, value) in enumerate(breaks, start=2):
        written(book.worksheets[0], row, Given(3.0, "Another reason."), whole=True)
        book.worksheets[0].cell(row, COLUMNS[key]).value = value
    with contextlib.suppress(InvalidInput):  # where not one row is this person's
        found, saved = back(tale, book)
        assert {e.fate for e in found} == {"refused"}
        assert all(e.wrong for e in found)
        assert saved == 0
    assert stands(tale) == before


def test_the_worker_makes_the_pdf_and_notes_how_far_it_is(tale: Judging, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "LOOK_S", -1.0)  # every page is noted, and not one a second
    noted: list[float] = []
    note = offline.go_on

    def noting(session, pack_id, progress, now):
        noted.append(progress)
        return note(session, pack_id, progress, now)

    monkeypatch.setattr(offline, "go_on", noting)
    pack = packed(tale)
    tale.story.commit()
    assert jobs.drain(tale.story.app) == 1
    tale.story.session.expire_all()
    assert pack.sha256
    assert pack.progress == 1
    assert len(noted) >= pack.pages
    assert 0 < noted[0] < max(noted) <= offline.SHOWN_AT_MOST
    assert tale.story.instance.files.get(pack.sha256).startswith(b"%PDF-")
    assert offline.source(tale.story.session, pack.id, START) is None


def test_progress_never_goes_back(tale: Judging) -> None:
    pack = packed(tale)
    for progress, shown in ((0.4, 0.4), (0.1, 0.4), (0.6, 0.6)):
        offline.go_on(tale.story.session, pack.id, progress, START)
        tale.story.session.refresh(pack)
        assert pack.progress == pytest.approx(shown)


def test_who_judges_a_file_in_two_seats_has_two_sheets_told_apart(tale: Judging) -> None:
    session = tale.story.session
    player = next(p for p in tale.evaluators() if p.seat.name == "Expert 1")
    other = next(p for p in tale.evaluators() if p.seat.name == "Norwich")
    holder = next(h for h in player.seat.holders)
    holder.account_id = other.account.id
    tale.story.commit()
    expert = next(a for a in session.scalars(sa.select(Assignment)) if a.seat_id == player.seat.id)
    expert.declared_at = START
    tale.story.commit()
    actor = tale.story.actor(other.account, START)
    both = [a.id for a in query.open_sheets(session, actor, tale.call)]
    pack = offline.order(session, tale.call, both, actor=actor, now=START)
    assert pack.files == 1
    assert len({line.reference for line in query.lines(pack)}) == 2
    book = opened(pack)
    rows = {line.assignment: n for n, line in reversed(list(enumerate(query.lines(pack), start=2)))}
    for score, assignment_id in enumerate(both, start=3):
        book.worksheets[0].cell(rows[assignment_id], COLUMNS["score"]).value = score
    out = io.BytesIO()
    book.save(out)
    upload = offline.take_in(session, tale.call, out.getvalue(), actor=actor, now=START)
    _found, seen = offline.preview(session, upload, actor=actor)
    assert offline.save(session, upload, seen, actor=actor, now=START) == 2
    assert sorted(session.scalars(sa.select(Score.value))) == [3, 4]


def test_a_pack_is_given_to_nobody_else_and_not_for_ever(tale: Judging) -> None:
    session, pack = tale.story.session, packed(tale)
    granada = tale.story.actor(next(p.account for p in tale.evaluators() if p.seat.name == "Granada"), START)
    offline.check(session, pack, actor=norwich(tale), now=START)
    with pytest.raises(NotFound):
        offline.check(session, pack, actor=granada, now=START)
    with pytest.raises(Refused):
        offline.check(session, pack, actor=norwich(tale), now=START + offline.KEPT + timedelta(seconds=1))


def test_a_long_rubric_fits_the_words_of_the_workbook(tale: Judging) -> None:
    """A spreadsheet takes 255 characters where a cell says why it takes nothing else, in either language."""
    told, pack = calls.definition(tale.call), packed(tale)
    for language in ("en", "fr"):
        words = offline._words(told, language, pack)
        assert max(map(len, (words.score_error, words.cannot_judge_error, words.reason_error))) <= 255
        assert len(words.error_title) <= 32
        assert max(map(len, (words.sheet, words.guide_sheet))) <= 31


def test_a_workbook_of_another_call_is_refused(tale: Judging) -> None:
    session, actor = tale.story.session, norwich(tale)
    told = replace(calls.definition(tale.call), key="another-call")
    other = opening.open_call(session, told, actor=nobody(), now=told.filing.opens_at, demonstration=True)
    content = offline.workbook(packed(tale))
    with pytest.raises(InvalidInput) as caught:
        offline.take_in(session, other, content, actor=actor, now=START)
    assert [r.message for r in caught.value.problems["file"]] == ["This belongs to another call."]
    assert session.scalars(sa.select(Upload)).all() == []
