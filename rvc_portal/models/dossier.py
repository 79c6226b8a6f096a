"""A dossier: one file in one call, its parties, its people, what they wrote and uploaded, and what was filed."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rvc_portal.models.account import Account
from rvc_portal.models.base import Base, Json, new_id
from rvc_portal.models.call import Call


def one_row(name: str, columns: str, where: str) -> sa.Index:
    """An index that lets no second row of the kind in."""
    condition = sa.text(where)
    return sa.Index(name, *columns.split(", "), unique=True, sqlite_where=condition, postgresql_where=condition)


class Dossier(Base):
    """`state` is written by `services.transitions.fire` alone. Means and counts are kept for lists, recomputed from
    the sheets whenever one closes."""

    __tablename__ = "dossier"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    call_id: Mapped[UUID] = mapped_column(sa.ForeignKey("call.id"))
    procedure: Mapped[str] = mapped_column(sa.String(40))
    reference: Mapped[str] = mapped_column(sa.String(40), unique=True)
    state: Mapped[str] = mapped_column(sa.String(30))
    field: Mapped[str | None] = mapped_column(sa.String(40))
    language: Mapped[str] = mapped_column(sa.String(8))
    lead_city: Mapped[str] = mapped_column(sa.String(200))  # copied from the lead party: what every list shows
    lead_country: Mapped[str | None] = mapped_column(sa.String(2))
    created_at: Mapped[datetime]
    state_since_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    extended_until_at: Mapped[datetime | None]  # a closing instant for this file alone
    correct_until_at: Mapped[datetime | None]
    questions_named: Mapped[list[Any]] = mapped_column(default=list)
    version: Mapped[int] = mapped_column(default=1)
    closed_sheets: Mapped[int] = mapped_column(default=0)
    mean_overall: Mapped[float | None]
    mean_experts: Mapped[float | None]
    mean_members: Mapped[float | None]
    spread: Mapped[float | None]
    call: Mapped[Call] = relationship()
    parties: Mapped[list["Party"]] = relationship(back_populates="dossier", order_by="Party.position")
    memberships: Mapped[list["Membership"]] = relationship(back_populates="dossier", order_by="Membership.since_at")
    __table_args__ = (
        sa.Index(None, "call_id", "state"),
        sa.Index(None, "call_id", "mean_overall"),
        sa.Index(None, "call_id", "lead_city"),
        # The board's: what it counts stands in the first, its orders are the others, read from either end.
        sa.Index("ix_dossier_counts", "state", "procedure", "mean_overall", "id"),
        sa.Index("ix_dossier_by_mean", "mean_overall", "id"),
        sa.Index("ix_dossier_by_city", "lead_city", "id"),
        sa.Index("ix_dossier_by_submission", "submitted_at", "id"),
    )


class Party(Base):
    """A city of the dossier: the lead (position 0) or a partner."""

    __tablename__ = "party"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    dossier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dossier.id"), index=True)
    position: Mapped[int]
    role: Mapped[str] = mapped_column(sa.String(20))
    city: Mapped[str] = mapped_column(sa.String(200))
    city_local: Mapped[str | None] = mapped_column(sa.String(200))
    local_language: Mapped[str | None] = mapped_column(sa.String(12))
    country: Mapped[str | None] = mapped_column(sa.String(2))
    dossier: Mapped[Dossier] = relationship(back_populates="parties")


class Membership(Base):
    """A person of the city's team in the dossier: lead, editor or reader. `sections`: keys of the parts of the file that
    an editor may change (domain.team); none named: all. The database itself knows no second lead."""

    __tablename__ = "membership"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    dossier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dossier.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"), index=True)
    role: Mapped[str] = mapped_column(sa.String(20))
    sections: Mapped[list[Any]] = mapped_column(default=list)
    since_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    dossier: Mapped[Dossier] = relationship(back_populates="memberships")
    account: Mapped[Account] = relationship()
    __table_args__ = (
        one_row("ix_membership_one_lead", "dossier_id", "ended_at IS NULL AND role = 'lead'"),
        one_row("ix_membership_once", "dossier_id, account_id", "ended_at IS NULL"),
    )


class Invitation(Base):
    """Somebody asked by mail to join a dossier's team. The code of the mail's link is kept as its hash alone; sent
    again, it is another code."""

    __tablename__ = "invitation"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    dossier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dossier.id"), index=True)
    email: Mapped[str] = mapped_column(sa.String(254))
    name: Mapped[str] = mapped_column(sa.String(200))
    role: Mapped[str] = mapped_column(sa.String(20))
    sections: Mapped[list[Any]] = mapped_column(default=list)
    language: Mapped[str] = mapped_column(sa.String(8))
    code_sha256: Mapped[str] = mapped_column(sa.String(64), unique=True)
    asked_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    sent_at: Mapped[datetime]  # of the latest mail
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    revoked_at: Mapped[datetime | None]
    dossier: Mapped[Dossier] = relationship()
    asker: Mapped[Account] = relationship(foreign_keys=asked_by)


class Answer(Base):
    """What the city wrote to one question: a JSON value in the shape its type gives (see domain.answers).

    `tab` and `tab_seq`: which open page of a browser wrote it, and the how-manieth of its saves that was (domain.saving).
    """

    __tablename__ = "answer"
    dossier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dossier.id"), primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    value: Mapped[Any] = mapped_column(Json)
    revision: Mapped[int] = mapped_column(default=1)
    author_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    at: Mapped[datetime]
    tab: Mapped[str | None] = mapped_column(sa.String(36))
    tab_seq: Mapped[int] = mapped_column(default=0)


class Presence(Base):
    """Who is at work on which section of a dossier, as their page said last."""

    __tablename__ = "presence"
    dossier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dossier.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"), primary_key=True)
    section: Mapped[str] = mapped_column(sa.String(80))
    at: Mapped[datetime]


class Attachment(Base):
    """An uploaded file for one piece; replaced, never overwritten. The bytes stand in storage under their hash."""

    __tablename__ = "attachment"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    dossier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dossier.id"))
    piece: Mapped[str] = mapped_column(sa.String(80))
    name: Mapped[str] = mapped_column(sa.String(255))
    content_type: Mapped[str] = mapped_column(sa.String(80))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)  # pages of a PDF, pixels of a photo
    preview_sha256: Mapped[str | None] = mapped_column(sa.String(64))  # a small JPEG of it, once a worker has made one
    author_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    __table_args__ = (sa.Index(None, "dossier_id", "piece"),)


class Filing(Base):
    """The frozen content at one submission: canonical JSON (RFC 8785) and its SHA-256."""

    __tablename__ = "filing"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    dossier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dossier.id"))
    number: Mapped[int]
    content: Mapped[str] = mapped_column(sa.Text)
    sha256: Mapped[str] = mapped_column(sa.String(64), index=True)
    received_at: Mapped[datetime]
    filed_at: Mapped[datetime]
    author_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    __table_args__ = (sa.UniqueConstraint("dossier_id", "number"),)


class SignOff(Base):
    """Somebody's word on the file: asked for by mail, given or refused on a page that the mail's code opens. `kind`: the
    key of one of the call's sign-offs (the mayor's, the National Commission's)."""

    __tablename__ = "sign_off"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    dossier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dossier.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(40), default="mayor")
    name: Mapped[str] = mapped_column(sa.String(200))
    email: Mapped[str] = mapped_column(sa.String(254))
    code_sha256: Mapped[str] = mapped_column(sa.String(64), unique=True)
    asked_at: Mapped[datetime]
    asked_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    content_sha256: Mapped[str | None] = mapped_column(sa.String(64))  # of the content that was signed off
    answered_at: Mapped[datetime | None]
    given: Mapped[bool | None]
    reason: Mapped[str | None] = mapped_column(sa.Text)
