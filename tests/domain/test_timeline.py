"""Where a dossier stands, in stations."""

from datetime import UTC, datetime, timedelta

from rvc_portal.domain.procedures.candidacy import CANDIDACY
from rvc_portal.domain.timeline import stations

START = datetime(2026, 3, 1, tzinfo=UTC)


def moves(*states: str) -> list[tuple[str, datetime]]:
    return [(state, START + timedelta(days=i)) for i, state in enumerate(states)]


def told(*states: str, inside: bool = True) -> list[str]:
    return [s.status for s in stations(CANDIDACY, moves(*states), inside=inside)]


def days(*states: str, inside: bool = True) -> list[int | None]:
    found = stations(CANDIDACY, moves(*states), inside=inside)
    return [(s.at - START).days if s.at else None for s in found]


def test_a_draft_stands_at_the_beginning() -> None:
    assert told("draft") == ["current", "next", "next", "next", "next", "next"]
    assert days("draft") == [0, None, None, None, None, None]


def test_what_is_done_shows_when_it_was_left() -> None:
    assert told("draft", "submitted", "in_evaluation") == ["done", "done", "current", "next", "next", "next"]
    assert days("draft", "submitted", "in_evaluation") == [1, 2, 2, None, None, None]


def test_a_return_does_not_begin_the_screening_anew() -> None:
    assert days("draft", "submitted", "returned", "submitted")[:2] == [1, 1]


def test_a_reopened_evaluation_is_under_way_again() -> None:
    way = ("draft", "submitted", "in_evaluation", "in_review", "in_evaluation")
    assert told(*way) == ["done", "done", "current", "next", "next", "next"]
    assert days(*way)[2] == 4


def test_a_published_file_is_done_throughout() -> None:
    way = ("draft", "submitted", "in_evaluation", "in_review", "awaiting_decision", "designated")
    assert set(told(*way)) == {"done"}


def test_a_withdrawn_file_stopped_where_it_stood() -> None:
    way = ("draft", "submitted", "in_evaluation", "withdrawn")
    assert told(*way) == ["done", "done", "stopped", "skipped", "skipped", "skipped"]
    assert days(*way)[2] == 3


def test_a_dismissed_file_stopped_at_the_screening() -> None:
    assert told("draft", "submitted", "dismissed")[:3] == ["done", "stopped", "skipped"]


def test_a_city_has_one_station_for_the_examination() -> None:
    assert told("draft", "submitted", "in_evaluation", inside=False) == ["done", "done", "current", "next"]


def test_a_correction_admitted_late_moves_nothing_that_was_done_before() -> None:
    way = ("draft", "submitted", "returned", "lapsed", "returned")
    assert told(*way)[:2] == ["done", "current"]
    assert days(*way)[:2] == [1, 1]
