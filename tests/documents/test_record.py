"""The record of a sitting and the opinion on a file: who voted how, who did not, in words that both languages can tell."""

from typing import Any

import pypdfium2
from bs4 import BeautifulSoup

from rvc_portal.documents import pdf
from tests.documents import samples


def text(kind: str, context: dict[str, Any], language: str = "fr") -> str:
    return " ".join(BeautifulSoup(pdf.page_html(kind, context, language), "html.parser").body.get_text(" ").split())


def test_the_opinion_prints_the_votes_by_name_who_did_not_vote_and_the_dissent() -> None:
    told = text("STEERING_OPINION", samples.steering_opinion())
    assert "Pour : 4 ; contre : 1 ; abstentions : 1 · 1 siège n’a pas pris part au vote · vote nominal" in told
    assert "Pour – Artisanat et arts populaires, Design, Gastronomie, Arts numériques" in told
    assert "Contre – Littérature (adjoint)" in told
    assert "Opinions dissidentes écrites Littérature (adjoint) La ville s’est construite" in told


def test_hands_that_were_counted_name_nobody() -> None:
    context = samples.steering_opinion()
    context |= {"motion": samples.motion("recommend", []), "conditions": [], "dissents": []}
    told = text("STEERING_OPINION", context, "en")
    assert "by show of hands" in told
    assert "Votes by name" not in told
    assert "Dissent in writing" not in told


def test_documents_from_before_are_made_all_the_same() -> None:
    """Seats were told by one name, whose deputy by that name, and an opinion had neither votes by name nor dissents."""
    opinion, record = samples.steering_opinion(), samples.session_record()
    del opinion["motion"], opinion["dissents"]
    opinion["present"][0]["seat"] = "Crafts"
    record["seats"][0] |= {"seat": "Crafts", "sits_for": "Music"}
    record["absent"][1]["deputy"] = "Film"
    record["items"][0]["detail"]["motions"][1]["votes"][0]["seat"] = "Crafts"
    assert "Pour : 4 ; contre : 1 ; abstentions : 1 Avis" in text("STEERING_OPINION", opinion)
    told = text("SESSION_RECORD", record)
    assert "Crafts Coordinatrice ou coordinateur Somebody siège à la place du coordinateur" in told
    assert "Pour – Crafts, Design" in told


def test_an_item_begins_on_the_page_where_its_facts_stand() -> None:
    """No heading is left alone at the foot of a page, whatever came before it."""
    context = samples.session_record()
    whole, bare = (context["items"][n]["detail"] for n in (0, 2))
    context["items"] = [
        {"number": n, "detail": (bare if n % 3 else whole) | {"reference": "MARK"}} for n in range(1, 12)
    ]
    made = pypdfium2.PdfDocument(pdf.render("SESSION_RECORD", context, "fr", {}).content)
    pages = [page.get_textpage().get_text_bounded() for page in made]
    made.close()
    begun = [page.count("MARK ·") for page in pages]
    assert sum(begun) == 11
    assert [page.count("Abordé") for page in pages] == begun
