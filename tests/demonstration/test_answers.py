"""The made-up city's answers: complete, within limits, at length, different, and the same for the same chance."""

import csv
import random
import re
from functools import cache
from typing import Any

import pytest

from rvc_portal.demonstration import verdicts
from rvc_portal.demonstration.answers import answers_for
from rvc_portal.demonstration.cities import cities, city
from rvc_portal.demonstration.pieces import pieces_for
from rvc_portal.domain import answers
from rvc_portal.domain.call import CallDefinition
from rvc_portal.domain.words import count_words
from rvc_portal.gateways import callfile
from rvc_portal.settings import DATA_FILES

NAMES = list(cities())


@cache
def call() -> CallDefinition:
    return callfile.load(callfile.packaged("candidacy-2015"))


@cache
def dossier(name: str, seed: int = 1) -> dict[str, Any]:
    return answers_for(call(), city(name), random.Random(f"{seed} {name}"))


def test_the_cities_are_those_of_the_round_and_two_invented_towns() -> None:
    with (DATA_FILES / "literature-round-2015.csv").open(encoding="utf-8", newline="") as file:
        round_2015 = {row["city"]: row["iso2"] for row in csv.DictReader(file) if row["part"] == "candidate"}
    real = {name: facts.country_iso2 for name, facts in cities().items() if not facts.invented}
    assert real == round_2015
    assert sorted(name for name, facts in cities().items() if facts.invented) == ["Port-Ellery", "Valmorane"]
    assert sum(facts.language == "fr" and not facts.invented for facts in cities().values()) == 5


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", range(3))
def test_every_question_is_answered_rightly(name: str, seed: int) -> None:
    assert [str(problem) for problem in answers.check(call().form, dossier(name, seed))] == []


@pytest.mark.parametrize("name", NAMES)
def test_texts_come_near_their_limits(name: str) -> None:
    found = dossier(name)
    short = {}
    for question in call().form.questions():
        if question.type == "text" and question.word_limit:
            share = answers.word_count(question, found[question.key]) / question.word_limit
            if share < 0.75:
                short[question.key] = share
    assert short == {}
    assert sum(answers.word_count(question, found[question.key]) for question in call().form.questions()) > 4500


@pytest.mark.parametrize("name", NAMES)
def test_a_dossier_says_that_it_is_made_up(name: str) -> None:
    phrase = {"fr": "Ce dossier a été inventé", "en": "This file was made up"}[city(name).language]
    texts = [str(value) for value in dossier(name).values()]
    assert sum(phrase in text for text in texts) == 1


@pytest.mark.parametrize("name", NAMES)
def test_no_slot_and_no_bracket_is_left(name: str) -> None:
    text = " ".join(str(value) for question, value in dossier(name).items() if isinstance(value, str))
    assert not set("{}[]|") & set(text)


def test_the_same_chance_gives_the_same_answers_and_another_gives_others() -> None:
    again = answers_for(call(), city("Tartu"), random.Random("1 Tartu"))
    assert again == dossier("Tartu", 1)
    other = dossier("Tartu", 2)
    texts = [q.key for q in call().form.questions() if q.type == "text" and q.word_limit]
    assert all(again[key] != other[key] for key in texts)


# What a slot filled carelessly would leave behind, in each language.
CLUMSY = {
    "fr": r"\b(de|que|le|la) [AEIOUÉÓaeioué](?=[a-zéèêîï]{3})|\b(de|à) [Ll]es? (?!Lletres)|\w [;:?!]|« |[.?] [a-zéà]",
    "en": r"\bthe [Tt]he\b|\ba [aeio](?!ne)|[.?] [a-z]",
}


@pytest.mark.parametrize("name", NAMES)
def test_filled_sentences_read_as_if_written(name: str) -> None:
    for seed in range(5):
        for value in dossier(name, seed).values():
            if isinstance(value, str):
                assert [found[0] for found in re.finditer(CLUMSY[city(name).language], value)] == []


@pytest.mark.parametrize("name", ["Baghdad", "Lviv", "Ulyanovsk"])
def test_a_city_names_itself_in_its_own_script(name: str) -> None:
    assert any(ord(letter) > 0x370 for letter in dossier(name)["city_name"])


def test_pieces_fill_the_call_and_are_what_they_say() -> None:
    files = pieces_for(call(), city("Óbidos"), seed=3)
    for piece in call().pieces:
        mine = [file for file in files if file.piece == piece.key]
        assert len(mine) == piece.count
        assert all(len(file.content) <= piece.max_bytes for file in mine)
        start = b"\xff\xd8\xff" if piece.formats == ("jpeg",) else b"%PDF-"
        assert all(file.content.startswith(start) for file in mine)
    assert all(file.name.isascii() and " " not in file.name for file in files)
    assert pieces_for(call(), city("Óbidos"), seed=3) == files
    assert pieces_for(call(), city("Óbidos"), seed=4) != files


@pytest.mark.parametrize("language", ["en", "fr"])
def test_sheets_score_every_criterion_with_a_reason_and_follow_the_promise(language: str) -> None:
    rubric = call().rubric
    means = {}
    for promising in (True, False):
        values = []
        for seed in range(20):
            sheet = verdicts.scores_for(call(), city("Seattle"), promising, language, random.Random(seed))
            assert list(sheet) == [criterion.key for criterion in rubric.criteria]
            for score in sheet.values():
                assert rubric.scale_minimum <= score.value <= rubric.scale_maximum
                assert count_words(score.reason) >= rubric.reason_min_words
                values.append(score.value)
        means[promising] = sum(values) / len(values)
    assert means[True] > means[False] + 2


def test_opinions_and_decisions_exist_in_both_languages() -> None:
    rng = random.Random(5)
    for outcome in (True, False):
        for wording in (
            verdicts.opinion_for(city("Antwerp"), outcome, rng),
            verdicts.decision_reason_for(city("Antwerp"), outcome, rng),
        ):
            assert "Antwerp" in wording.en
            assert "Anvers" in wording.fr


def test_notes_and_letters_exist_for_all_that_is_checked() -> None:
    for language in ("en", "fr"):
        notes = verdicts.screening_notes_for(call(), language)
        assert list(notes) == [item.key for item in call().checklist]
        assert all(notes.values())
        for name in ("return", "dismiss", "withdraw"):
            assert count_words(verdicts.letter_text(name, language)) > 20
    known = {question.key for question in call().form.questions()} | {piece.key for piece in call().pieces}
    assert set(verdicts.RETURNED_FOR) <= known
