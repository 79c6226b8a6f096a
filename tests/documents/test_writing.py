"""What makes a layout quicker leaves its bytes, and the process, as they were."""

import gc
import io
from threading import Barrier, Thread

import pydyf
import pytest

from rvc_portal.documents import finisher, pdf
from tests import worlds
from tests.documents import samples


def test_objects_that_are_made_once_are_those_that_would_be_made_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    once = pdf.render("SCREENING_NOTE", samples.screening_note(), "en", samples.IMAGES)
    monkeypatch.setattr(finisher, "_write_once", lambda made: None)
    twice = pdf.render("SCREENING_NOTE", samples.screening_note(), "en", samples.IMAGES)
    assert once.content == twice.content


def test_an_object_that_is_written_otherwise_than_it_is_named_is_still_written_so() -> None:
    class Named(pydyf.Stream):
        data = b"its name"
        indirect = b"1 0 obj\nits bytes\nendobj"

    made, output = pydyf.PDF(), io.BytesIO()
    made.add_object(Named())
    made.add_object(pydyf.Dictionary({"Plain": "/Yes"}))
    finisher._write_once(made)
    made.write(output)
    assert b"its bytes" in output.getvalue()
    assert b"its name" not in output.getvalue()
    assert b"/Plain /Yes" in output.getvalue()


def test_a_list_of_pages_follows_the_pages() -> None:
    finisher.mark_passages()
    made = pydyf.PDF()
    assert made.page_references == ()
    for count in (1, 2):
        made.add_page(pydyf.Dictionary({"Type": "/Page"}))
        assert len(made.page_references) == count


def test_two_layouts_that_begin_at_once_wrap_the_library_once() -> None:
    here, done = Barrier(8), []

    @finisher.once
    def wrap() -> None:
        done.append("wrapped")

    def ask() -> None:
        here.wait()
        wrap()

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == ["wrapped"]


def test_a_process_that_forgets_what_it_laid_out_says_composed_letters_once() -> None:
    context = samples.withdrawal_note() | {"by_name": "दिल्ली"}
    before = pdf.render("WITHDRAWAL_NOTE", context, "en")
    worlds.forget()
    assert pdf.render("WITHDRAWAL_NOTE", context, "en").content == before.content


def test_garbage_is_looked_for_seldom_during_a_layout_and_as_before_afterwards() -> None:
    usual, seen = gc.get_threshold(), []
    pdf.render("RECEIPT", samples.receipt(), "en", samples.IMAGES, lambda page: seen.append(gc.get_threshold()))
    assert set(seen) == {pdf.SELDOM}
    assert gc.get_threshold() == usual
    with pytest.raises(pdf.DocumentError):
        pdf.render("DOSSIER", samples.dossier(), "en", {})
    assert gc.get_threshold() == usual
