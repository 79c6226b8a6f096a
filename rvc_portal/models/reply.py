"""The city's answer: what it is shown of its evaluation to check facts, what it writes on that, and the answer as sent."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from rvc_portal.models.base import Base, new_id


class Passage(Base):
    """A passage that the Secretariat has chosen for the city to check, in its words; it can be changed until the answers of
    the call are opened. `answer`: what the city writes on it, a draft until the answer is sent."""

    __tablename__ = "passage"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    dossier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dossier.id"), index=True)
    number: Mapped[int]
    text: Mapped[str] = mapped_column(sa.Text)
    by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(sa.Text, default="")
    answered_at: Mapped[datetime | None]


class CityReply(Base):
    """The answer as it was sent: canonical JSON (RFC 8785) of passages and answers, and its hash. There is one at most."""

    __tablename__ = "city_reply"
    dossier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dossier.id"), primary_key=True)
    content: Mapped[str] = mapped_column(sa.Text)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    received_at: Mapped[datetime]
    sent_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
