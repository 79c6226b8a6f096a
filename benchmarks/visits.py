"""Asking an application in this process as a signed-in person: what a worker of the web server would spend, without HTTP."""

import io
import time
from collections.abc import Callable, Mapping
from uuid import UUID

from flask import Flask
from werkzeug.test import create_environ

from rvc_portal.web.session import SEEN, SIGN_IN


def cookie(app: Flask, sign_in: UUID) -> str:
    """The Cookie header of a browser that signed in with this session."""
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return f"{app.config['SESSION_COOKIE_NAME']}={serializer.dumps({SIGN_IN: sign_in.hex, SEEN: int(time.time())})}"


def visitor(app: Flask, sign_in: UUID, path: str, form: Mapping[str, str] | None = None) -> Callable[[], bytes]:
    """A function that opens the page, or sends the form. It raises RuntimeError unless the answer is a success."""
    sent = cookie(app, sign_in)

    def visit() -> bytes:
        environ = create_environ(
            path, method="POST" if form else "GET", data=form, headers={"Cookie": sent},
            input_stream=None if form else io.BytesIO(),
        )  # fmt: skip
        said: list[str] = []
        answer = app.wsgi_app(environ, lambda status, headers, _=None: said.append(status))
        body = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        if said[0][:3] not in ("200", "303"):
            raise RuntimeError(f"{path} answers {said[0]}")
        return body

    return visit
