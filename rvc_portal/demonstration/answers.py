"""What a made-up city answers, every question at nearly its limit, always the same for the same chance."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from rvc_portal.demonstration import bank
from rvc_portal.demonstration.bank import Prose
from rvc_portal.demonstration.cities import CityFacts, prose
from rvc_portal.domain.answers import YES, Value, blank_row
from rvc_portal.domain.call import CallDefinition
from rvc_portal.domain.form import Question
from rvc_portal.domain.words import count_words

# Of one euro, roughly, so that budgets have the size that people know in their own money.
_MONEY = {"EUR": 1, "GBP": 1, "USD": 1, "CAD": 1, "UAH": 25, "UYU": 30, "RUB": 60, "IQD": 1300}
_FAMILY = ("Abadi", "Brandt", "Delcourt", "Evers", "Ferreira", "Halloran", "Ivanova", "Kask", "Lindström", "Moreau")
_FIRST = (
    ("f", "Irena"),
    ("m", "Tomas"),
    ("f", "Salma"),
    ("m", "André"),
    ("f", "Maria"),
    ("m", "Daniel"),
    ("f", "Agnès"),
)
_WOMEN = tuple(name for name in _FIRST if name[0] == "f")


def answers_for(
    definition: CallDefinition,
    city: CityFacts,
    rng: random.Random,
    field: str = "literature",
    signed_on: date | None = None,
) -> dict[str, Value]:
    """A value for every question of the call's form, complete and within every limit, in the city's language.

    The form must ask the questions of the 2015 call; a question that the bank does not know is answered by the set
    phrase. `signed_on` is the day of the mayor's signature, by default a fortnight before the filing closes.
    Deterministic: the same city and the same state of `rng` give the same answers.
    """
    signed_on = signed_on or definition.filing.closes_at.date() - timedelta(days=14)
    writer = _Writer(definition, city, prose(city, rng), field, signed_on)
    return {question.key: writer.answer(question) for question in definition.form.questions()}


class _Writer:
    def __init__(self, definition: CallDefinition, city: CityFacts, voice: Prose, field: str, signed_on: date) -> None:
        self.definition, self.city, self.voice, self.field = definition, city, voice, field
        self.signed_on = signed_on
        self.rng = voice.rng
        self.bank: dict[str, Any] = bank.load(f"answers-{city.language}")
        self.families = self.rng.sample(_FAMILY, len(_FAMILY))

    def answer(self, question: Question) -> Value:
        special: dict[str, Callable[[Question], Value]] = {
            "city_name": lambda _: self.city.city + self.voice.slots["local_aside"],
            "country": lambda _: self.city.country_iso2,
            "creative_field": lambda _: self.field,
            "mayor": self.mayor,
            "prep_partners": self.partners,
            "field_economy": self.economy,
            "culture_budget": self.culture_budget,
            "plan_budget": self.plan_budget,
            "local_initiatives": self.initiatives,
            "international_initiatives": self.initiatives,
            "city_intro": self.introduction,
        }
        if question.key in special:
            return special[question.key](question)
        by_type: dict[str, Callable[[Question], Value]] = {
            "group": self.contact,
            "links": self.links,
            "choice": self.choice,
            "declaration": lambda _: YES,
            "signature": self.signature,
        }
        return by_type.get(question.type, self.text)(question)

    # -- texts

    def text(self, question: Question) -> str:
        known = self.bank["texts"].get(question.key)
        if known is None:
            return self.definition.form.nothing_relevant.of(self.city.language)
        return self.voice.paragraphs(known["openings"], known["sentences"], question.word_limit or 150)

    def introduction(self, question: Question) -> str:
        """The one place where the file says in its own words that it is made up."""
        confession = self.voice.say(self.bank["nothing_true"])
        known = self.bank["texts"][question.key]
        room = (question.word_limit or 200) - count_words(confession)
        return self.voice.paragraphs(known["openings"], known["sentences"], room) + "\n\n" + confession

    def initiatives(self, question: Question) -> list[dict[str, Value]]:
        chosen = self.rng.sample(self.bank[question.key], question.max_items or 3)
        return [self.initiative(question, plan) for plan in chosen]

    def initiative(self, question: Question, plan: dict[str, Any]) -> dict[str, Value]:
        partners = "partners" if "partners" in plan else "partner_cities"
        row: dict[str, Value] = {
            "title": self.voice.sentence(plan["title"]),
            "objectives_served": list(plan["objectives"]),
            partners: self.voice.sentence(plan[partners]),
            "calendar": self.voice.sentence(plan["calendar"]),
            "budget": self.money(self.rng.randrange(120, 480, 10) * 1000),
            "expected_results": self.voice.sentence(plan["results"]),
        }
        used = sum(count_words(text) for text in row.values() if isinstance(text, str))
        sentences = [*plan["sentences"], *self.rng.sample(self.bank["fillers"], 4)]
        row["description"] = self.voice.paragraphs(sentences[:1], sentences[1:], (question.word_limit or 250) - used)
        return {part.key: row[part.key] for part in question.parts}

    def choice(self, question: Question) -> str:
        """Not left to chance: a question more must not change what the city answers to the others."""
        return question.choices[self.city.hundreds % len(question.choices)].key

    # -- persons

    def mayor(self, question: Question) -> dict[str, Value]:
        city = self.city
        return blank_row(question) | {
            "title": self.bank["titles"][city.mayor_gender],
            "family_name": city.mayor_family_name,
            "first_name": city.mayor_first_name,
            **self.reach("mayor"),
        }

    def contact(self, question: Question) -> dict[str, Value]:
        role = question.key.removeprefix("mayor_").removesuffix("_contact")
        # The sentences about the deputy mayor and the director speak of women.
        gender, first = self.rng.choice(_FIRST if role == "alternate" else _WOMEN)
        return blank_row(question) | {
            "title": self.bank["titles"][gender],
            "family_name": self.families.pop(),
            "first_name": first,
            "institution_function": self.voice.sentence(self.bank["functions"][role]),
            "institution_status": "municipal",
            **self.reach(role),
            "other": self.rng.choice(self.bank["other"]),
        }

    def reach(self, role: str) -> dict[str, str]:
        city = self.city
        comma = ", " if city.language == "fr" else " "
        number, code = self.rng.randint(2, 90), self.rng.randint(10000, 99999)
        return {
            "address": f"{number}{comma}{city.street}\n{code} {city.city}",
            "phone": f"{city.phone} {self.rng.randint(100, 999)} {self.rng.randint(10, 99)} {self.rng.randint(10, 99)}",
            "email": f"{role}@{city.slug}.example",
        }

    def signature(self, question: Question) -> dict[str, Value]:
        city = self.city
        function = self.voice.say(self.bank["functions"]["mayor"])
        day = self.signed_on.isoformat()
        name = f"{city.mayor_first_name} {city.mayor_family_name}"
        return blank_row(question) | {"name": name, "function": function, "place": city.city, "date": day}

    # -- tables

    def partners(self, question: Question) -> list[dict[str, Value]]:
        rows = [
            {
                "partner": self.voice.sentence(entry["name"]),
                "sector": entry["sector"],
                "role": self.voice.sentence(entry["role"]),
            }
            for entry in self.bank["partner_roles"]
        ]
        while sum(count_words(f"{row['partner']} {row['role']}") for row in rows) > (question.word_limit or 150):
            rows.pop()
        return rows

    def economy(self, question: Question) -> dict[str, Value]:
        known = self.bank["texts"][question.key]
        limit = question.part("account").word_limit or 150
        jobs = self.city.hundreds * self.rng.randint(35, 60) // 100
        return {
            "account": self.voice.paragraphs(known["openings"], known["sentences"], limit),
            "jobs": str(jobs),
            "firms": str(max(18, jobs // self.rng.randint(5, 8))),
            "share_pct": str(Decimal(self.rng.randint(12, 24)) / 10),
        }

    def culture_budget(self, question: Question) -> list[dict[str, Value]]:
        last = (question.part("year").maximum or 2015) - 1
        years = range(last - (question.max_items or 5) + 1, last + 1)
        whole = self.local(self.city.hundreds * 100 * 1400)
        culture, field = self.rng.randint(55, 85), self.rng.randint(80, 140)
        rows = []
        for year in years:
            whole = whole * self.rng.randint(1005, 1040) // 1000
            total = _rounded(whole)
            share = _rounded(total * culture // 1000)
            amounts = {"total_budget": total, "culture_budget": share, "field_budget": _rounded(share * field // 1000)}
            row = {"year": str(year), "currency": self.city.currency}
            rows.append(row | {key: str(amount) for key, amount in amounts.items()})
        return rows

    def plan_budget(self, question: Question) -> list[dict[str, Value]]:
        sources = self.bank["sources"]
        certainty = ("secured", "requested", "planned", "planned")
        shares = (50, 25, 15, 10)
        total = self.local(self.rng.randrange(420, 780, 20) * 1000)
        abroad = self.rng.randrange(35, 55, 5)
        rows = []
        first = (question.part("year").minimum or 2015) + 1
        for year in range(first, first + 4):
            for source, share, secured in zip(sources, shares, certainty, strict=True):
                rows.append(
                    {
                        "year": str(year),
                        "currency": self.city.currency,
                        "total": str(total),
                        "local_share_pct": str(100 - abroad),
                        "international_share_pct": str(abroad),
                        "source": source,
                        "amount": str(total * share // 100),
                        "secured": "secured" if year == first else secured,
                    }
                )
            total = _rounded(total * 103 // 100)
            abroad += 1
        return rows[: question.max_items or len(rows)]

    def links(self, question: Question) -> list[str]:
        base = f"{self.city.slug}.example"
        links = [f"https://www.{base}/", f"https://books.{base}/", f"https://{base}/plan", f"https://{base}/festival"]
        return links[: question.max_items or 4]

    # -- money

    def local(self, euros: int) -> int:
        return euros * _MONEY.get(self.city.currency, 1)

    def money(self, euros: int) -> str:
        amount, currency = self.voice.number(self.local(euros)), self.city.currency
        return f"{amount}\u00a0{currency}" if self.city.language == "fr" else f"{currency}\u00a0{amount}"


def _rounded(amount: int) -> int:
    """To three significant figures, as budgets are told."""
    step = Decimal(10) ** max(0, len(str(amount)) - 3)
    return int((Decimal(amount) / step).quantize(Decimal(1), ROUND_HALF_EVEN) * step)
