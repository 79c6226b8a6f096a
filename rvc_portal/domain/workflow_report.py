"""A procedure told to people: its table, the rights by state and role, and a diagram. `docs/workflow.md` is made of it."""

from collections.abc import Iterator
from html import escape

from rvc_portal.domain.vocabulary import Permission, Role
from rvc_portal.domain.workflow import Procedure, Transition

_SHOWN = (Role.LEAD, Role.EDITOR, Role.READER, Role.SECRETARIAT, Role.EVALUATOR, Role.STEERING, Role.DIRECTION)


def files(procedure: Procedure) -> dict[str, str]:
    """The report as it is kept: the text, which links to the picture, and the picture; by file name."""
    picture = f"workflow-{procedure.key}.svg"
    return {"workflow.md": markdown(procedure, picture), picture: svg(procedure) + "\n"}


def markdown(procedure: Procedure, diagram: str | None = None) -> str:
    """The whole report as Markdown; `diagram` is a path to link the picture by, else the SVG stands in the text."""
    picture = f"![{procedure.label}]({diagram})" if diagram else svg(procedure)
    parts = [
        f"# {procedure.label}: the workflow",
        "Made by `rvc workflow --write docs` from the procedure's table; a test fails when it is stale. Do not edit by hand.",
        picture,
        "## Transitions",
        _table(
            ["transition", "from", "to", "by", "only if", "issues"],
            [_row(procedure, t) for t in procedure.transitions.values()],
        ),
        "An act without a target leaves the state as it is. A reason is asked for where *reason* stands.",
        "## What a role may do in a state",
        _table(["state", *(str(r) for r in _SHOWN)], list(_rights(procedure))),
        "## What a city is told",
        _table(["state", "label for the city", "label for the others", "who acts next"], list(_labels(procedure))),
    ]
    return "\n\n".join(parts) + "\n"


def _row(procedure: Procedure, transition: Transition) -> list[str]:
    order = list(procedure.states)
    sources = sorted(transition.sources, key=order.index)
    guards = [guard.__name__.replace("_", " ") for guard in transition.only_if]
    return [
        f"`{transition.name}`" if transition.target else f"*{transition.name}*",
        ", ".join(sources) if len(sources) < 4 else f"{sources[0]} … {sources[-1]}",
        transition.target or "–",
        ", ".join(sorted(transition.actors)),
        ", ".join([*guards, *(["reason"] if transition.needs_reason else [])]) or "–",
        ", ".join(transition.issues) or "–",
    ]


def _rights(procedure: Procedure) -> Iterator[list[str]]:
    for key, state in procedure.states.items():
        held = (state.rights.get(role, frozenset()) for role in _SHOWN)
        yield [key, *(", ".join(p for p in Permission if p in permissions) or "–" for permissions in held)]


def _labels(procedure: Procedure) -> Iterator[list[str]]:
    for key, state in procedure.states.items():
        yield [key, state.city_label or state.label, state.label, state.next_step or "– (final)"]


def _table(heading: list[str], rows: list[list[str]]) -> str:
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


# --- the diagram: states in columns by the longest way to them, transitions as curves between -----------------------

_WIDTH, _HEIGHT, _GAP_X, _GAP_Y, _MARGIN = 150, 40, 90, 34, 20


def svg(procedure: Procedure) -> str:
    """The states and the transitions between them as a standalone SVG picture with a text alternative."""
    places = _places(procedure)
    width = max(x for x, _ in places.values()) + _WIDTH + _MARGIN
    height = max(y for _, y in places.values()) + _HEIGHT + _MARGIN + _GAP_Y
    arrows = [_arrow(places[s], places[t], "/".join(names)) for (s, t), names in _arrows(procedure).items()]
    boxes = [_box(key, place, procedure.states[key].final) for key, place in places.items()]
    told = "; ".join(f"{s} to {t}: {', '.join(names)}" for (s, t), names in _arrows(procedure).items())
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width} {height}" width="{width}" '
            f'height="{height}" font-family="Noto Sans, sans-serif" font-size="12">',
            f"<title>{escape(procedure.label)}: states and transitions</title>",
            f"<desc>{escape(told)}</desc>",
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
            '<path d="M0 0 8 4 0 8z" fill="#456"/></marker></defs>',
            f'<rect width="{width}" height="{height}" fill="#fff"/>',
            *arrows,
            *boxes,
            "</svg>",
        ]
    )


def _arrows(procedure: Procedure) -> dict[tuple[str, str], list[str]]:
    """The names of the transitions that lead from one state to another, by that pair."""
    found: dict[tuple[str, str], list[str]] = {}
    for source in procedure.states:
        for transition in procedure.by_source[source]:
            if transition.target:
                found.setdefault((source, transition.target), []).append(transition.name)
    return found


def _places(procedure: Procedure) -> dict[str, tuple[int, int]]:
    """Left upper corners: the states that lead on in a row at the top, final ones below the column they follow."""
    main = [key for key, state in procedure.states.items() if not state.final]
    places = {key: (_MARGIN + n * (_WIDTH + _GAP_X), _MARGIN + _GAP_Y) for n, key in enumerate(main)}
    finals = [key for key, state in procedure.states.items() if state.final]
    for number, key in enumerate(finals):
        column = number * (len(main) - 1) / max(len(finals) - 1, 1)
        x = int(_MARGIN + (len(main) - 1 - column) * (_WIDTH + _GAP_X))
        places[key] = (x, _MARGIN + _GAP_Y + 3 * (_HEIGHT + _GAP_Y) + (number % 2) * (_HEIGHT + _GAP_Y))
    return places


def _box(key: str, place: tuple[int, int], final: bool) -> str:
    x, y = place
    fill = "#e8eef5" if final else "#fff"
    return (
        f'<g><rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="6" fill="{fill}" stroke="#234"/>'
        f'<text x="{x + _WIDTH // 2}" y="{y + _HEIGHT // 2 + 4}" text-anchor="middle" fill="#123">{escape(key)}</text></g>'
    )


def _arrow(start: tuple[int, int], end: tuple[int, int], name: str) -> str:
    (x1, y1), (x2, y2) = start, end
    if y1 == y2 and x2 > x1:  # onwards
        a, b = (x1 + _WIDTH, y1 + _HEIGHT // 2), (x2, y2 + _HEIGHT // 2)
        bend = 0 if x2 - x1 <= _WIDTH + _GAP_X else -2 * _GAP_Y
    elif y1 == y2:  # back
        a, b, bend = (x1 + _WIDTH // 2, y1 + _HEIGHT), (x2 + _WIDTH // 2, y2 + _HEIGHT), 2 * _GAP_Y
    else:  # out
        a, b, bend = (x1 + _WIDTH // 2, y1 + _HEIGHT), (x2 + _WIDTH // 2, y2), 0
    level = (a[1] + b[1]) // 2
    middle = ((a[0] + b[0]) // 2, level + bend)
    label_y = level + bend // 2 + (14 if bend > 0 else -6)  # a curve rises half as far as its handle
    return (
        f'<g><path d="M{a[0]} {a[1]} Q{middle[0]} {middle[1]} {b[0]} {b[1]}" fill="none" stroke="#456" marker-end="url(#tip)"/>'
        f'<text x="{middle[0]}" y="{label_y}" text-anchor="middle" fill="#345" font-size="11" '
        f'paint-order="stroke" stroke="#fff" stroke-width="4">{escape(name)}</text></g>'
    )
