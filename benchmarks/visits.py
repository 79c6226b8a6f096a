"""Asking an application in this process as a signed-in person: what a worker of the web server would spend, without HTTP."""

import contextlib
import io
import time
from collections.abc import Callable

from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import create_environ

from rvc_portal.web.session import SEEN, SIGN_IN


def cookie(app: Flask, sign_in: str, **more: object) -> str:
    """The Cookie header of a browser that signed in with this session (hexadecimal); `more` of what the sign-in library keeps
    in it: without, it is written anew with every answer."""
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    kept = {SIGN_IN: sign_in, SEEN: int(time.time()), "csrf_token": "benchmark", **more}
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


def ask(
    app: Flask, path: str, sent: str, body: bytes | None = None, encodings: str = "", tag: str = ""
) -> tuple[str, bytes]:
    """Status and body of the page, or of a form sent to it as a script would; `tag`: what the asker has of it already."""
    headers = {"Cookie": sent, "HX-Request": "true"} if body else {"Cookie": sent}
    if tag:
        headers["If-None-Match"] = tag
    if encodings:
        headers["Accept-Encoding"] = encodings
    environ = create_environ(
        path, method="POST" if body else "GET", headers=headers, input_stream=io.BytesIO(body or b""),
        content_type="application/x-www-form-urlencoded" if body else None,
    )  # fmt: skip
    said: list[str] = []
    answer = app.wsgi_app(environ, lambda status, headers, _=None: said.append(status))
    found = b"".join(answer)
    with contextlib.suppress(AttributeError):
        answer.close()  # type: ignore[attr-defined]
    return said[0], found
