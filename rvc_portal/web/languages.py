"""The reader's language: the account's, else the one chosen in this browser, else what the browser asks for."""

from flask import Flask, g, has_request_context, request, session
from flask_babel import Babel

from rvc_portal.language import LANGUAGES, SOURCE
from rvc_portal.settings import TRANSLATIONS
from rvc_portal.web.session import LANGUAGE


def init_app(app: Flask) -> Babel:
    """Translate pages by our catalogues; instants are put into their zones one by one, never by a default."""
    app.config |= {"BABEL_DEFAULT_LOCALE": SOURCE, "BABEL_DEFAULT_TIMEZONE": "UTC"}
    return Babel(app, locale_selector=choose, default_translation_directories=str(TRANSLATIONS))


def choose() -> str:
    """The language of this request's page."""
    if not has_request_context():
        return SOURCE
    account = g.get("account") or g.get("halfway")
    wanted = account.language if account is not None else session.get(LANGUAGE)
    if wanted in LANGUAGES:
        return str(wanted)
    return request.accept_languages.best_match(LANGUAGES) or SOURCE
