"""One page, two answers: the whole page for a browser, the named blocks of the same template for htmx.

A part of a page that changes is a block whose root element has an id and writes `{{ oob }}` among its attributes::

    {% block part_state %}<section id="part-state"{{ oob }}>…</section>{% endblock %}

`oob` is empty in a whole page and in the block that htmx asked for (`block=`); in the further `blocks=` it is
`data-hx-swap-oob="true"`, so that htmx puts each in its place by id. A form that is answered by `blocks=` alone says
`data-hx-swap="none"`, or htmx would empty its target. Blocks are rendered without the top of their page: what they use
comes from the context, from globals (`ui`, `_`, `may`) or from a `set` of their own.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request
from jinja2_fragments.flask import render_blocks
from markupsafe import Markup

SWAP = Markup(' data-hx-swap-oob="true"')

Context = Mapping[str, Any]


def is_htmx() -> bool:
    """Whether htmx asks for parts: not a boosted link and not a page that it restores from the history."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def page(
    template: str, block: str | None = None, *, blocks: Sequence[str] = (), status: int = 200, **context: Any
) -> Response:
    """The whole `template`, or for htmx its `block` (the element asked for) and `blocks` (others, by their ids)."""
    if is_htmx() and (block or blocks):
        return _parts(template, block, blocks, status, context)
    return make_response(render_template(template, **context), status)


def done(
    url: str,
    template: str | None = None,
    block: str | None = None,
    *,
    blocks: Sequence[str] = (),
    context: Context | Callable[[], Context] | None = None,
    message: str | None = None,
) -> Response:
    """What follows a successful act: a browser goes on to `url` (303); htmx gets the changed parts of `template`, or
    goes to `url` as well where no part is named. `context` may be a function, called only when parts are rendered.
    `message`, already translated, is shown at the top of what comes next.
    """
    if message:
        flash(message, "success")
    if not is_htmx():
        return make_response(redirect(url, 303))
    if template is None or not (block or blocks):
        return leave_for(url)
    found = context() if callable(context) else context or {}
    response = _parts(template, block, blocks, 200, dict(found))
    response.set_data(response.get_data(as_text=True) + render_template("flash.html", oob=SWAP))
    return response


def form_error(
    template: str,
    block: str | None = None,
    *,
    blocks: Sequence[str] = (),
    target: str | None = None,
    status: int = 422,
    **context: Any,
) -> Response:
    """The form again, with what was typed and what is wrong with it: 422. htmx puts `block` into the element that the
    form names as its target, or replaces the element `target` (a CSS selector) whatever the form says; the further
    `blocks` go to their places by id."""
    response = page(template, block, blocks=blocks, status=status, **context)
    return put_into(response, target, "outerHTML") if target else response


def put_into(response: Response, target: str, swap: str = "innerHTML") -> Response:
    """Send an answer for htmx to the element `target` (a CSS selector) instead of the one that was asked for."""
    if is_htmx():
        response.headers["HX-Retarget"] = target
        response.headers["HX-Reswap"] = swap
    return response


def ask_no_more() -> Response:
    """Make an element of htmx that asks again and again stop, and leave it as it is."""
    response = make_response("", 286)
    response.headers["HX-Reswap"] = "none"
    return response


def leave_for(url: str, status: int = 200) -> Response:
    """Make htmx leave the page for `url`, as a browser would."""
    response = make_response("", status)
    response.headers["HX-Redirect"] = url
    return response


def _parts(template: str, block: str | None, blocks: Sequence[str], status: int, context: dict[str, Any]) -> Response:
    asked = render_blocks(template, [block], **{**context, "oob": ""}) if block else ""
    others = render_blocks(template, list(blocks), **{**context, "oob": SWAP}) if blocks else ""
    return make_response(asked + others, status)
