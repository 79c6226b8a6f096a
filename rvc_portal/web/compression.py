"""Answers made small for poor lines: pages, styles and scripts by brotli or gzip; what is small already goes as it is."""

from flask import Flask
from flask_compress import Compress

SMALLEST_BYTES = 1000
BROTLI_LEVEL = 4
"""From here on a page costs more milliseconds than its bytes save on any line that needs them saved."""


def init_app(app: Flask) -> None:
    """Compress what the browser can read compressed. PDFs, pictures and ZIPs are compressed in themselves."""
    app.config |= {
        "COMPRESS_ALGORITHM": ["br", "gzip"],
        "COMPRESS_MIMETYPES": ["text/html", "text/css", "text/javascript", "application/json", "image/svg+xml"],
        "COMPRESS_STREAMS": False,
        "COMPRESS_MIN_SIZE": SMALLEST_BYTES,
        "COMPRESS_BR_LEVEL": BROTLI_LEVEL,
    }
    Compress(app)
