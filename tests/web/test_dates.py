"""Days and instants as the reader's language writes them."""

from datetime import UTC, datetime

import pytest
from flask import session

from rvc_portal.web import labels, look

FIRST = datetime(2015, 7, 1, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ("1 July 2015", "1 July 2015, 00:00", "30 June 2015, 24:00")),
        ("fr", ("1er juillet 2015", "1er juillet 2015 à 00:00", "30 juin 2015 à 24:00")),
    ],
)
def test_the_first_of_a_month(app, language, told):
    with app.test_request_context("/"):
        session["language"] = language
        assert (look.day(FIRST), look.moment(FIRST), look.until(FIRST)) == told


def test_french_counts_only_the_first(app):
    with app.test_request_context("/"):
        session["language"] = "fr"
        assert look.day(datetime(2015, 7, 2, tzinfo=UTC)) == "2 juillet 2015"


def test_a_term_at_midnight_ends_the_day_before_it(app):
    with app.test_request_context("/"):
        session["language"] = "en"
        told = labels.until(datetime(2015, 7, 15, 22, 0, tzinfo=UTC), "Europe/Paris")
        assert told == "15 July 2015, 24:00 (Europe/Paris; 15 July 2015, 22:00 UTC)"
        noon = datetime(2015, 7, 15, 10, 0, tzinfo=UTC)
        assert labels.until(noon, "Europe/Paris") == labels.instant(noon, "Europe/Paris")
