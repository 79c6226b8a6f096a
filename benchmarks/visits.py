"""Asking an application in this process as a signed-in person: what a worker of the web server would spend, without HTTP."""

import io
import time
from collections.abc import Callable

from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import create_environ

from rvc_portal.web.session import SEEN, SIGN_IN


def cookie(app: Flask, sign_in: str) -> str:
    """The Cookie header of a browser that signed in with this session (hexadecimal)."""
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    kept = {SIGN_IN: sign_in, SEEN: int(time.time()), "csrf_token": "benchmark"}
    return f"{app.config['SESSION_COOKIE_NAME']}={serializer.dumps(kept)}"


def token(app: Flask) -> str:
    """What a form of that browser sends as `csrf_token`."""
    return str(URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token").dumps("benchmark"))


def visitor(app: Flask, sign_in: str, path: str) -> Callable[[], bytes]:
    """A function that opens the page. It raises RuntimeError unless the answer is 200."""
    sent = cookie(app, sign_in)

    def visit() -> bytes:
        environ = create_environ(path, headers={"Cookie": sent}, input_stream=io.BytesIO())
        said: list[str] = []
        answer = app.wsgi_app(environ, lambda status, headers, _=None: said.append(status))
        body = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        if not said[0].startswith("200"):
            raise RuntimeError(f"{path} answers {said[0]}")
        return body

    return visit
