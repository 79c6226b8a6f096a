"""What the page of a dossier's team shows: who belongs to it, who is invited, and what the person who looks may do."""

from typing import Any

from flask import g

from rvc_portal.domain.vocabulary import Role
from rvc_portal.models.base import db
from rvc_portal.models.dossier import Membership
from rvc_portal.queries import calls
from rvc_portal.queries import team as query
from rvc_portal.web import dossier_page, labels
from rvc_portal.web.forms.team import InviteForm, part_labels
from rvc_portal.web.session import actor, now

Context = dict[str, Any]


def page(form: InviteForm | None = None, **more: Any) -> Context:
    """The whole page. `form`: the invitation as it was sent, where something is wrong with it; `more`: what another form
    that was wrong adds (`errors`, `wrong_member`, `wrong_appoint`)."""
    told = calls.definition(g.dossier.call)
    words = part_labels(told)
    everybody = query.everybody(db.session(), g.dossier.id)
    present = [m for m in everybody if m.ended_at is None]
    lead = next(m for m in present if m.role == Role.LEAD)
    if form is None:
        form = InviteForm(formdata=None, data={"role": Role.EDITOR.value, "language": g.dossier.language})
        form.offer(told)
    return {
        **dossier_page.head(),
        "members": [_shown(m, words) for m in present],
        "former": [_shown(m, words) for m in everybody if m.ended_at is not None],
        "heirs": [(str(m.id), m.account.name) for m in present if m is not lead and m.account.active],
        "invitations": [
            {"row": i, "expired": i.expires_at <= now(), "role": labels.role(Role(i.role)),
             "parts": _named(i.sections, words)}
            for i in query.invitations(db.session(), g.dossier.id)
        ],
        "form": form,
        "is_lead": Role.LEAD in g.roles,
        "is_member": any(m.account_id == actor().account_id for m in present),
        "vacant": Role.SECRETARIAT in g.roles and not lead.account.active,
        "parts": list(words.items()),
        "errors": [],
        "wrong_member": None,
        "wrong_appoint": None,
    } | more  # fmt: skip


def _shown(member: Membership, words: dict[str, str]) -> Context:
    return {
        "row": member,
        "name": member.account.name,
        "email": member.account.email,
        "closed": not member.account.active,
        "role": labels.role(Role(member.role)),
        "leads": member.role == Role.LEAD,
        "parts": _named(member.sections, words),
        "me": member.account_id == actor().account_id,
    }


def _named(keys: list[Any], words: dict[str, str]) -> list[str]:
    return [words.get(key, str(key)) for key in keys]
