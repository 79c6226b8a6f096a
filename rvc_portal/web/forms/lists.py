"""What the filters of a list take from the address: each parameter one of the choices that there are."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _

from rvc_portal.domain.values import cleaned

LONGEST = 100


def asked_for(arguments: Mapping[str, str], name: str) -> str:
    """A parameter of the address, as it can be kept."""
    return cleaned(arguments.get(name, "")).strip()[:LONGEST]


def chosen_of(
    arguments: Mapping[str, str], known: Mapping[str, Mapping[str, Any]]
) -> tuple[dict[str, str], dict[str, Any], tuple[tuple[str, str], ...]]:
    """Parameters that each take one of a list: what was asked, what it stands for, and what no list knows."""
    asked = {name: value for name in known if (value := asked_for(arguments, name))}
    chosen = {name: known[name][value] for name, value in asked.items() if value in known[name]}
    wrong = [
        (name, _("The list has no such choice: %(value)s.", value=value))
        for name, value in asked.items() if name not in chosen
    ]  # fmt: skip
    return asked, chosen, tuple(wrong)


def same(values: Iterable[str]) -> dict[str, str]:
    """A list of choices that stand for themselves."""
    return {value: value for value in values}
