"""People: their accounts, the roles granted to them, and how they signed in."""

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

import sqlalchemy as sa
from flask_security.core import UserMixin
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rvc_portal.models.base import Base, new_id

if TYPE_CHECKING:
    from rvc_portal.models.seat import SeatHolder


class Account(UserMixin, Base):
    """A person. The journal and every record of an act know them by id alone, so that a name can be erased."""

    __tablename__ = "account"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    language: Mapped[str] = mapped_column(sa.String(8), default="en")
    password: Mapped[str | None] = mapped_column(sa.String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    grants: Mapped[list["RoleGrant"]] = relationship(back_populates="account", order_by="RoleGrant.role")
    seats_held: Mapped[list["SeatHolder"]] = relationship(back_populates="account")

    roles: ClassVar[
        tuple[()]
    ] = ()  # the sign-in library's own notion, unused: rights come from grants, seats and parties


class RoleGrant(Base):
    """A role that a person holds within a scope; an empty column of the scope means everywhere."""

    __tablename__ = "role_grant"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"), index=True)
    role: Mapped[str] = mapped_column(sa.String(20))
    call_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("call.id"))
    field: Mapped[str | None] = mapped_column(sa.String(40))
    country: Mapped[str | None] = mapped_column(sa.String(2))
    city: Mapped[str | None] = mapped_column(sa.String(200))
    from_at: Mapped[datetime]
    until_at: Mapped[datetime | None]
    account: Mapped[Account] = relationship(back_populates="grants")


class SignInAttempt(Base):
    """A failed sign-in, counted per account and per address by every worker alike. Keys are hashes, not addresses."""

    __tablename__ = "sign_in_attempt"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime]
    __table_args__ = (sa.Index(None, "key", "at"),)


class SignInSession(Base):
    """One signed-in browser; ending it here ends it everywhere, whatever cookie is still about. `completed_at`: when its
    person was let in, None while the code is awaited that follows the password; `second_factor_at`: when they last showed
    the second factor before an act."""

    __tablename__ = "sign_in_session"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"), index=True)
    started_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    second_factor_at: Mapped[datetime | None]
