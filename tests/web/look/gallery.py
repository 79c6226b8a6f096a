"""A small application that shows every macro with long, real-looking contents: for eyes and for tests."""

from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, Flask, g, render_template, request
from flask_babel import Babel
from flask_wtf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined

from rvc_portal.settings import TEMPLATES, TRANSLATIONS
from rvc_portal.web import look

ERRORS = ("400", "403", "404", "409", "413", "429", "500", "503", "session")
LONG = {
    "en": "Literature has shaped the city since the first printing press was set up by the harbour in 1531; today "
    "three generations of readers meet in the same rooms, and the festival of the river brings forty languages. ",
    "fr": "La littérature façonne la ville depuis que la première presse fut installée près du port en 1531 ; trois "
    "générations s’y retrouvent aujourd’hui, et le festival du fleuve réunit quarante langues. ",
}


def gallery_app(language: str = "en", person: bool = True) -> Flask:
    app = Flask("rvc_portal.web", static_folder="static")
    app.config.update(SECRET_KEY="gallery", BABEL_TRANSLATION_DIRECTORIES=str(TRANSLATIONS), TESTING=True)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_loader = ChoiceLoader([FileSystemLoader(TEMPLATES), FileSystemLoader(__file__.rsplit("/", 1)[0])])
    Babel(app, locale_selector=lambda: request.args.get("lang", language))
    CSRFProtect(app)
    look.register(app)
    app.register_blueprint(_frame("account", "language"))
    app.register_blueprint(_frame("security", "login", "logout"))

    @app.before_request
    def frame() -> None:
        if person:
            g.person = SimpleNamespace(name="Marie-Hélène Desrosiers-Tremblay", role="Secretariat", url="#")
            names = ("Desk", "Calls", "Dossiers", "Evaluations", "Steering Group", "Publications")
            g.navigation = [
                SimpleNamespace(label=name, url="#", current=not place, count=(7 if place == 2 else None))
                for place, name in enumerate(names)
            ]

    @app.get("/")
    def gallery() -> str:
        return render_template("gallery.html", **contents(request.args.get("lang", language)))

    @app.get("/error/<code>")
    def error(code: str) -> str:
        return render_template(f"errors/{code}.html", sign_in_url="#", oob="")

    return app


def contents(language: str) -> dict[str, Any]:
    """The names that gallery.html reads."""

    def t(english: str, french: str) -> str:
        return french if language == "fr" else english

    return {"t": t, **dict(_lists(t)), "dict": dict, "long": LONG[language] * 3}


def _lists(t: Any) -> Iterator[tuple[str, Any]]:
    closes = datetime(2015, 7, 15, 22, tzinfo=UTC)
    yield "deadline", closes
    yield (
        "stages",
        [
            {"label": t("Filed", "Dépôt"), "status": "done", "at": closes, "who": None, "until": None},
            {"label": t("Screened", "Recevabilité"), "status": "done", "at": datetime(2015, 8, 20, 9, tzinfo=UTC)},
            {
                "label": t("Evaluated", "Évaluation"),
                "status": "current",
                "who": t("Evaluators act next", "Aux évaluateurs d’agir"),
                "until": datetime(2015, 11, 1, tzinfo=UTC),
            },
            {"label": t("Reviewed", "Examen par le groupe de pilotage"), "status": "next"},
            {"label": t("Decided", "Décision"), "status": "next"},
            {"label": t("Published", "Publication"), "status": "next"},
        ],
    )
    yield (
        "states",
        [
            ("draft", t("Draft", "Brouillon")),
            ("submitted", t("Submitted", "Déposé")),
            ("returned", t("Returned", "Renvoyé pour complément")),
            ("in_evaluation", t("In evaluation", "En cours d’évaluation")),
            ("in_review", t("In review", "En examen")),
            ("awaiting_decision", t("Awaiting decision", "En attente de décision")),
            ("designated", t("Designated", "Désigné")),
            ("declined", t("Declined", "Non retenu")),
            ("dismissed", t("Dismissed", "Irrecevable")),
            ("withdrawn", t("Withdrawn", "Retiré")),
            ("lapsed", t("Lapsed", "Caduc")),
            ("under_examination", t("Under examination", "En cours d’examen")),
        ],
    )
    yield (
        "fields",
        [
            ("crafts", t("Crafts and Folk Art", "Artisanat et arts populaires")),
            ("media_arts", t("Media Arts", "Arts numériques")),
            ("film", t("Film", "Film")),
            ("design", "Design"),
            ("gastronomy", t("Gastronomy", "Gastronomie")),
            ("literature", t("Literature", "Littérature")),
            ("music", t("Music", "Musique")),
            ("architecture", "Architecture"),
        ],
    )
    yield (
        "bars",
        [
            {"label": label, "value": value, "text": text, "series": series}
            for label, one, two in (
                (t("Contribution to the Network’s objectives", "Contribution aux objectifs du Réseau"), 4.21, 3.8),
                (t("Assets", "Atouts"), 3.4, None),
            )
            for series, value, text in (
                (1, one, t(f"{one:.2f}", f"{one:.2f}".replace(".", ","))),
                (2, two, f"{two or 0:.2f}"),
            )
        ],
    )
    yield (
        "dots",
        [
            {
                "label": t("Contribution to the Network’s objectives", "Contribution aux objectifs du Réseau"),
                "values": [2, 3, 3, 4, 4, 4, 5],
                "mean": 3.57,
                "text": "2 – 5",
            },
            {"label": t("Assets", "Atouts"), "values": [0, 1, 1.5, 5], "mean": None, "text": "0 – 5"},
        ],
    )
    digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    yield (
        "documents",
        [
            {
                "label": t("Dossier as filed", "Dossier tel que déposé"),
                "status": "ready",
                "url": "#",
                "pages": 31,
                "size": 1_240_000,
                "sha256": digest,
                "at": closes,
                "language": "fr",
                "language_name": "Français",
            },
            {"label": t("Receipt", "Accusé de réception"), "status": "preparing"},
            {"label": t("Evaluation report", "Rapport d’évaluation"), "status": "preparing", "page": 17},
            {"label": t("Certificate", "Certificat"), "status": "queued"},
            {"label": t("Designation letter", "Lettre de désignation"), "status": "held", "url": "#", "pages": 1},
            {"label": t("Screening note", "Note de recevabilité"), "status": "failed"},
            {
                "label": t("Opinion of the Steering Group", "Avis du Comité de pilotage"),
                "status": "failed",
                "reason": t("the storage is full", "le stockage est plein"),
                "retry": "/retry",
            },
            {"label": t("Dossier, first filing", "Dossier, premier dépôt"), "status": "superseded", "url": "#"},
        ],
    )
    yield (
        "history",
        [
            {
                "at": closes,
                "who": "Jean-Christophe de La Rochefoucauld-Liancourt",
                "label": t("Submitted", "Dossier déposé"),
                "state": ("submitted", t("Submitted", "Déposé")),
            },
            {
                "at": closes,
                "who": t("Secretariat", "Secrétariat"),
                "label": t("Returned to the city", "Renvoyé à la ville"),
                "reason": LONG["fr"] + "\n" + LONG["fr"],
                "reason_language": "fr",
                "state": ("returned", t("Returned", "Renvoyé")),
            },
        ],
    )
    runs = [("same", "Le "), ("gone", "vieux pont"), ("new", "nouveau marché"), ("same", LONG["fr"])]
    cell = SimpleNamespace(label=t("Name", "Nom"), runs=[{"kind": kind, "text": text} for kind, text in runs])
    question = SimpleNamespace(key="fairs", number="7.3.1", label=t("Fairs and festivals", "Foires et festivals"))
    fates = ("same", "changed", "gone", "new")
    rows = [SimpleNamespace(fate=fate, cells=[cell, cell]) for fate in fates]
    yield "compared", SimpleNamespace(question=question, changed=True, rows=rows)
    yield "wording", str
    yield (
        "rows",
        [
            ("Saint-Jean-Pied-de-Port-sur-la-Rivière-du-Nord", "literature", "in_evaluation", 12, 4.1),
            ("Baghdad", "music", "submitted", 0, None),
            ("Québec", "gastronomy", "designated", 14, 3.456),
        ],
    )


def _frame(name: str, *endpoints: str) -> Blueprint:
    blueprint = Blueprint(name, __name__)
    for endpoint in endpoints:
        blueprint.add_url_rule(f"/{name}/{endpoint}", endpoint, lambda: "", methods=["GET", "POST"])
    return blueprint
