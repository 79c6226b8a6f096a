"""Reading a definition that somebody wrote by hand: every fault is collected, with its place and the rule it breaks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Protocol, TypeVar

from rvc_portal.domain.vocabulary import N_

Path = tuple[str | int, ...]
LANGUAGES = ("en", "fr")
LATER: Mapping[str, bool] = {"later": True}
"""A key that no call had at first: where it is not set it is left out (`plain`)."""


@dataclass(frozen=True)
class Fault:
    """One broken rule: where in the data, the rule as a message id, and its parameters."""

    path: Path
    rule: str
    params: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        place = ".".join(str(step) for step in self.path) or "the file"
        return f"{place}: {self.rule % dict(self.params)}"


class DefinitionError(ValueError):
    """The data is no definition; `faults` holds everything that is wrong with it, in reading order."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


@dataclass(frozen=True)
class Wording:
    """One text in the two working languages."""

    en: str
    fr: str

    def of(self, language: str) -> str:
        """The text in "fr" or, for any other code, in English."""
        return self.fr if language == "fr" else self.en

    def __getitem__(self, language: str) -> str:
        return self.of(language)

    def __bool__(self) -> bool:
        return bool(self.en or self.fr)


_NO_MAPPING = N_("this must be a mapping of keys to values")
NO_WORDING = Wording("", "")


class Reader:
    """A place in the data. Each getter answers something usable whatever it finds, and notes what is wrong."""

    def __init__(self, data: object, path: Path = (), faults: list[Fault] | None = None) -> None:
        self.data, self.path = data, path
        self.faults: list[Fault] = [] if faults is None else faults

    def refuse(self, rule: str, *under: str | int, **params: object) -> None:
        path = (*self.path, *under)
        # What is no mapping lacks everything that it should hold: said once, not once per key.
        if not any(fault.rule == _NO_MAPPING and fault.path == path[: len(fault.path)] for fault in self.faults):
            self.faults.append(Fault(path, rule, params))

    def only(self, *known: str) -> None:
        """Refuse what is no mapping, and every key but the known ones: a misspelt key is never ignored."""
        if not isinstance(self.data, Mapping):
            self.refuse(_NO_MAPPING)
            return
        for key in self.data:
            if key not in known:
                place = key if isinstance(key, str) else str(key)
                self.refuse(N_("unknown key “%(key)s”; known here: %(known)s"), place, key=key, known=", ".join(known))

    def get(self, key: str) -> object:
        return self.data.get(key) if isinstance(self.data, Mapping) else None

    def at(self, key: str) -> "Reader":
        return Reader(self.get(key), (*self.path, key), self.faults)

    def text(self, key: str, default: str | None = None) -> str:
        value = self.get(key)
        if value is None and default is not None:
            return default
        if isinstance(value, str) and (value.strip() or default is not None):
            return value.strip()
        self.refuse(N_("“%(key)s” must be a text"), key, key=key)
        return default or ""

    def number(
        self, key: str, minimum: int = 0, maximum: int | None = None, default: int = 0, required: bool = True
    ) -> int:
        value = self.get(key)
        if value is None and not required:
            return default
        whole = isinstance(value, int) and not isinstance(value, bool)
        if whole and value >= minimum and (maximum is None or value <= maximum):  # type: ignore[operator]
            return value  # type: ignore[return-value]
        if maximum is None:
            self.refuse(N_("“%(key)s” must be a whole number, %(minimum)s or more"), key, key=key, minimum=minimum)
        else:
            rule = N_("“%(key)s” must be a whole number from %(minimum)s to %(maximum)s")
            self.refuse(rule, key, key=key, minimum=minimum, maximum=maximum)
        return default

    def limit(self, key: str, minimum: int = 1) -> int | None:
        """A whole number, or None where nothing is written: no limit."""
        return None if self.get(key) is None else self.number(key, minimum=minimum)

    def flag(self, key: str, default: bool) -> bool:
        value = self.get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.refuse(N_("“%(key)s” must be true or false"), key, key=key)
            return default
        return value

    def one_of(self, key: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        value = self.get(key)
        if value is None and default is not None:
            return default
        if isinstance(value, str) and value in allowed:
            return value
        rule = N_("“%(key)s” must be one of: %(allowed)s")
        self.refuse(rule, key, key=key, allowed=", ".join(allowed))
        return default or (allowed[0] if allowed else "")

    def words(self, key: str, allowed: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of short texts; nothing written is an empty list. Each must be among `allowed` and stand once."""
        found: list[str] = []
        for item in self.each(key):
            if not isinstance(item.data, str) or not item.data.strip():
                item.refuse(N_("this must be a text"))
            elif allowed is not None and item.data not in allowed:
                rule = N_("“%(key)s” must be one of: %(allowed)s")
                item.refuse(rule, key=item.data, allowed=", ".join(allowed))
            elif item.data in found:
                item.refuse(N_("“%(key)s” stands here twice"), key=item.data)
            else:
                found.append(item.data)
        return tuple(found)

    def wording(self, key: str, required: bool = True) -> Wording:
        value = self.get(key)
        if value is None and not required:
            return NO_WORDING
        texts = self.at(key)
        texts.only(*LANGUAGES)
        if not isinstance(value, Mapping):
            return NO_WORDING
        given = {language: texts.text(language, None if required else "") for language in LANGUAGES}
        if not required and any(given.values()) and not all(given.values()):
            texts.refuse(N_("a text is wanted in every working language"))
        return Wording(**given)

    def each(self, key: str, minimum: int = 0) -> Iterator["Reader"]:
        value = self.get(key)
        if value is None and minimum == 0:
            return
        if not isinstance(value, list | tuple):
            self.refuse(N_("“%(key)s” must be a list"), key, key=key)
            return
        if len(value) < minimum:
            self.refuse(N_("“%(key)s” needs at least %(minimum)s entries"), key, key=key, minimum=minimum)
        for index, item in enumerate(value):
            yield Reader(item, (*self.path, key, index), self.faults)

    def unique(self, places: tuple["Reader", ...], keys: tuple[str, ...]) -> None:
        seen: set[str] = set()
        for place, key in zip(places, keys, strict=True):
            if key and key in seen:
                place.refuse(N_("“%(key)s” stands here twice"), key=key)
            seen.add(key)

    def finish(self) -> None:
        """Raise DefinitionError if anything was refused on the way."""
        if self.faults:
            raise DefinitionError(tuple(self.faults))


class Keyed(Protocol):
    """Whatever a call lists by key."""

    @property
    def key(self) -> str: ...


_K = TypeVar("_K", bound=Keyed)


def with_key(items: tuple[_K, ...], key: str) -> _K:
    """The item with this key. KeyError if there is none."""
    for item in items:
        if item.key == key:
            return item
    raise KeyError(key)


def plain(value: Any) -> Any:
    """The JSON form of a definition, in the very shape that its parser reads; what is derived stays out, and so does what
    came later and is not set: a call that does not ask for it keeps its hash."""
    if is_dataclass(value) and not isinstance(value, type):
        kept = {e.name: getattr(value, e.name) for e in fields(value) if not e.metadata.get("derived")}
        unset = {e.name for e in fields(value) if e.metadata.get("later") and getattr(value, e.name) == e.default}
        return {name: plain(found) for name, found in kept.items() if name not in unset}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return value
