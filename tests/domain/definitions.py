"""A small call with every type of question, as data; tests take a copy and spoil it."""

from copy import deepcopy
from typing import Any

from rvc_portal.domain.call import CallDefinition, parse


def text(english: str) -> dict[str, str]:
    return {"en": english, "fr": f"{english} (fr)"}


def _part(key: str, kind: str = "line", **more: object) -> dict[str, object]:
    return {"key": key, "label": text(key), "type": kind, **more}


def _question(number: int, key: str, kind: str, **more: object) -> dict[str, object]:
    return {"number": str(number), "key": key, "label": text(key), "type": kind, **more}


_CHOICES = [{"key": "a", "label": text("A")}, {"key": "b", "label": text("B")}]
_QUESTIONS = [
    _question(1, "story", "text", word_limit=5, allows_nothing=True, criteria=["quality"]),
    _question(2, "name", "text", char_limit=10),
    _question(3, "age", "number", minimum=1, maximum=200),
    _question(4, "country", "choice", source="countries"),
    _question(
        5,
        "mayor",
        "group",
        parts=[
            _part("name"),
            _part("email", "email"),
            _part("phone", "phone", required=False),
            _part("kind", "choice", choices=_CHOICES, required=False),
        ],
    ),
    _question(
        6,
        "budget",
        "table",
        min_items=2,
        max_items=3,
        parts=[
            _part("year", "year", minimum=2010, maximum=2015),
            _part("currency", "currency"),
            _part("part", "money", total=True),
            _part("whole", "money", total=True),
            _part("share", "percent", required=False),
            _part("rest", "percent", required=False),
        ],
        row_rules=[
            {"rule": "not_over", "parts": ["part", "whole"]},
            {"rule": "sum_is", "parts": ["share", "rest"], "value": 100},
        ],
    ),
    _question(
        7,
        "plans",
        "repeat",
        max_items=2,
        word_limit=6,
        allows_nothing=True,
        parts=[_part("title"), _part("aims", "choices", choices=_CHOICES), _part("what", "text"), _part("on", "date")],
    ),
    _question(8, "links", "links", max_items=2),
    _question(9, "promise", "declaration", statement=text("We promise.")),
    _question(10, "signature", "signature", statement=text("True."), parts=[_part("name"), _part("date", "date")]),
    _question(11, "remark", "text", word_limit=5, required=False),
]
_DATA: dict[str, Any] = {
    "key": "small",
    "procedure": "candidacy",
    "title": text("Small call"),
    "timezone": "Europe/Paris",
    "languages": ["en", "fr"],
    "publish_languages": ["en"],
    "fields": [{"key": "literature", "label": text("Literature"), "hue": "literature"}],
    "regions": [{"key": "europe", "label": text("Europe")}],
    "countries": [
        {"iso2": "FR", "label": text("France"), "region": "europe"},
        {"iso2": "NO", "label": text("Norway"), "region": "europe"},
    ],
    "windows": {"filing": {"opens": "2015-03-01T09:00", "closes": "2015-07-15T24:00"}},
    "country_limit": None,
    "correction_days": 14,
    "quorum": 5,
    "blind": "open",
    "conflict_rules": [{"rule": "country", "severity": "hard"}],
    "checklist": [{"key": "letter", "label": text("Letter signed"), "piece": "letter"}],
    "pieces": [{"key": "letter", "label": text("Letter"), "formats": ["pdf"], "max_bytes": 1000}],
    "rubric": {
        "scale_minimum": 1,
        "scale_maximum": 10,
        "reason_min_words": 8,
        "streams": [{"key": "members", "label": text("Members"), "weight": 100, "minimum_sheets": 5}],
        "criteria": [{"key": "quality", "label": text("Quality"), "guidance": text("Good?"), "weight": 100}],
    },
    "form": {
        "nothing_relevant": text("Nothing."),
        "sections": [{"number": "1", "key": "all", "title": text("All"), "questions": _QUESTIONS}],
    },
}


def small_data() -> dict[str, Any]:
    """A fresh copy of the data, to be changed at will."""
    return deepcopy(_DATA)


def small_call() -> CallDefinition:
    return parse(small_data())
