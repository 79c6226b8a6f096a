"""Our own style sheets, scripts and pictures: kept by browsers for a year, because their address changes with them."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

YEAR_S = 365 * 24 * 3600


def init_app(app: Flask) -> None:
    """Write into each address of a static file what its content is."""
    folder = Path(app.static_folder or "")

    @app.url_defaults
    def _version(endpoint: str, values: dict[str, Any]) -> None:
        path = folder / str(values.get("filename", ""))
        if endpoint == "static" and "v" not in values and path.is_file():
            values["v"] = _digest(path, path.stat().st_mtime_ns)

    @app.after_request
    def _keep(response: Response) -> Response:
        if request.endpoint == "static" and "v" in request.args and response.status_code < 400:
            response.headers["Cache-Control"] = f"public, max-age={YEAR_S}, immutable"
        if request.endpoint == "static" and response.status_code == 200:
            # Read whole, and the file closed: they are small, and what streams is left uncompressed.
            response.direct_passthrough = False
            content = response.get_data()
            response.close()
            response.set_data(content)
        return response


@lru_cache(maxsize=256)
def _digest(path: Path, changed_ns: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
