"""Where things are drawn on a map of the world. The map is equirectangular, two units to a degree, without the far south,
where no city lies; `static/land.svg` shows land as coarse dots in the same units, without borders."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from rvc_portal.domain.slate import File
from rvc_portal.gateways import network
from rvc_portal.models.seat import Member
from rvc_portal.queries.surroundings import Surroundings
from rvc_portal.web import labels

WIDTH, HEIGHT = 720, 280
NORTH = 84
BESIDE = 9
"""How far to the right the next mark of the same country is drawn."""


def spot(latitude: float, longitude: float) -> dict[str, float]:
    """The place in units of the map: longitude to the right, latitude upwards."""
    scale = WIDTH / 360
    return {"x": round((longitude + 180) * scale, 1), "y": round((NORTH - latitude) * scale, 1)}


def surroundings(found: Surroundings) -> dict[str, Any]:
    """The marks of a file's map: `here`, `members` at their own places, `files` in the middle of their countries, side by
    side where one country has several; `here` is None where nobody knows its country's."""
    drawn = list(_in_countries([found.here, *found.files]))
    return {
        "here": next((mark for mark in drawn if mark["id"] == found.here.id), None),
        "files": [mark for mark in drawn if mark["id"] != found.here.id],
        "members": list(_members(found.members)),
        "width": WIDTH, "height": HEIGHT,
    }  # fmt: skip


def _members(members: Iterable[Member]) -> Iterator[dict[str, Any]]:
    """Those whose place is known: a city designated just now has none yet."""
    for member in members:
        if member.latitude is not None and member.longitude is not None:
            label = f"{member.city}, {labels.country(member.country)}, {member.year}"
            yield {"label": label, **spot(member.latitude, member.longitude)}


def _in_countries(files: Iterable[File]) -> Iterable[dict[str, Any]]:
    drawn: Counter[str] = Counter()
    for file in files:
        centre = network.centres().get(file.country or "")  # a call may know countries that the map does not
        if file.country and centre:
            mark = spot(*centre)
            mark["x"] += BESIDE * drawn[file.country]
            drawn[file.country] += 1
            yield {"id": file.id, "label": f"{file.city}, {labels.country(file.country)}", **mark}
