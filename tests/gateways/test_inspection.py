"""A stranger's file is opened within bounds: of time, and of how many at once."""

import threading
from pathlib import Path

import pytest

from rvc_portal.gateways import inspection

NOWHERE = Path("nowhere.pem")


def test_a_file_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "PATIENCE_S", 0.01)
    with pytest.raises(inspection.TooHard, match=r"longer than 0\.01 s"):
        inspection.inspect(b"%PDF-1.7", NOWHERE)


def test_a_program_that_dies_is_told_by_its_last_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "__name__", "rvc_portal.no_such_module")
    with pytest.raises(inspection.TooHard, match="no_such_module"):
        inspection.inspect(b"%PDF-1.7", NOWHERE)


def test_only_so_many_are_opened_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    places = threading.BoundedSemaphore(1)
    monkeypatch.setattr(inspection, "_places", places)
    monkeypatch.setattr(inspection, "WAIT_S", 0.01)
    with places, pytest.raises(inspection.Busy):
        inspection.inspect(b"%PDF-1.7", NOWHERE)
    with pytest.raises(inspection.Unreadable):
        inspection.inspect(b"GIF89a", NOWHERE)
