"""Words of the trade on the screen, in the reader's language."""

from datetime import UTC, datetime

import pytest
from flask import session

from rvc_portal.domain.errors import Refusal
from rvc_portal.domain.procedures.register import PROCEDURES
from rvc_portal.domain.vocabulary import Doc, Role, SeatKind, Stream
from rvc_portal.models.seat import Seat
from rvc_portal.web import labels

MIDNIGHT_IN_PARIS = datetime(2015, 7, 15, 22, 0, tzinfo=UTC)


@pytest.fixture
def english(app):
    with app.test_request_context("/"):
        session["language"] = "en"
        yield


@pytest.fixture
def french(app):
    with app.test_request_context("/"):
        session["language"] = "fr"
        yield


def test_an_instant_stands_in_the_zone_of_the_call_and_in_utc(english):
    given = Refusal("The call closed on %(instant)s.", {"instant": MIDNIGHT_IN_PARIS})
    told = labels.refusal(given, "Europe/Paris")
    assert told == "The call closed on 16 July 2015, 00:00 (Europe/Paris; 15 July 2015, 22:00 UTC)."


def test_parameters_are_worded_too(english):
    assert labels.message("%(stream)s: %(closed)s", {"stream": "members", "closed": 3}) == "member cities: 3"
    assert labels.message("%(kind)s", {"kind": "RECEIPT"}) == "Receipt"
    assert labels.message("%(language)s", {"language": "fr"}) == "French"
    assert labels.message("%(item)s", {"item": {"en": "Mayor's letter", "fr": "Lettre du maire"}}) == "Mayor's letter"


def test_texts_of_a_call_come_in_the_language_of_the_reader(french):
    assert labels.wording({"en": "Literature", "fr": "Littérature"}) == "Littérature"
    assert labels.wording({"en": "Literature"}) == "Literature"
    assert labels.wording({"es": "Literatura"}) == "Literatura"
    assert labels.wording({}) == ""
    assert labels.country("DE") == "Allemagne"
    assert labels.language("ar") == "arabe"


def test_what_babel_does_not_know_is_shown_as_it_is(english):
    assert labels.country("XQ") == "XQ"
    assert labels.country(None) == ""
    assert labels.language("zz") == "zz"


def test_a_percent_sign_in_a_parameter_is_text(english):
    assert labels.message("To be checked: %(item)s.", {"item": "100 % of it"}) == "To be checked: 100 % of it."


@pytest.mark.parametrize("procedure", PROCEDURES.values(), ids=PROCEDURES)
def test_cities_see_one_word_for_all_that_is_hidden_from_them(english, procedure):
    hidden = [key for key, state in procedure.states.items() if state.city_label]
    assert hidden
    for tell in (labels.state, labels.state_key, labels.next_step):
        assert len({tell(procedure, key, inside=False) for key in hidden}) == 1
        assert len({tell(procedure, key, inside=True) for key in hidden}) == len(hidden)


def test_everything_has_a_name(english):
    assert all(labels.role(role) for role in Role)
    assert all(labels.seat(kind) for kind in SeatKind)
    assert all(labels.stream(stream) for stream in Stream)
    assert all(labels.document(kind) for kind in Doc)


def test_a_seat_of_a_field_is_called_in_the_readers_language(app):
    crafts = {"en": "Crafts and Folk Art", "fr": "Artisanat et arts populaires"}
    for language, expected in crafts.items():
        with app.test_request_context(headers={"Accept-Language": language}):
            coordinator, deputy = (
                Seat(kind=kind, name="Crafts and Folk Art", field="crafts")
                for kind in (SeatKind.COORDINATOR, SeatKind.DEPUTY)
            )
            assert labels.seat_name(coordinator) == expected
            assert labels.seat_name(deputy).startswith(f"{expected} (")
            assert labels.seat_name(Seat(kind=SeatKind.HOST, name="Östersund", city="Östersund")) == "Östersund"
            assert labels.parameter("seat", "Crafts and Folk Art") == expected
            assert labels.parameter("seat", "Östersund") == "Östersund"
            assert labels.parameter("seat", crafts) == expected
