"""How wide the columns of an answer's table are.

Widths are fixed before the layout: finding them by trial costs the layout engine more time than all the rest of a dossier.
"""

from typing import Any

LEAST, MOST = 5, 34


def column_shares(table: dict[str, Any]) -> list[float]:
    """Return the share of the width for each column, in per cent, by the longest content. ``table``: contexts.TableValue."""
    needs = []
    for place, column in enumerate(table["columns"]):
        head = max(_longest_word(text) for text in column["label"].values())
        cells = [row[place] for row in [*table["rows"], *([table["totals"]] if table["totals"] else [])]]
        content = max((_letters(cell) for cell in cells), default=0)
        needs.append(min(max(head + 1, content + 1, LEAST), MOST))
    return [round(100 * need / sum(needs), 2) for need in needs]


def _letters(cell: Any) -> int:
    if cell is None:
        return 1
    if isinstance(cell, dict):
        return max(len(text) for text in cell.values())
    if isinstance(cell, str):
        return len(cell)
    return len(f"{cell:,}")


def _longest_word(text: str) -> int:
    return max((len(word) for word in text.split()), default=1)
