"""The mail that the demonstration kept instead of sending it: so that whoever tries the portal can follow its links,
first of all the one that confirms a new account."""

import re
from pathlib import Path

from flask import Blueprint, Response, current_app, g
from markupsafe import Markup, escape

from rvc_portal.domain.errors import NotFound
from rvc_portal.domain.vocabulary import Role
from rvc_portal.gateways import mail as gateway
from rvc_portal.web.access import newcomer
from rvc_portal.web.htmx import page
from rvc_portal.web.session import newcomer as newcomers_actor

bp = Blueprint("mail", __name__, url_prefix="/mail")

_URL = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")


@bp.get("")
@newcomer
def index() -> Response:
    """The latest messages: all of them for the Secretariat, and for everybody else those to their own address, the link
    that confirms it first of all."""
    return page("mailbox/index.html", mails=gateway.kept(_folder(), to=_only_to()), everybody=_only_to() is None)


@bp.get("/<name>")
@newcomer
def show(name: str) -> Response:
    """One message, its links to the portal itself ready to follow."""
    found, to = gateway.one_kept(_folder(), name), _only_to()
    if found is None or not (to is None or found.is_to(to)):
        raise NotFound
    return page("mailbox/show.html", mail=found, body=_linked(found.body))


def _only_to() -> str | None:
    """The address whose messages this person reads, None for those of everybody."""
    return None if newcomers_actor().has(Role.SECRETARIAT) else str(g.account.email)


def _folder() -> Path:
    """The folder of the kept mails. Raises NotFound outside of a demonstration: mails are their readers' alone."""
    settings = current_app.extensions["rvc"].settings
    if not settings.demonstration or settings.mail_folder is None:
        raise NotFound
    folder: Path = settings.mail_folder
    return folder


def _linked(body: str) -> Markup:
    """The text with the portal's own addresses as links; every other address stays text."""
    own = current_app.extensions["rvc"].settings.base_url + "/"
    parts, end = [], 0
    for match in _URL.finditer(body):
        parts.append(escape(body[end : match.start()]))
        url = match.group()
        path = "/" + url.removeprefix(own)
        parts.append(Markup('<a href="{}">{}</a>').format(path, url) if url.startswith(own) else escape(url))
        end = match.end()
    return Markup("").join([*parts, escape(body[end:])])
