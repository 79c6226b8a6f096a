"""The one instant until which a file is taken."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rvc_portal.domain.deadlines import of_correction, of_filing

CLOSES = datetime(2015, 7, 15, 22, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
spans = st.timedeltas(timedelta(days=-30), timedelta(days=30))
graces = st.integers(0, 600).map(lambda minutes: timedelta(minutes=minutes))


@given(grace=graces, own=st.none() | spans)
def test_a_file_is_taken_until_the_latest_of_what_was_promised(grace: timedelta, own: timedelta | None) -> None:
    extension = None if own is None else CLOSES + own
    found = of_filing(CLOSES, grace, extension)
    assert found.accepted_until == max(t for t in (CLOSES + grace, extension) if t is not None)
    assert found.shown == max(t for t in (CLOSES, extension) if t is not None)
    assert found.shown <= found.accepted_until
    assert not found.is_past(found.accepted_until - INSTANT)
    assert found.is_past(found.accepted_until)


def test_grace_is_a_tolerance_and_no_later_deadline() -> None:
    found = of_filing(CLOSES, timedelta(minutes=10))
    assert found.shown == CLOSES
    assert not found.is_past(CLOSES + timedelta(minutes=9))
    said = found.refusal()
    assert said.message % dict(said.params) == f"The call closed on {CLOSES}."


def test_an_extension_within_the_grace_is_shown_and_takes_nothing_away() -> None:
    found = of_filing(CLOSES, timedelta(minutes=10), CLOSES + timedelta(minutes=5))
    assert (found.shown, found.accepted_until) == (CLOSES + timedelta(minutes=5), CLOSES + timedelta(minutes=10))
    said = found.refusal()
    assert said.message % dict(said.params) == f"The time given to this file ended on {CLOSES + timedelta(minutes=5)}."


def test_a_correction_has_its_own_period_to_the_instant() -> None:
    found = of_correction(CLOSES)
    assert (found.is_past(CLOSES - INSTANT), found.is_past(CLOSES)) == (False, True)
