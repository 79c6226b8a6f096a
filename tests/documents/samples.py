"""One context per kind, with content that is hard to print: long names, many scripts, endless words, big tables."""

import hashlib
from datetime import datetime
from typing import Any

from rvc_portal.documents import pdf
from rvc_portal.documents.attachments import Attached
from rvc_portal.domain import method
from rvc_portal.domain.definition import Wording
from rvc_portal.domain.results import ResultRules
from rvc_portal.domain.rubric import Rubric, Stream

LONG_CITY = "Saint-Jean-Pied-de-Port-sur-la-Rivière-du-Nord"
SCRIPTS = {
    "ar": "بغداد مدينة الكتاب",
    "zh-Hans": "上海的文学与骨气",
    "ja": "東京の文学と骨気",
    "ko": "서울의 문학",
    "hi": "दिल्ली का साहित्य",
    "ru": "Ульяновск, город литературы",
    "uk": "Львів, місто літератури",
}
UNPRINTABLE = "\U0001f9ff"
ENDLESS = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2

EN = (
    "The city has grown around its books. Every autumn the old market hall turns into a reading room for ten days, and the "
    "libraries of the seven districts stay open until midnight. Writers in residence teach in the schools, translators work beside "
    "printers, and a fund shared by the booksellers pays for the first edition of a new author."
)
FR = (
    "La ville s’est construite autour de ses livres. Chaque automne, l’ancienne halle devient salle de lecture pendant dix "
    "jours, et les bibliothèques des sept quartiers restent ouvertes jusqu’à minuit. Les auteurs en résidence enseignent "
    "dans les écoles ; les traducteurs travaillent aux côtés des imprimeurs."
)


def two(en: str, fr: str) -> dict[str, str]:
    return {"en": en, "fr": fr}


def said(text: str, language: str | None = "en") -> dict[str, str | None]:
    return {"text": text, "language": language}


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def common(kind: str, transition: str | None, demonstration: bool = True) -> dict[str, Any]:
    return {
        "issuer": {
            "organisation": two("Creative Cities Network", "Réseau des villes créatives"),
            "unit": two("Secretariat of the Network", "Secrétariat du Réseau"),
            "address": ["7, place de Fontenoy", "75352 Paris 07 SP", "France"],
            "email": "secretariat@creative-cities.invalid",
            "website": None,
            "signatory": {"name": None, "function": two("for the Director-General", "pour la Directrice générale")},
        },
        "call": {
            "key": "candidacy-2015",
            "title": two("Call for candidacies 2015", "Appel à candidatures 2015"),
            "timezone": "Europe/Paris",
        },
        "document": {
            "kind": kind,
            "reference": f"2015-LIT-007/{kind}/2",
            "issued_at": "2015-07-15T22:15:00Z",
            "transition": transition,
            "verify_url": "https://portal.example/verify/2015-LIT-007",
            "supersedes": f"2015-LIT-007/{kind}/1",
            "journal": {"number": 10234, "hash": digest(kind)},
        },
        "demonstration": demonstration,
    }


def dossier_facts(city: str = LONG_CITY, partners: bool = True) -> dict[str, Any]:
    parties = [{"role": "lead", "city": city, "city_local": said(SCRIPTS["ar"], "ar"), "country_iso2": "FR"}]
    if partners:
        parties.append({"role": "partner", "city": "Seoul", "city_local": said("서울", "ko"), "country_iso2": "KR"})
    return {
        "reference": "2015-LIT-007",
        "city": city,
        "city_local": said(SCRIPTS["ar"], "ar"),
        "country_iso2": "FR",
        "region": two("Europe and North America", "Europe et Amérique du Nord"),
        "field": "literature",
        "field_label": two("Literature", "Littérature"),
        "language": "en",
        "parties": parties,
    }


def of_dossier(kind: str, transition: str | None) -> dict[str, Any]:
    return common(kind, transition) | {"dossier": dossier_facts()}


def addressee() -> dict[str, Any]:
    return {
        "name": "Ms Anne-Sophie Kowalczyk-Østergård",
        "function": "Mayor",
        "organisation": f"City of {LONG_CITY}",
        "address": ["Place de l’Hôtel-de-Ville 1", "64220 " + LONG_CITY, "France"],
        "salutation": None,
    }


def letter(kind: str, transition: str | None) -> dict[str, Any]:
    return of_dossier(kind, transition) | {"addressee": addressee()}


def filing(version: int = 1) -> dict[str, Any]:
    return {
        "version": version,
        "filed_at": "2015-07-15T21:58:03Z",
        "content_sha256": digest("filing"),
        "words": 6412,
        "answered": 47,
        "asked": 47,
    }


def picture(colour: tuple[int, int, int] = (29, 81, 150)) -> bytes:
    """A small JPEG, the same bytes each time."""
    from io import BytesIO

    from PIL import Image, ImageDraw

    image = Image.new("RGB", (640, 420), (233, 241, 250))
    draw = ImageDraw.Draw(image)
    for column in range(8):
        height = 90 + (column * 53) % 170
        draw.rectangle(
            (column * 80 + 6, 420 - height, column * 80 + 70, 420),
            fill=tuple(min(255, c + column * 14) for c in colour),
        )
    out = BytesIO()
    image.save(out, "JPEG", quality=85)
    return out.getvalue()


IMAGES = {"photo-1": picture(), "photo-2": picture((141, 40, 121)), "signature": picture((27, 42, 74))}


def pieces() -> list[dict[str, Any]]:
    def file(name: str, pages: int | None, image: str | None = None) -> dict[str, Any]:
        return {
            "name": name,
            "media_type": "image/jpeg" if image else "application/pdf",
            "size": 1_834_220,
            "sha256": digest(name),
            "pages": pages,
            "image": image,
            "caption": said("The reading room in the market hall", "en") if image else None,
        }

    return [
        {
            "key": "mayor_letter",
            "label": two("Letter of the mayor", "Lettre du maire"),
            "files": [file("lettre-du-maire.pdf", 2)],
        },
        {
            "key": "associations",
            "label": two("Letters of national associations", "Lettres d’associations nationales"),
            "files": [file("A" * 90 + ".pdf", 1), file("رسالة دعم.pdf", 3)],
        },
        {
            "key": "photos",
            "label": two("Photographs of the city", "Photographies de la ville"),
            "files": [file("halle.jpg", None, "photo-1"), file("fleuve.jpg", None, "photo-2")],
        },
        {"key": "rights", "label": two("Assignment of rights", "Cession de droits"), "files": []},
    ]


def question(number: str, label: str, kind: str, value: Any, **more: Any) -> dict[str, Any]:
    made = {"number": number, "key": f"q{number}", "label": two(label, label + " (fr)"), "type": kind, "words": None}
    return made | {"word_limit": None, "nothing": None, "value": value} | more


def entry(
    key: str, label: str, text: str | None = None, number: float | None = None, language: str | None = "en"
) -> dict[str, Any]:
    return {
        "key": key,
        "label": two(label, label),
        "said": said(text, language) if text is not None else None,
        "number": number,
    }


def budget_table() -> dict[str, Any]:
    kinds = ["year", "currency", "number", "percent", "percent", "text", "number", "choice"]
    names = [
        "Year",
        "Currency",
        "Total of the year",
        "Local share",
        "International share",
        "Source",
        "Amount",
        "Secured",
    ]
    columns = [{"key": n, "label": two(n, n), "type": k} for n, k in zip(names, kinds, strict=True)]
    yes = two("yes", "oui")
    rows = [
        [2016 + n, "EUR", 1_250_000 + n, 62.5, 37.5, "City budget and regional fund", 420_000, yes] for n in range(4)
    ]
    years = [{"group": two(str(2016 + n), str(2016 + n)), "number": 420_000, "currency": "EUR"} for n in range(4)]
    return {
        "columns": columns,
        "rows": rows,
        "totals": [None, None, 5_000_006, None, None, None, 1_680_000, None],
        "groups": [{"column": columns[6]["label"], "by": columns[0]["label"], "sums": years}],
    }


def big_table(cells: int = 300) -> dict[str, Any]:
    columns = [{"key": f"c{n}", "label": two(f"Column {n}", f"Colonne {n}"), "type": "text"} for n in range(3)]
    rows = [[f"Partner {n}", ENDLESS if n == 7 else "Public", EN[: 30 + n % 60]] for n in range(cells // 3)]
    return {"columns": columns, "rows": rows, "totals": None, "groups": []}


def sections() -> list[dict[str, Any]]:
    contact = [
        entry("name", "Family name", "Kowalczyk-Østergård"),
        entry("address", "Address", "Place 1\n64220 Ville"),
        entry("fax", "Fax"),
    ]
    initiative = [
        entry("description", "Description", EN + "\n\n" + FR),
        entry("partners", "Partner cities", "서울, 東京, 上海, दिल्ली, Львів"),
        entry("budget", "Budget", None, 340_000),
    ]
    item = {"heading": said("A river of stories"), "entries": initiative}
    many = "\n\n".join([EN] * 3)
    scripts = [
        question(f"7.{n}", f"In {tag}", "text", {"said": said(text * 4, tag)})
        for n, (tag, text) in enumerate(SCRIPTS.items(), 10)
    ]
    statement = two("The city takes part in the annual meeting.", "La ville participe à la réunion annuelle.")
    yes = {"accepted": True, "statement": statement}
    signature = {
        "name": "Anne-Sophie Kowalczyk-Østergård",
        "function": "Mayor",
        "place": "Paris",
        "signed_on": "2015-07-10",
        "image": "signature",
    }
    return [
        section("1", None, [question("1", "City", "text", {"said": said(LONG_CITY, None)})]),
        section("2", None, [question("2", "Country", "choice", {"label": None, "country_iso2": "CI"})]),
        section("3", "Contacts", [question(f"3.{n}", "Contact", "group", {"entries": contact}) for n in (1, 2)]),
        section(
            "4",
            None,
            [
                question(
                    "4", "Creative field", "choice", {"label": two("Literature", "Littérature"), "country_iso2": None}
                )
            ],
        ),
        section(
            "7",
            "What the city has to offer",
            [
                question("7.1", "Profile of the city", "text", {"said": said(many)}, words=164, word_limit=200),
                question("7.2", "Écoles", "text", {"said": said(FR + "\n\n" + FR, "fr")}, words=96),
                question(
                    "7.3",
                    "Marks",
                    "text",
                    {"said": said(f"Amulet {UNPRINTABLE}, zero\u200bwidth, \u200fعربي\u200e, {ENDLESS}")},
                ),
                question("7.4", "Inhabitants", "number", {"number": 1_234_567, "unit": "inhabitants"}),
                question(
                    "7.5",
                    "Nothing",
                    "text",
                    None,
                    nothing=two("Nothing relevant to provide", "Rien de pertinent à fournir"),
                ),
                question("7.6", "Not answered", "text", None),
                question("7.7", "Partners", "table", big_table()),
                *scripts,
            ],
        ),
        section(
            "8",
            "Contribution to the objectives of the Network",
            [
                question("8.1", "Initiatives", "repeat", {"items": [item, item | {"heading": None}]}),
                question("8.3", "Budget of the action plan", "table", budget_table()),
            ],
        ),
        section(
            "9",
            None,
            [
                question(
                    "9", "Links", "links", {"links": [{"url": "https://city.example/" + "a" * 120, "label": "City"}]}
                )
            ],
        ),
        section(
            "10",
            "Commitments",
            [
                question("10.1", "Meeting", "declaration", yes),
                question("10.2", "No", "declaration", yes | {"accepted": False}),
            ],
        ),
        section("11", None, [question("11", "Signature", "signature", signature)]),
    ]


def section(number: str, title: str | None, questions: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "number": number,
        "key": f"s{number}",
        "title": two(title, title + " (fr)") if title else None,
        "questions": questions,
    }


def steps() -> list[dict[str, Any]]:
    return [
        {"label": two("Evaluation", "Évaluation"), "at": "2015-09-01T00:00:00Z", "until": "2015-11-15T00:00:00Z"},
        {"label": two("Publication", "Publication"), "at": "2015-12-11T10:00:00Z", "until": None},
    ]


def checks() -> list[dict[str, Any]]:
    return [
        {
            "label": two("All questions are answered", "Toutes les questions ont une réponse"),
            "outcome": "met",
            "remark": None,
        },
        {
            "label": two("Endorsed by the National Commission", "Appui de la Commission nationale"),
            "outcome": "not_met",
            "remark": said(EN),
        },
        {
            "label": two("Within the limit per country", "Dans la limite par pays"),
            "outcome": "not_applicable",
            "remark": None,
        },
    ]


def dossier() -> dict[str, Any]:
    statement = two(
        "I confirm this candidacy on behalf of the city.", "Je confirme cette candidature au nom de la ville."
    )
    agreed = {
        "label": two("The mayor's sign-off", "L’accord du maire"),
        "name": "Anne-Sophie Kowalczyk-Østergård",
        "function": "Mayor",
        "signed_at": "2015-07-14T09:12:00Z",
        "statement": statement,
    }
    endorsed = {
        "label": two("Endorsement by the National Commission", "Appui de la Commission nationale"),
        "name": "Bénédicte Ōshima-N’Diaye",
        "function": None,
        "signed_at": "2015-07-14T11:40:00Z",
        "statement": two("The Commission endorses this candidacy.", "La Commission appuie cette candidature."),
    }
    more = {"filing": filing(2), "sections": sections(), "pieces": pieces(), "sign_offs": [agreed, endorsed]}
    return of_dossier("DOSSIER", "submit") | more


def receipt() -> dict[str, Any]:
    more = {
        "filing": filing(),
        "received_at": "2015-07-15T21:58:03Z",
        "submitted_by": "Anne-Sophie Kowalczyk-Østergård",
        "closes_at": "2015-07-15T22:00:00Z",
        "pieces": pieces(),
        "steps": steps(),
    }
    return of_dossier("RECEIPT", "submit") | more


def return_letter() -> dict[str, Any]:
    remarks = [
        {
            "number": "7.3.18",
            "label": two("Budget of the city", "Budget de la ville"),
            "remark": said("The shares of 2013 do not add up."),
        },
        {"number": None, "label": two("Assignment of rights", "Cession de droits"), "remark": None},
    ]
    more = {"filing": filing(), "reason": said(FR, "fr"), "remarks": remarks, "answer_by": "2015-07-29T22:00:00Z"}
    return letter("RETURN_LETTER", "return") | more


def ineligibility_notice() -> dict[str, Any]:
    more = {"filing": filing(), "reason": said(EN), "checks": checks()[1:2]}
    return letter("INELIGIBILITY_NOTICE", "dismiss") | more


def screening_note() -> dict[str, Any]:
    returned = {"returned_at": "2015-07-16T09:00:00Z", "reason": said(EN), "refiled_at": "2015-07-20T10:00:00Z"}
    more = {"filing": filing(2), "screener": "Secretariat, screening", "admitted_at": "2015-08-03T08:30:00Z"}
    return (
        of_dossier("SCREENING_NOTE", "admit")
        | more
        | {"checks": checks(), "returns": [returned], "remark": said(FR, "fr")}
    )


def withdrawal_note() -> dict[str, Any]:
    more = {
        "filing": None,
        "withdrawn_at": "2015-08-20T14:00:00Z",
        "by_name": "Anne-Sophie Kowalczyk-Østergård",
        "by_function": "Mayor",
    }
    return (
        of_dossier("WITHDRAWAL_NOTE", "withdraw")
        | more
        | {"stage": two("In evaluation", "En évaluation"), "reason": said(SCRIPTS["ar"] * 6, "ar")}
    )


def city_reply() -> dict[str, Any]:
    passages = [
        {"number": 1, "passage": said(EN, None), "answer": said(SCRIPTS["ja"] * 9, "ja")},
        {"number": 2, "passage": said(ENDLESS, None), "answer": None},
    ]
    more = {"received_at": "2015-11-20T14:00:00Z", "by_name": LONG_CITY, "content_sha256": digest("answer")}
    return of_dossier("CITY_REPLY", "reply") | more | {"passages": passages}


CRITERIA = (
    ("quality", "Quality and coherence of the strategy", "Qualité et cohérence de la stratégie", 30),
    ("relevance", "Relevance to the objectives of the Network", "Pertinence au regard des objectifs du Réseau", 25),
    (
        "feasibility",
        "Feasibility of the action plan, its budget and the unit that will run it",
        "Faisabilité du plan d’action, de son budget et de la structure qui le portera",
        20,
    ),
    ("heritage", "Roots of the field in the city", "Ancrage du domaine dans la ville", 15),
    ("inclusion", "Participation and inclusion", "Participation et inclusion", 10),
)
STREAMS = (
    ("experts", "Independent experts", "Experts indépendants", 40),
    ("members", "Member cities of the field", "Villes membres du domaine", 60),
)


def evaluation_sheet() -> dict[str, Any]:
    criteria = [
        {
            "key": k,
            "label": two(en, fr),
            "guidance": two("What does the plan change?", "Que change le plan ?"),
            "weight": w,
            "score": 3 + n % 3,
            "reason": said(EN if n % 2 else FR, "en" if n % 2 else "fr"),
        }
        for n, (k, en, fr, w) in enumerate(CRITERIA)
    ]
    more = {
        "sheet_number": "2015-LIT-007-M03",
        "evaluator": "Member 3",
        "seat": "Kraków",
        "stream_key": "members",
        "stream_label": two("Member cities of the field", "Villes membres du domaine"),
        "closed_at": "2015-10-12T16:20:00Z",
        "declaration": two("I have no interest in this candidacy.", "Je n’ai aucun intérêt dans cette candidature."),
        "declared_at": "2015-09-02T08:00:00Z",
        "scale": {"minimum": 1, "maximum": 5},
        "criteria": criteria,
        "mean": 3.85,
        "comment": said(EN),
    }
    return of_dossier("EVALUATION_SHEET", "close") | more


def evaluation_report() -> dict[str, Any]:
    def sheet(number: int, stream: str) -> dict[str, Any]:
        scores = [
            {
                "criterion": k,
                "score": 2 + (number * 7 + n * 3) % 4,
                "reason": said((EN, FR)[number % 2], ("en", "fr")[number % 2]),
            }
            for n, (k, *_) in enumerate(CRITERIA)
        ]
        name = f"Expert {number}" if stream == "experts" else f"Member {number}"
        mean = sum(s["score"] * c[3] for s, c in zip(scores, CRITERIA, strict=True)) / 100
        return {
            "evaluator": name,
            "stream_key": stream,
            "mean": mean,
            "closed_at": "2015-10-12T16:20:00Z",
            "scores": scores,
            "comment": said(EN) if number == 2 else None,
        }

    sheets = [sheet(n, "experts") for n in range(1, 4)] + [sheet(n, "members") for n in range(1, 11)]

    def mean_of(stream: str, place: int) -> float:
        values = [s["scores"][place]["score"] for s in sheets if s["stream_key"] == stream]
        return sum(values) / len(values)

    criteria = [
        {
            "key": k,
            "label": two(en, fr),
            "weight": w,
            "means": (m := {s[0]: mean_of(s[0], n) for s in STREAMS}),
            "mean": 0.4 * m["experts"] + 0.6 * m["members"],
            "spread": 0.71,
        }
        for n, (k, en, fr, w) in enumerate(CRITERIA)
    ]
    streams = []
    for key, en, fr, weight in STREAMS:
        means = [s["mean"] for s in sheets if s["stream_key"] == key]
        streams.append(
            {
                "key": key,
                "label": two(en, fr),
                "weight": weight,
                "sheets": len(means),
                "minimum": 2,
                "mean": sum(means) / len(means),
                "spread": 0.44,
            }
        )
    more = {
        "interval": {"low": 3.1, "high": 3.9, "level": 95},
        "method": [
            {"message": text, "params": dict(params)} for text, params in method.of_dossier(RUBRIC, ResultRules())
        ],
        "disagreement": [{"message": "streams far apart", "params": {}}],
        "scale": {"minimum": 1, "maximum": 5},
        "streams": streams,
        "criteria": criteria,
        "sheets": sheets,
        "set_aside": [
            {
                "evaluator": "Member 11",
                "stream_key": "members",
                "reason": two("Same country as the candidate", "Même pays que la candidate"),
            }
        ],
        "mean": 0.4 * streams[0]["mean"] + 0.6 * streams[1]["mean"],
        "spread": 0.48,
        "referred_at": "2015-11-16T09:00:00Z",
    }
    return of_dossier("EVALUATION_REPORT", "refer") | more


def feedback() -> list[dict[str, Any]]:
    """Both parts in both languages, one part in one language, and one part alone."""
    whole, half = {"en": EN, "fr": FR}, {"en": None, "fr": FR}
    parts = ((whole, half), (whole, None), (None, whole))
    return [
        {"label": two(en, fr), "strengths": parts[n % 3][0], "weaknesses": parts[n % 3][1]}
        for n, (_, en, fr, _) in enumerate(CRITERIA)
    ]


SEATS = [
    two("Crafts and Folk Art", "Artisanat et arts populaires"), two("Design", "Design"), two("Film", "Cinéma"),
    two("Gastronomy", "Gastronomie"), two("Literature (deputy)", "Littérature (adjoint)"),
    two("Media Arts", "Arts numériques"), two(LONG_CITY, LONG_CITY),
]  # fmt: skip


def motion(kind: str, seats: list[dict[str, str]]) -> dict[str, Any]:
    """A motion on which the seats but the last have voted, by name; without seats, hands were counted."""
    choices = ("in_favour", "in_favour", "abstaining", "in_favour", "against", "in_favour")
    return {
        "kind": kind, "conditions": [{"en": EN, "fr": FR}] if kind == "conditions" else [], "by_name": bool(seats),
        "votes": [{"seat": seat, "choice": choice} for seat, choice in zip(seats, choices, strict=False)],
        "in_favour": 4, "against": 1, "abstaining": 1, "seats": 7, "carried": kind == "conditions",
        "closed_at": "2015-11-24T09:30:00Z",
    }  # fmt: skip


def steering_opinion() -> dict[str, Any]:
    coordinator = two("Coordinator", "Coordinatrice ou coordinateur")
    more = {
        "session_title": two("Session of November 2015", "Séance de novembre 2015"),
        "held_on": "2015-11-24",
        "place": "Paris",
        "opinion": "favourable",
        "text": {"en": EN, "fr": FR},
        "conditions": [
            {"en": "The budget is confirmed by the council.", "fr": "Le budget est confirmé par le conseil."},
            {"en": None, "fr": FR},
        ],
        "quorum": {"required": 5, "seated": 9, "present": 7},
        "present": [
            {"seat": seat, "person": "Somebody" if n % 2 else None, "function": coordinator}
            for n, seat in enumerate(SEATS)
        ],
        "recusals": [{"seat": "Host city", "person": None, "reason": two("Same country", "Même pays")}],
        "votes": {"in_favour": 4, "against": 1, "abstaining": 1},
        "motion": motion("conditions", SEATS),
        "dissents": [{"seat": SEATS[4], "text": said(FR, "fr")}],
        "feedback": feedback(),
    }
    return of_dossier("STEERING_OPINION", "advise") | more


def session_papers() -> dict[str, Any]:
    report = evaluation_report()
    found = {k: report[k] for k in (
        "scale", "streams", "criteria", "sheets", "mean", "spread", "interval", "disagreement", "dossier",
    )}  # fmt: skip
    note = screening_note()
    detail = found | {
        "filing": note["filing"],
        "summary": [{"label": two("Reasons for joining", "Raisons de la candidature"), "text": said(FR, "fr")}],
        "screening": {"admitted_at": "2015-08-20T10:00:00Z", "checks": note["checks"], "returns": 1},
    }
    bare = detail | {
        "filing": None, "summary": [], "screening": {"admitted_at": None, "checks": [], "returns": 0},
        "interval": None, "disagreement": [],
    }  # fmt: skip
    items = [(detail, False), (None, True), (None, False), (bare, False)]
    more = {
        "title": "Session of November 2015", "starts_at": "2015-11-24T09:00:00Z", "place": "Paris",
        "link": "https://meeting.invalid/1", "quorum": 5,
        "majority": {"message": "A motion is carried by two thirds of the votes in favour and against.", "params": {}},
        "items": [{"number": n, "closed": closed, "detail": it} for n, (it, closed) in enumerate(items, 1)],
    }  # fmt: skip
    return common("SESSION_PAPERS", "issue_papers") | more


def session_record() -> dict[str, Any]:
    out = {"out_at": "2015-11-24T09:10:00Z", "in_at": "2015-11-24T09:40:00Z"}
    function = two("Coordinator", "Coordinatrice ou coordinateur")
    motions = [
        motion(kind, SEATS if kind != "defer" else []) for kind in ("defer", "recommend", "reject", "conditions")
    ]
    detail = {
        "reference": "LIT-2015-007", "city": LONG_CITY, "country_iso2": "FR",
        "field_label": two("Literature", "Littérature"), "taken_up_at": "2015-11-24T09:10:00Z",
        "concluded_at": "2015-11-24T09:35:00Z", "seats": 6,
        "recusals": [{"seat": "Host city", "reason": two("Same country", "Même pays"), **out}],
        "motions": motions, "opinion": "favourable", "text": {"en": EN, "fr": FR},
        "dissents": [{"seat": SEATS[4], "text": said(FR, "fr")}],
        "corrections": [{"seat": SEATS[1], "text": said(EN)}],
    }  # fmt: skip
    bare = detail | {
        "taken_up_at": None, "concluded_at": None, "seats": None, "recusals": [], "motions": [], "opinion": None,
        "text": {"en": None, "fr": None}, "dissents": [], "corrections": [],
    }  # fmt: skip
    more = {
        "title": "Session of November 2015", "opened_at": "2015-11-24T09:00:00Z", "closed_at": "2015-11-24T12:00:00Z",
        "place": "Paris", "link": "https://meeting.invalid/1", "quorum": 5,
        "majority": {"message": "A motion is carried by two thirds of the votes in favour and against.", "params": {}},
        "seats": [
            {"seat": seat, "person": f"Somebody {SCRIPTS['ar'] if n == 3 else ''}", "function": function,
             "arrived_at": "2015-11-24T08:58:00Z", "out": [out] if n == 2 else [], "sits_for": n == 4}
            for n, seat in enumerate(SEATS)
        ],
        "absent": [
            {"seat": two("Literature", "Littérature"), "function": function, "apologised": True, "deputy": True},
            {"seat": "Host city", "function": function, "apologised": False, "deputy": None},
        ],
        "text": {"en": EN, "fr": FR},
        "items": [{"number": n, "detail": it} for n, it in enumerate((detail, None, bare), 1)],
        "corrections": [{"seat": SEATS[2], "text": said(FR, "fr")}],
        "approved_at": "2015-12-01T09:00:00Z",
    }  # fmt: skip
    return common("SESSION_RECORD", "seal_record") | more


def designation_letter() -> dict[str, Any]:
    more = {
        "published_on": "2015-12-11",
        "reason": {"en": EN, "fr": FR},
        "feedback": feedback(),
        "conditions": [{"en": "The budget is confirmed.", "fr": "Le budget est confirmé."}],
        "commitments": [
            two("Take part in the annual meeting", "Participer à la réunion annuelle"),
            two("Report every four years", "Rendre compte tous les quatre ans"),
        ],
        "steps": steps(),
    }
    return letter("DESIGNATION_LETTER", "designate") | more


def certificate() -> dict[str, Any]:
    return of_dossier("CERTIFICATE", "designate") | {"number": "2015-031", "designated_on": "2015-12-11"}


def decision_letter() -> dict[str, Any]:
    more = {"published_on": "2015-12-11", "reason": {"en": EN, "fr": None}, "feedback": feedback(), "steps": []}
    return letter("DECISION_LETTER", "decline") | more


def designation_list() -> dict[str, Any]:
    region = two("Europe and North America", "Europe et Amérique du Nord")
    names = [
        ("Baghdad", "IQ", said("بغداد", "ar")),
        (LONG_CITY, "FR", None),
        ("Lviv", "UA", said("Львів", "uk")),
        ("Shanghai", "CN", said("上海", "zh-Hans")),
    ]
    names += [
        ("Delhi", "IN", said("दिल्ली", "hi")),
        ("Seoul", "KR", said("서울", "ko")),
        ("Tokyo", "JP", said("東京", "ja")),
        ("Ulyanovsk", "RU", said("Ульяновск", "ru")),
    ]
    cities = [
        {
            "reference": f"2015-LIT-{n:03}",
            "city": city,
            "city_local": local,
            "country_iso2": code,
            "region": region,
            "field": "literature",
            "field_label": two("Literature", "Littérature"),
            "partners": dossier_facts()["parties"][1:] if n == 2 else [],
        }
        for n, (city, code, local) in enumerate(names)
    ]
    count = {"label": region, "count": 8}
    more = {
        "decided_on": "2015-12-09",
        "published_on": "2015-12-11",
        "filed": 14,
        "evaluated": 12,
        "designated": cities,
        "by_region": [count, {"label": two("Africa", "Afrique"), "count": 0}],
        "by_field": [{"label": two("Literature", "Littérature"), "count": 8}],
    }
    return common("DESIGNATION_LIST", "publish") | more


def slate() -> dict[str, Any]:
    regions = [("Africa", "Afrique"), ("Arab States", "États arabes"), ("Asia and the Pacific", "Asie et Pacifique"),
               ("Europe and North America", "Europe et Amérique du Nord"),
               ("Latin America and the Caribbean", "Amérique latine et Caraïbes")]  # fmt: skip

    def row(label: dict[str, str], n: int) -> dict[str, Any]:
        target = {"least": 1 if n == 0 else None, "most": 4 if n == 3 else None}
        return {"label": label, "members": 4 + 9 * n, "files": n + 1, "proposed": n, **target}

    def file(n: int, city: str, iso2: str, opinion: str, proposed: bool, reason: str) -> dict[str, Any]:
        return {
            "reference": f"LIT-2015-{n:03}", "city": city, "country_iso2": iso2, "region": two(*regions[n % 5]),
            "field_label": two("Literature", "Littérature"), "mean": None if n == 4 else 4.6 - n / 5, "opinion": opinion,
            "proposed": proposed, "reason": reason,
        }  # fmt: skip

    more = {
        "name": "Trois régions de plus, sans second dossier du même pays",
        "filed": 4, "proposed": 3, "members": 116, "countries": 3, "first_time": ["EE"],
        "by_region": [row(two(*labels), n) for n, labels in enumerate(regions)],
        "by_field": [row(two("Literature", "Littérature"), 3)],
        "files": [
            file(1, "Barcelona", "ES", "favourable", True, ""),
            file(2, "Tartu", "EE", "favourable", True, "A first member in its country, and a plan that its region lacks."),
            file(3, "Saint-Jean-Pied-de-Port-sur-la-Rivière-du-Nord", "FR", "unfavourable", False, ""),
            file(4, "Montevideo", "UY", "", True, "Rien ne s’y oppose."),
        ],
        "variants": [
            {"name": "Trois régions de plus, sans second dossier du même pays", "chosen": True, "proposed": 3,
             "countries": 3, "first_time": 1, "regions": [0, 1, 1, 0, 1]},
            {"name": "As advised", "chosen": False, "proposed": 2, "countries": 2, "first_time": 1,
             "regions": [0, 1, 1, 0, 0]},
        ],
    }  # fmt: skip
    return common("SLATE", "put_forward") | more


def asked_pieces() -> list[dict[str, Any]]:
    help_text = two("One page, signed.", "Une page, signée.")
    return [
        {
            "label": two("Letter of the mayor", "Lettre du maire"),
            "help": help_text,
            "count": 1,
            "formats": ["pdf"],
            "max_size": 3_000_000,
            "required": True,
        },
        {
            "label": two("Photographs", "Photographies"),
            "help": None,
            "count": 3,
            "formats": ["jpeg"],
            "max_size": 3_000_000,
            "min_pixels": [1200, 800],
            "required": False,
        },
    ]


def call_text() -> dict[str, Any]:
    more = {
        "introduction": two(EN + "\n\n" + EN, FR + "\n\n" + FR),
        "opens_at": "2015-03-16T00:00:00Z",
        "closes_at": "2015-07-15T22:00:00Z",
        "grace_minutes": 10,
        "steps": steps(),
        "languages": ["en", "fr"],
        "fields": [two("Literature", "Littérature"), two("Music", "Musique")],
        "country_limit": 2,
        "field_limit": 1,
        "eligibility": [
            {
                "question": two("Is it a city?", "Est-ce une ville ?"),
                "hint": two("By law.", "En droit."),
                "needed": "yes",
            },
            {"question": two("Is it a member?", "Est-elle membre ?"), "hint": None, "needed": "no"},
        ],
        "pieces": asked_pieces(),
        "scale": {"minimum": 1, "maximum": 5},
        "streams": [{"label": two(en, fr), "weight": w, "minimum": 2} for _, en, fr, w in STREAMS],
        "criteria": [
            {"label": two(en, fr), "guidance": two("What changes?", "Que change-t-il ?"), "weight": w}
            for _, en, fr, w in CRITERIA
        ],
    }
    return common("CALL_TEXT", "open") | more


def blank_form() -> dict[str, Any]:
    def ask(number: str, kind: str, **more: Any) -> dict[str, Any]:
        whole = kind in ("text", "choice", "declaration", "links")
        return {
            "number": number,
            "key": f"question_{number.replace('.', '_')}",
            "label": two("Why the city applies", "Pourquoi la ville est candidate"),
            "item_label": None,
            "help": two(EN, FR),
            "type": kind,
            "required": True,
            "condition": None if kind == "text" else said_of("1", two("Yes", "Oui")),
            "statement": two(EN, FR) if kind == "declaration" else None,
            "limits": [{"message": "words: at most %(most)s", "params": {"most": 15000}}],
            "source": None,
            "choices": [two("Yes", "Oui")],
            "entry": entry("line" if kind == "links" else kind) if whole else None,
            "rows": 2 if kind in ("table", "repeat", "links") else 0,
            "nothing": kind == "text",
            "parts": [] if whole else [column(k) for k in ("line", "text", "choice", "choices")],
            "rules": [{"message": "No two rows are alike in: %(parts)s.", "params": {"parts": two("Year", "Année")}}],
        } | more

    def said_of(number: str, answers: dict[str, str]) -> dict[str, Any]:
        params = {"number": number, "answers": answers}
        return {"message": "Only if the answer to question %(number)s is: %(answers)s.", "params": params}

    def entry(kind: str) -> dict[str, Any]:
        labels = [two("State", "État"), two("Estate", "Domaine"), two("Zone", "Zone")]
        options = [{"key": f"option_{n}", "label": label} for n, label in enumerate(labels)]
        return {
            "kind": kind, "lines": 3, "most": 40 if kind == "line" else None, "listed": kind == "choice",
            "options": options if kind in ("choice", "choices") else [],
        }  # fmt: skip

    def column(kind: str) -> dict[str, Any]:
        limits = [{"message": "year", "params": {}}, {"message": "not under %(least)s", "params": {"least": 2015}}]
        told = {"label": two("Year", "Année"), "help": None, "limits": limits, "source": "countries", "choices": []}
        return {"key": kind, **told, "entry": entry(kind)}

    kinds = ("table", "repeat", "group", "choice", "declaration", "links")
    parts = [
        {"number": "1", "title": None, "intro": None, "questions": [ask("1", "text")]},
        {
            "number": "2", "title": two("Plan", "Plan"), "intro": two(EN, FR),
            "questions": [ask(f"2.{n}", kind) for n, kind in enumerate(kinds, 1)],
        },
        {"number": "3", "title": None, "intro": None, "questions": [ask("3", "repeat", item_label=two("Plan", "Plan"))]},
    ]  # fmt: skip
    return common("BLANK_FORM", "open") | {
        "identity": "candidacy-2015 0123456789abcdef",
        "closes_at": "2015-07-15T22:00:00Z",
        "nothing_relevant": two("Nothing to report.", "Rien à signaler."),
        "sections": parts,
        "pieces": asked_pieces(),
    }


def field_synthesis() -> dict[str, Any]:
    def dossier(n: int, city: str, country: str) -> dict[str, Any]:
        given = [{"evaluator": f"Expert {e}", "stream_key": "experts", "mean": 4.25 - n / 10} for e in range(1, 4)]
        given += [{"evaluator": f"Member {e}", "stream_key": "members", "mean": 3.5 - n / 10} for e in range(1, 11)]
        return {
            "reference": f"2015-LIT-{n:03}",
            "city": city,
            "country_iso2": country,
            "rank": n,
            "rank_low": max(1, n - 1),
            "rank_high": n + 2,
            "raw": 3.95 - n / 10,
            "normalised": 4.05 - n / 10,
            "low": 3.5 - n / 10,
            "high": 4.3 - n / 10,
            "spread": 0.61,
            "means": {"experts": 4.25 - n / 10, "members": 3.5 - n / 10},
            "sheets": {"experts": 3, "members": 10},
            "disagreement": [{"message": "wide spread", "params": {}}] if n == 2 else [],
            "given": given,
        }

    cities = [("Nottingham", "GB"), (LONG_CITY, "FR"), ("Montevideo", "UY"), ("Baghdad", "IQ"), ("Ulyanovsk", "RU")]
    evaluators = [f"Expert {e}" for e in range(1, 4)] + [f"Member {e}" for e in range(1, 11)]
    more = {
        "field": "literature",
        "field_label": two("Literature", "Littérature"),
        "scale": {"minimum": 1, "maximum": 5},
        "streams": [{"key": key, "label": two(en, fr), "weight": w} for key, en, fr, w in STREAMS],
        "sheets": 65,
        "mean": 3.41,
        "deviation": 0.72,
        "seed": 2015,
        "samples": 1000,
        "level": 95,
        "method": [
            {"message": text, "params": dict(params)} for text, params in method.of_field(RUBRIC, ResultRules())
        ],
        "inputs_sha256": "0123456789abcdef" * 4,
        "dossiers": [dossier(n, *city) for n, city in enumerate(cities, 1)],
        "evaluators": [
            {"evaluator": name, "sheets": 5, "mean": 3.4, "deviation": 0.5 if n else None, "trust": 0.56}
            for n, name in enumerate(evaluators)
        ],
    }
    return common("FIELD_SYNTHESIS", "synthesise") | more


def call_report() -> dict[str, Any]:
    """A full report: every region and field, long names of states and many countries."""
    regions = (
        ("Africa", "Afrique"),
        ("Asia and the Pacific", "Asie et Pacifique"),
        ("Europe and North America", "Europe et Amérique du Nord"),
    )
    fields = (
        ("Literature", "Littérature"),
        ("Crafts and Folk Art", "Artisanat et arts populaires"),
        ("Media Arts", "Arts numériques"),
    )

    def outcomes(names: tuple[tuple[str, str], ...]) -> list[dict[str, Any]]:
        return [{"label": two(*name), "filed": 12 * n, "designated": 5 * n} for n, name in enumerate(names)]

    more = {
        "published_on": "2015-12-11",
        "begun": 61,
        "filed": 36,
        "evaluated": 34,
        "designated": 15,
        "by_state": [
            {"label": {"message": text, "params": {}}, "count": n}
            for text, n in (("Designated", 15), ("Not designated", 19), ("Not eligible", 1), ("Withdrawn", 1))
        ],
        "by_region": outcomes(regions),
        "by_field": outcomes(fields),
        "by_country": [
            {"country_iso2": code, "filed": 5 - n // 4, "designated": n % 3}
            for n, code in enumerate(("FR", "GB", "JP", "BO", "CD", "KR", "VC", "TL", "BA", "UY", "RU", "IQ"))
        ],
        "scale": {"minimum": 1, "maximum": 10},
        "streams": [
            {"label": two(en, fr), "seats": 12, "asked": 80, "closed": 71, "set_aside": n, "mean": 6.42 if n else None,
             "deviation": 1.37 if n else None}
            for n, (_, en, fr, _) in enumerate(STREAMS)
        ],
        "means": [{"low": n, "high": n + 1, "count": (n * n) % 11} for n in range(1, 10)],
        "conflicts": 5,
        "paces": [
            {"label": {"message": text, "params": {}}, "files": 36, "shortest": 0.4, "middle": 61.25, "longest": 118.9}
            for text in ("Filing", "Admissibility", "Evaluation", "Steering Group", "Decision")
        ],
    }  # fmt: skip
    return common("CALL_REPORT", "publish") | more


def pack() -> dict[str, Any]:
    def file(n: int, city: str, language: str, field: str) -> dict[str, Any]:
        facts = dossier_facts(city, partners=n == 1) | {
            "reference": f"2015-LIT-{n:03}",
            "language": language,
            "field": field,
        }
        plain = [{**p, "files": [{**f, "image": None, "caption": None} for f in p["files"]]} for p in pieces()]
        return {"dossier": facts, "filing": filing(n), "sections": sections(), "pieces": plain}

    more = {
        "evaluator": "Bénédicte Ōshima-N’Diaye",
        "until": "2015-10-01T10:00:00Z",
        "files": [file(1, LONG_CITY, "fr", "literature"), file(2, "Nottingham", "en", "music")],
    }
    return common("PACK", None) | more


def complete_dossier() -> dict[str, Any]:
    """Every kind of part; a letter attached, one that is no PDF, one that was lost and one too large."""
    chapters = {
        "application": ("DOSSIER", "RECEIPT"),
        "screening": ("RETURN_LETTER", "INELIGIBILITY_NOTICE", "SCREENING_NOTE"),
        "evaluation": ("EVALUATION_REPORT", "EVALUATION_SHEET", "CITY_REPLY"),
        "opinion": ("STEERING_OPINION",),
        "decision": ("DESIGNATION_LETTER", "DECISION_LETTER", "CERTIFICATE", "WITHDRAWAL_NOTE"),
    }
    parts = [
        {
            "chapter": chapter, "kind": kind, "language": "en", "seat": "Member 3" if kind == "EVALUATION_SHEET" else None,
            "held": kind == "CERTIFICATE", "reference": f"2015-LIT-007/{kind}/2", "issued_at": "2015-12-11T09:00:00Z",
            "context": SAMPLES[kind](),
        }
        for chapter, kinds in chapters.items() for kind in kinds
    ]  # fmt: skip
    letter = next(file for piece in pieces() for file in piece["files"] if file["media_type"] == "application/pdf")
    told = [
        {**letter, "image": None, "attached_as": "01-" + letter["name"], "not_attached": None},
        *({**letter, "image": None, "attached_as": None, "not_attached": why} for why in ("no_pdf", "lost", "too_big")),
    ]
    message = {"message": "Designated", "params": {}}
    more = {
        "reader": "Bénédicte Ōshima-N’Diaye",
        "state": message,
        "parts": parts,
        "pieces": [
            {"key": "letters", "label": two("Letters of support", "Lettres de soutien"), "files": told},
            {"key": "photos", "label": two("Photographs", "Photographies"), "files": []},
        ],
        "documents": [
            {"kind": "DOSSIER", "seat": None, "issued_at": "2015-07-15T22:15:00Z", "pages": 31, "sha256": digest("made"),
             "part": 1, "status": "stands"},
            {"kind": "CERTIFICATE", "seat": None, "issued_at": "2015-12-11T09:00:00Z", "pages": None, "sha256": None,
             "part": None, "status": "held"},
            {"kind": "EVALUATION_SHEET", "seat": "Member 3", "issued_at": "2015-10-11T09:00:00Z", "pages": 2,
             "sha256": digest("sheet"), "part": None, "status": "set_aside"},
            {"kind": "RECEIPT", "seat": None, "issued_at": "2015-07-14T22:15:00Z", "pages": 1, "sha256": digest("receipt"),
             "part": None, "status": "superseded"},
        ],
        "history": [
            {"at": "2015-05-02T10:00:00Z", "who": LONG_CITY, "office": None, "label": {"message": "opened the file", "params": {}},
             "until": None, "reason": None, "state": None},
            {"at": "2015-07-20T10:00:00Z", "who": None, "office": {"message": "Secretariat", "params": {}},
             "label": {"message": "returned the file", "params": {}}, "until": "2015-08-31T22:00:00Z",
             "reason": said(SCRIPTS["ar"], "ar"), "state": message},
            {"at": "2015-12-11T09:00:00Z", "who": None, "office": None, "label": {"message": "asked for an evaluation: %(seat)s",
             "params": {"seat": "Member 3, Member 37"}}, "until": None, "reason": None, "state": None},
        ],
        "attached": [
            {"name": "01-" + letter["name"], "description": letter["name"], "media_type": "application/pdf",
             "size": len(ENCLOSED), "sha256": hashlib.sha256(ENCLOSED).hexdigest(), "at": "2015-06-01T10:00:00Z"},
        ],
    }  # fmt: skip
    return of_dossier("COMPLETE_DOSSIER", "order_dossier") | more


ENCLOSED = b"%PDF-1.4\n% what a city uploaded is not looked into\n"
"""The file that the complete dossier of the samples has attached."""


def attached(context: dict[str, Any]) -> list[Attached]:
    """What travels in a sample, as `pdf.render` wants it."""
    return [
        Attached(
            told["name"], told["description"], told["media_type"], told["size"], told["sha256"],
            datetime.fromisoformat(told["at"]), lambda: ENCLOSED,
        )
        for told in context.get("attached", [])
    ]  # fmt: skip


def made(kind: str, language: str = "en") -> pdf.Rendered:
    """The document of a sample, with what travels in it."""
    context = SAMPLES[kind]()
    return pdf.render(kind, context, language, IMAGES, attached=attached(context))


def network_city(city: str, country: str, **more: Any) -> dict[str, Any]:
    return {"city": city, "country_iso2": country, **more}


def steering_composition() -> dict[str, Any]:
    term = {"from_on": "2015-05-27T22:00:00Z", "until_at": "2016-09-16T22:00:00Z", "due_year": 2016}
    fields = [("literature", "Literature", "Littérature"), ("music", "Music", "Musique")]
    more = {
        "as_of": "2015-12-01T09:00:00Z",
        "fields": [
            {
                "field": key,
                "field_label": two(en, fr),
                "coordinator": network_city(LONG_CITY, "FR", **term) if key == "literature" else None,
                "deputy": network_city("Bologna", "IT", **term),
            }
            for key, en, fr in fields
        ],
        "others": [
            {"kind": "host", **network_city("Östersund", "SE", **term)},
            {"kind": "co_opted", **network_city("Aswan", "EG", **term)},
        ],
        "by_region": [
            {"label": two("Africa", "Afrique"), "count": 0},
            {"label": two("Europe and North America", "Europe et Amérique du Nord"), "count": 3},
        ],
        "missing": [two("Africa", "Afrique")],
    }
    return common("STEERING_COMPOSITION", "begin_mandate") | more


def ballot_result() -> dict[str, Any]:
    voters = [(LONG_CITY, "FR"), ("Dublin", "IE"), ("Reykjavík", "IS"), ("Iowa City", "US"), ("Prague", "CZ")]
    more = {
        "ballot": "0b2c4d6e-8f01-4234-9678-9abcdef01234",
        "field": "literature",
        "field_label": two("Literature", "Littérature"),
        "kind_of_seat": "coordinator",
        "round": 2,
        "opens_at": "2016-06-01T22:00:00Z",
        "closes_at": "2016-06-15T22:00:00Z",
        "tie_rule": "lot",
        "outcome": "by_lot",
        "elected": "Dublin, IE",
        "equal": ["Dublin, IE", f"{LONG_CITY}, FR"],
        "seed": digest("lot"),
        "term_from": "2016-09-16T22:00:00Z",
        "second_round_until": None,
        "candidates": [network_city("Dublin", "IE", votes=2), network_city(LONG_CITY, "FR", votes=2)],
        "none_of_them": 1,
        "members": 20,
        "voters": [network_city(*voter) for voter in voters],
    }
    return common("BALLOT_RESULT", "count_ballot") | more


def co_option() -> dict[str, Any]:
    def vote(field: str, en: str, fr: str, city: str, choice: str) -> dict[str, Any]:
        return {"field": field, "field_label": two(en, fr), "city": city, "choice": choice}

    more = {
        "city": network_city("Aswan", "EG"),
        "city_field": two("Crafts and Folk Art", "Artisanat et arts populaires"),
        "region": two("Arab States", "États arabes"),
        "reason": said(FR, "fr"),
        "proposed_for": two("Literature", "Littérature"),
        "proposed_at": "2015-10-01T09:00:00Z",
        "decided_at": "2015-10-05T09:00:00Z",
        "adopted": True,
        "sitting": 3,
        "needed": 2,
        "votes": [
            vote("design", "Design", "Design", "Berlin", "against"),
            vote("literature", "Literature", "Littérature", LONG_CITY, "for"),
            vote("music", "Music", "Musique", "Bologna", "for"),
        ],
    }
    return common("CO_OPTION", "settle_co_option") | more


def conclusions() -> dict[str, Any]:
    more = {
        "edition": 9,
        "year": 2015,
        "hosts": [network_city("Kanazawa", "JP")],
        "starts_on": "2015-05-25",
        "ends_on": "2015-05-28",
        "title": said("Conclusions de la neuvième réunion", "fr"),
        "preamble": said(FR, "fr"),
        "clauses": [
            {"text": said(FR, "fr"), "parts": []},
            {"text": said("Les membres veillent à ceci :", "fr"), "parts": [said(FR, "fr"), said(FR, "fr")]},
            {"text": said(FR, "fr"), "parts": []},
        ],
        "sealed_at": "2015-05-28T10:00:00Z",
    }
    return common("CONCLUSIONS", "seal_conclusions") | more


def of_meeting(**more: Any) -> dict[str, Any]:
    return {
        "edition": 9,
        "year": 2015,
        "hosts": [network_city("Kanazawa", "JP")],
        "first": "2015-05-25",
        "last": "2015-05-28",
        "zone": "Asia/Tokyo",
        **more,
    }


def agenda_point(starts: str, ends: str, kind: str, en: str, fr: str, **more: Any) -> dict[str, Any]:
    point = {
        "starts": starts, "ends": ends, "hall": "Hall A", "kind": kind, "title": two(en, fr), "field": None,
        "field_label": None, "chair": None, "papers": [],
    }  # fmt: skip
    return point | more


def agenda() -> dict[str, Any]:
    chair = network_city(LONG_CITY, "FR", persons=["Amélie Saint-Jean", "Taro Yamada"])
    papers = [
        {"title": "Note de cadrage", "language": "fr", "url": None, "name": "note.pdf"},
        {"title": "Programme of the city", "language": "en", "url": "https://city.invalid/", "name": None},
    ]
    literature = {"field": "literature", "field_label": two("Literature", "Littérature"), "chair": chair}
    workshop = agenda_point("14:00", "16:00", "workshop", "Reading in public", "Lire en public", **literature)
    days = [
        {
            "day": f"2015-05-{25 + number}",
            "points": [
                agenda_point("09:00", "10:30", "plenary", "Opening " * (8 * number + 1), "Ouverture", papers=papers),
                agenda_point("10:30", "11:00", "break", "Coffee", "Café", hall=None),
                agenda_point("11:00", "12:30", "mayors", "Mayors speak", "Parole aux maires"),
                workshop,
                agenda_point(
                    "19:00",
                    "22:00",
                    "visit",
                    "Evening of the city",
                    "Soirée de la ville",
                    hall="Murō Saisei Kinenkan (室生犀星記念館)",
                ),
            ],
        }
        for number in range(3)
    ]
    return common("AGENDA", "publish_agenda") | of_meeting(days=days, papers=papers)


def participants() -> dict[str, Any]:
    delegates = [
        {"name": "Amélie Saint-Jean", "title": "Adjointe au maire", "mayor": False},
        {"name": "山田 太郎", "title": None, "mayor": True},
    ]
    label = two("Crafts and Folk Art", "Artisanat et arts populaires")
    cities = [
        network_city(
            f"{LONG_CITY} {number}" if number % 2 else "Fabriano", "IT", field_label=label, delegates=delegates
        )
        for number in range(24)
    ]
    more = of_meeting(cities=cities, delegates=48, countries=1, mayors=24)
    return common("PARTICIPANTS", "list_participants") | more


def workshop_report() -> dict[str, Any]:
    more = of_meeting(
        day="2015-05-26", starts="14:00", ends="16:00", hall="Hall A", title=two("Reading in public", "Lire en public"),
        field="literature", field_label=two("Literature", "Littérature"), text={"en": None, "fr": FR},
        chair=network_city(LONG_CITY, "FR", persons=["Amélie Saint-Jean"]),
    )  # fmt: skip
    return common("WORKSHOP_REPORT", "issue_workshop_report") | more


def network_calendar() -> dict[str, Any]:
    def entry(kind: str, first: str, last: str, told: str, short: str, **more: Any) -> dict[str, Any]:
        worded = {"message": told, "params": {"call": two("Call 2015", "Appel 2015"), "count": 1, "edition": 9, **more}}
        worded["params"] |= {"hosts": LONG_CITY, "step": two(short, short), "what": two(short, short)}
        return {
            "kind": kind, "kind_told": {"message": "Annual meeting", "params": {}},
            "first": first, "last": last, "fixed": first != "2017-01-01", "told": worded,
            "short": two(short, short), "details": [], "call": "call-2015" if kind == "window" else "",
            "within": two("Call 2015", "Appel 2015") if kind == "window" else None, "step": more.get("step_key", ""),
            "strong": kind == "meeting",
        }  # fmt: skip

    seats = [{"message": "%(city)s: co-opted", "params": {"city": city}} for city in (LONG_CITY, *SCRIPTS.values())]
    more = {
        "as_of": "2015-12-01T09:00:00Z",
        "first_year": 2015,
        "last_year": 2024,
        "years": [
            {"year": 2015, "entries": [
                entry("window", "2015-03-02", "2015-07-15", "%(call)s: %(step)s", "Filing", step_key="filing"),
                entry("window", "2015-09-01", "2015-11-30", "%(call)s: %(step)s", "Evaluation", step_key="evaluation"),
                entry("meeting", "2015-05-25", "2015-05-28", "Annual meeting no. %(edition)s, %(hosts)s", LONG_CITY),
                entry("mandates", "2015-05-28", "2016-09-16", "Mandates of the Steering Group: %(count)s", "1")
                | {"details": seats},
            ]},
            {"year": 2016, "entries": [entry("report", "2016-02-28", "2016-02-28", "Due: %(what)s", "Reports")]},
            {"year": 2017, "entries": [
                entry("meeting", "2017-01-01", "2017-12-31", "Annual meeting no. %(edition)s, %(hosts)s", "?"),
            ]},
        ],
    }  # fmt: skip
    return common("NETWORK_CALENDAR", "issue_calendar") | more


def conclusions_bilingual() -> dict[str, Any]:
    more = {
        "edition": 9,
        "year": 2015,
        "hosts": [network_city("Kanazawa", "JP"), network_city(LONG_CITY, "FR")],
        "starts_on": "2015-05-25",
        "ends_on": "2015-05-28",
        "languages": ["fr", "en"],
        "title": two("Conclusions of the ninth meeting", "Conclusions de la neuvième réunion"),
        "preamble": two(EN, FR),
        "clauses": [
            {"texts": two(EN, FR), "parts": []},
            {"texts": two("The members see to this:", "Les membres veillent à ceci :"), "parts": [two(EN, FR), two(EN, FR)]},
            {"texts": two(EN * 12, FR * 12), "parts": []},
        ],
        "sealed_at": "2015-05-28T10:00:00Z",
    }  # fmt: skip
    return common("CONCLUSIONS_BILINGUAL", "seal_conclusions") | more


def erratum() -> dict[str, Any]:
    more = {
        "edition": 9,
        "year": 2015,
        "hosts": [network_city("Kanazawa", "JP")],
        "starts_on": None,
        "ends_on": "2015-05-28",
        "number": 2,
        "title": said("Conclusions de la neuvième réunion", "fr"),
        "piece": {"kind": "clause", "name": "3a"},
        "reads": said("jusqu’à minuit", "fr"),
        "should_read": said("jusqu’à deux heures du matin", "fr"),
        "reason": said(EN, "en"),
        "issued_at": "2015-06-02T10:00:00Z",
        "sealed_at": "2015-05-28T10:00:00Z",
    }
    return common("ERRATUM", "issue_erratum") | more


RUBRIC = Rubric(
    streams=tuple(Stream(key, Wording(en, fr), w, 2) for key, en, fr, w in STREAMS),
    criteria=(), scale_minimum=1, scale_maximum=5, reason_min_words=0,
)  # fmt: skip


def follow_up() -> dict[str, Any]:
    def word(text: str) -> dict[str, Any]:
        return {"message": text, "params": {}}

    def launched(kind: str, status: str, day: str | None, **more: Any) -> dict[str, Any]:
        return {"kind": kind, "title": None, "year": 2016, "city": LONG_CITY, "status": status, "day": day} | more

    def clause(name: str, state: str, label: str, **more: Any) -> dict[str, Any]:
        usual = {
            "name": name, "level": 2 if name[-1].isalpha() else 1, "text": two(EN, FR),
            "owners": [word("Secretariat"), two(LONG_CITY, LONG_CITY)], "due_on": "2016-02-28", "late": False,
            "state": state, "state_label": word(label), "since": "2015-12-01T10:00:00Z", "by": two(LONG_CITY, LONG_CITY),
            "launched": [], "notes": [],
        }  # fmt: skip
        return usual | more

    cited = [
        {"kind": "DESIGNATION_LIST", "code": "7H2K9QW4ZD03", "url": None},
        {"kind": None, "code": None, "url": f"https://ville.example/{ENDLESS}"},
    ]
    notes = [
        {"text": said(EN, "en"), "by": word("Secretariat"), "written_at": "2015-12-01T10:00:00Z", "evidence": cited},
        {"text": said(SCRIPTS["ar"], "ar"), "by": two(LONG_CITY, LONG_CITY), "written_at": "2016-01-01T10:00:00Z",
         "evidence": []},
    ]  # fmt: skip
    things = [
        launched("call", "published on %(day)s", "2015-12-11", title=two("Call of 2015", "Appel de 2015")),
        launched("meeting", "the days are not fixed yet", None),
        launched("task", "was due on %(day)s", "2016-02-28"),
    ]
    states = (("To do", 1), ("Under way", 1), ("Carried out", 1), ("Dropped", 0))
    more = {
        "edition": 9,
        "year": 2015,
        "hosts": [network_city("Kanazawa", "JP")],
        "as_of": "2016-09-14T07:00:00Z",
        "total": 3,
        "settled": 1,
        "late": 1,
        "by_state": [{"label": word(label), "count": count} for label, count in states],
        "by_owner": [
            {"label": word("Secretariat"), "settled": 1, "pending": 1},
            {"label": word("Nobody yet"), "settled": 0, "pending": 1},
        ],
        "clauses": [
            clause("1", "open", "To do", owners=[], since=None, by=None, late=True),
            clause("2", "under_way", "Under way", since=None, by=None, due_on=None, notes=notes[1:]),
            clause("2a", "done", "Carried out", launched=things, notes=notes),
            clause("2b", "under_way", "Under way", by=word("Steering Group")),
        ],
    }
    return common("FOLLOW_UP", "issue_follow_up") | more


SAMPLES = {
    "DOSSIER": dossier,
    "RECEIPT": receipt,
    "RETURN_LETTER": return_letter,
    "INELIGIBILITY_NOTICE": ineligibility_notice,
    "SCREENING_NOTE": screening_note,
    "EVALUATION_SHEET": evaluation_sheet,
    "EVALUATION_REPORT": evaluation_report,
    "STEERING_OPINION": steering_opinion,
    "SESSION_PAPERS": session_papers,
    "SESSION_RECORD": session_record,
    "DESIGNATION_LETTER": designation_letter,
    "CERTIFICATE": certificate,
    "DECISION_LETTER": decision_letter,
    "WITHDRAWAL_NOTE": withdrawal_note,
    "CITY_REPLY": city_reply,
    "DESIGNATION_LIST": designation_list,
    "CALL_REPORT": call_report,
    "SLATE": slate,
    "CALL_TEXT": call_text,
    "BLANK_FORM": blank_form,
    "FIELD_SYNTHESIS": field_synthesis,
    "PACK": pack,
    "COMPLETE_DOSSIER": complete_dossier,
    "STEERING_COMPOSITION": steering_composition,
    "BALLOT_RESULT": ballot_result,
    "CO_OPTION": co_option,
    "CONCLUSIONS": conclusions,
    "AGENDA": agenda,
    "PARTICIPANTS": participants,
    "WORKSHOP_REPORT": workshop_report,
    "NETWORK_CALENDAR": network_calendar,
    "CONCLUSIONS_BILINGUAL": conclusions_bilingual,
    "ERRATUM": erratum,
    "FOLLOW_UP": follow_up,
}
