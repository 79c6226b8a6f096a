"""The calendar of a call: spans written in local time, kept as instants."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from rvc_portal.domain.definition import Reader, Wording
from rvc_portal.domain.vocabulary import N_

LABELS = {
    "filing": Wording("Filing", "Dépôt"),
    "screening": Wording("Admissibility", "Recevabilité"),
    "evaluation": Wording("Evaluation", "Évaluation"),
    "reply": Wording("The city’s answer", "Réponse de la ville"),
    "review": Wording("Steering Group", "Groupe de pilotage"),
    "decision": Wording("Decision", "Décision"),
    "publication": Wording("Publication", "Publication"),
}
"""What the windows of a call are called, in the order of its steps."""


@dataclass(frozen=True)
class Window:
    """A named span of the calendar. `opens` and `closes` are local ISO times in the call's zone, as written;
    `opens_at` and `closes_at` the same instants in UTC. The opening instant is inside, the closing one is not."""

    name: str
    opens: str
    closes: str
    opens_at: datetime = field(metadata={"derived": True})
    closes_at: datetime = field(metadata={"derived": True})

    def contains(self, now: datetime) -> bool:
        """`now`: an aware instant."""
        return self.opens_at <= now < self.closes_at


def local_instant(text: str, timezone: str) -> datetime:
    """The instant in UTC of a local time such as "2015-07-15T24:00". Raises ValueError for what is no such time, and
    for an hour that the change of clocks skips or repeats there: a deadline is one instant."""
    midnight = text.endswith("T24:00")
    local = datetime.fromisoformat(text.removesuffix("T24:00") + "T00:00" if midnight else text)
    if local.tzinfo is not None or "T" not in text:
        raise ValueError(text)
    local = (local + timedelta(days=1 if midnight else 0)).replace(tzinfo=ZoneInfo(timezone))
    instant = local.astimezone(UTC)
    repeated = local.utcoffset() != local.replace(fold=1).utcoffset()
    if repeated or instant.astimezone(local.tzinfo).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise ValueError(text)
    return instant


def moved(windows: Mapping[str, Window], days: int, timezone: str) -> dict[str, Window]:
    """The same calendar so many days later (or earlier), at the same hours of the zone; an hour that the change of clocks
    leaves out or repeats there becomes the next that exists once."""
    zone = ZoneInfo(timezone)

    def there(at: datetime) -> tuple[str, datetime]:
        local = at.astimezone(zone).replace(tzinfo=None) + timedelta(days=days)
        while True:
            text = local.isoformat(timespec="minutes")
            try:
                return text, local_instant(text, timezone)
            except ValueError:
                local += timedelta(hours=1)

    found = {}
    for name, window in windows.items():
        (opens, opens_at), (closes, closes_at) = there(window.opens_at), there(window.closes_at)
        found[name] = Window(name, opens, closes, opens_at, closes_at)
    return found


def read_timezone(place: Reader) -> str:
    """The zone written under `timezone`; UTC, with a fault, where it is none."""
    name = place.text("timezone")
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        place.refuse(N_("“%(name)s” is no time zone of the IANA list"), "timezone", name=name)
        return "UTC"
    return name


def read_windows(place: Reader, timezone: str) -> dict[str, Window]:
    """The windows written at `place`, by name; `filing` must be among them."""
    found: dict[str, Window] = {}
    if not isinstance(place.data, Mapping):
        place.refuse(N_("this must be a mapping of keys to values"))
        return found
    for name in place.data:
        if not isinstance(name, str):
            place.refuse(N_("the name of a window must be a text"), str(name))
            continue
        window = place.at(name)
        window.only("name", "opens", "closes")
        opens_at, closes_at = _instant(window, "opens", timezone), _instant(window, "closes", timezone)
        if opens_at and closes_at and opens_at >= closes_at:
            window.refuse(N_("this window closes before it opens"), "closes")
        if opens_at and closes_at:
            opens, closes = window.text("opens"), window.text("closes")
            found[name] = Window(name, opens, closes, opens_at, closes_at)
    if "filing" not in place.data:
        place.refuse(N_("“%(key)s” is missing"), "filing", key="filing")
    return found


def _instant(place: Reader, key: str, timezone: str) -> datetime | None:
    text = place.text(key)
    if not text:
        return None
    try:
        return local_instant(text, timezone)
    except (ValueError, OverflowError):
        rule = N_("“%(text)s” is no single local time, written like 2015-07-15T24:00 and without offset")
        place.refuse(rule, key, text=text)
        return None
