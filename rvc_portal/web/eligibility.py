"""The answers to what a call asks first, on their way: by the address from page to page, by the form into the service."""

from collections.abc import Mapping
from typing import Any

from flask import url_for

from rvc_portal.domain import eligibility
from rvc_portal.domain.call import CallDefinition
from rvc_portal.models.call import Call


def field_name(key: str) -> str:
    """The name of a question in an address or a form."""
    return f"asked-{key}"


def answers_in(told: CallDefinition, sent: Mapping[str, str]) -> dict[str, str]:
    """The answers that were sent along, by the keys of the questions."""
    return eligibility.given(told.eligibility, {a.key: sent.get(field_name(a.key), "") for a in told.eligibility})


def page_url(endpoint: str, call: Call, answers: Mapping[str, str]) -> str:
    """A page of the call's, with the answers."""
    query: dict[str, Any] = {field_name(key): answer for key, answer in answers.items()}
    return url_for(endpoint, key=call.key, **query)
