"""Reads of what documents are made of."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.models.document import Document


def context_of(session: Session) -> sa.ColumnElement[Any]:
    """A document's context in a query, NULL where a hand wrote there what is no JSON (PostgreSQL would not take it)."""
    if session.get_bind().dialect.name != "sqlite":
        return sa.type_coerce(Document.context, sa.JSON)
    return sa.type_coerce(sa.case((sa.func.json_valid(Document.context) == 1, Document.context)), sa.JSON)
