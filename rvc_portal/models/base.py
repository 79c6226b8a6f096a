"""The database handle, the column types that both engines share, and where ids come from."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Session


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware instant, kept in UTC; SQLite has no zones, so they are put on again when read."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = sa.JSON().with_variant(JSONB(), "postgresql")
FrozenJson = sa.JSON()
"""JSON kept as it was written (key order, numbers); for what must print or hash the same later."""

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: Instant, UUID: sa.Uuid, dict[str, Any]: Json, list[Any]: Json}


def in_force(term: Any, at: Any) -> sa.ColumnElement[bool]:
    """Rows of a model with a term (`from_at`, `until_at`) that has begun and not ended at the instant, which may be a bound
    parameter."""
    return sa.and_(term.from_at <= at, sa.or_(term.until_at.is_(None), term.until_at > at))


if TYPE_CHECKING:

    class ScopedSession(Session):
        """What `db.session` is to its users: the session of this context, which a call hands out as itself."""

        def __call__(self) -> Session: ...


class Database(SQLAlchemy):
    """The handle; typed so that services, which take a plain `Session`, can be given `db.session`."""

    session: "ScopedSession"  # type: ignore[assignment]


db = Database(metadata=Base.metadata)
migrate = Migrate()

_source: ContextVar[Random | None] = ContextVar("id_source", default=None)


def new_id() -> UUID:
    """A random id (UUID version 4); within `seeded_ids` the next one of that seed."""
    source = _source.get()
    bits = source.getrandbits(128) if source else secrets.randbits(128)
    return UUID(int=bits, version=4)


def new_code() -> str:
    """A secret for a link in a mail: 32 hexadecimal digits."""
    source = _source.get()
    return f"{source.getrandbits(128):032x}" if source else secrets.token_hex(16)


@contextmanager
def seeded_ids(seed: int) -> Iterator[None]:
    """Ids and codes that come from `seed`, for a replay that gives the same result each time."""
    token = _source.set(Random(seed))
    try:
        yield
    finally:
        _source.reset(token)
