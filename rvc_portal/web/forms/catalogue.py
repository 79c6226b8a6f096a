"""The filters of lists of documents, as they stand in the address: those of the board, and those of documents."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from rvc_portal.domain.values import cleaned
from rvc_portal.domain.vocabulary import Doc
from rvc_portal.language import LANGUAGES
from rvc_portal.queries.catalogue import CURRENT, HELD, PER_PAGE, STATUSES, Filters
from rvc_portal.web.forms.base import uuid_in
from rvc_portal.web.forms.board import BoardForm

LISTS = ("kind", "status", "dossier")
"""Parameters that may come several times."""
STANDING = (CURRENT, HELD)
"""How a document stands that lists show and bundles take unless more is asked for."""
ANY = "any"
"""The status of an address that asks for every document, whatever became of it."""


@dataclass(frozen=True)
class CatalogueForm:
    """What was asked for, what of it can be done, and what is wrong with the rest: [(id of the field, sentence)]."""

    board: BoardForm
    asked: Mapping[str, Any]
    filters: Filters
    errors: tuple[tuple[str, str], ...]

    def url(self, base: str, **changes: Any) -> str:
        """The address of the same list with some parameters changed; None takes one away."""
        kept = {k: v for k, v in {**self.asked, **changes}.items() if v not in (None, "", [])}
        return f"{base}?{urlencode(kept, doseq=True)}" if kept else base

    def pages(self, base: str, total: int) -> dict[str, Any]:
        """The page links around the present one."""
        return self.board.pages(base, total, PER_PAGE, self.url)


def parse(sent: MultiDict[str, str], board: BoardForm, zone: str) -> CatalogueForm:
    """The filters of a query string or of a form. `board`: what it says of dossiers; `zone`: in which a day is meant."""
    wrong = list(board.errors)
    asked: dict[str, Any] = dict(board.asked)
    kinds = _several(sent, "kind", [k.value for k in Doc], asked, wrong)
    statuses = _several(sent, "status", (*STATUSES, ANY), asked, wrong)
    language = _one(sent, "language", asked)
    if language and language not in LANGUAGES:
        wrong.append(("language", _("The list has no such choice: %(value)s.", value=language)))
        language = ""
    first = _day(sent, "from", asked, wrong)
    last = _day(sent, "to", asked, wrong)
    filters = Filters(
        files=board.filters, kinds=tuple(Doc(k) for k in kinds), statuses=_statuses(statuses), language=language or None,
        issued=(_begins(first, zone), _begins(last + timedelta(days=1) if last else None, zone)),
        dossiers=_dossiers(sent), page=board.filters.page,
    )  # fmt: skip
    return CatalogueForm(board, asked, filters, tuple(wrong))


def for_bundle(form: CatalogueForm, *, earlier: bool) -> Filters:
    """The documents that a bundle takes: those of the list, or with the `earlier` ones."""
    return replace(form.filters, statuses=()) if earlier and form.filters.statuses == STANDING else form.filters


def all_files(chosen: Filters) -> Filters:
    """The same with whatever could be ticked, kinds and files."""
    return replace(chosen, kinds=(), dossiers=None)


def _statuses(named: list[str]) -> tuple[str, ...]:
    """What the list is narrowed to: to what stands, unless the address names others, or any."""
    return () if ANY in named else tuple(named) or STANDING


def _dossiers(sent: MultiDict[str, str]) -> tuple[UUID, ...] | None:
    """The files that were ticked; None where none were to be ticked."""
    if "choose" not in sent:
        return None
    return tuple(found for text in sent.getlist("dossier") if (found := uuid_in(text)))


def _several(
    sent: MultiDict[str, str], name: str, known: Any, asked: dict[str, Any], wrong: list[tuple[str, str]]
) -> list[str]:
    given = [text for text in map(cleaned, sent.getlist(name)) if text]
    for value in given:
        if value not in known:
            wrong.append((name, _("The list has no such choice: %(value)s.", value=value[:40])))
    found = [value for value in given if value in known]
    asked[name] = found
    return found


def _one(sent: MultiDict[str, str], name: str, asked: dict[str, Any]) -> str:
    asked[name] = cleaned(sent.get(name, "")).strip()[:40]
    return str(asked[name])


def _day(sent: MultiDict[str, str], name: str, asked: dict[str, Any], wrong: list[tuple[str, str]]) -> date | None:
    text = _one(sent, name, asked)
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if not 1990 <= found.year <= 2999:
        wrong.append((name, _("This is no day: %(value)s. Write it as 2026-11-26.", value=text)))
        return None
    return found


def _begins(day: date | None, zone: str) -> datetime | None:
    return datetime.combine(day, time(), ZoneInfo(zone)) if day else None
