"""A long answer that a browser can take up again where its line broke: Range, If-Range and ETag, after RFC 9110 §13–14."""

from collections.abc import Callable, Iterator

from flask import Response, make_response, request

Stream = Callable[[int, int], Iterator[bytes]]
"""The bytes from the first place up to, not including, the second."""


def answer(length: int, stream: Stream, *, etag: str, media_type: str) -> Response:
    """200 with the whole, 206 with the one range that was asked for, 304 where the browser has it, 416 where the range lies
    behind the end. Several ranges at once are answered by the whole, and so is a range of another version."""
    quoted = f'"{etag}"'
    if etag in request.if_none_match:
        return _marked(make_response("", 304), quoted)
    asked = request.range if request.headers.get("If-Range", quoted) == quoted else None
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return _marked(_sent(stream, 0, length, media_type), quoted)
    found = asked.range_for_length(length)
    if found is None:
        response = make_response("", 416)
        response.headers["Content-Range"] = f"bytes */{length}"
        return _marked(response, quoted)
    start, end = found
    response = _sent(stream, start, end, media_type)
    response.status_code = 206
    response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{length}"
    return _marked(response, quoted)


def _sent(stream: Stream, start: int, end: int, media_type: str) -> Response:
    response = Response(stream(start, end), mimetype=media_type)
    response.headers["Content-Length"] = str(end - start)
    return response


def _marked(response: Response, quoted: str) -> Response:
    response.headers["ETag"] = quoted
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = "private, no-cache"
    return response
