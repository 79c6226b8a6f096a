"""A call file: YAML written by the Secretariat, completed from the network's lists, parsed, its faults shown by line."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rvc_portal.domain.call import CallDefinition, DefinitionError, Fault, parse
from rvc_portal.gateways import network, yamlfile
from rvc_portal.gateways.yamlfile import LineOf, YamlError
from rvc_portal.settings import DATA_FILES

NETWORK = "network"


@dataclass(frozen=True)
class LineFault:
    """A fault with the line of the file that it stands on."""

    line: int
    fault: Fault


class CallFileError(ValueError):
    """The file is no call. Its text has one line per fault: file:line: place: rule. `faults` holds the same, apart."""

    def __init__(self, path: Path, faults: tuple[LineFault, ...]) -> None:
        super().__init__("\n".join(f"{path}:{entry.line}: {entry.fault}" for entry in faults))
        self.path, self.faults = path, faults


def read(path: Path) -> tuple[object, LineOf]:
    """The data of the file, lists of the network filled in, and the line of each place. Raises CallFileError, OSError."""
    try:
        data, line_of = yamlfile.read(path)
    except YamlError as error:
        raise CallFileError(path, (LineFault(error.line, Fault((), error.rule, error.params)),)) from error
    return _completed(data), line_of


def load(path: Path, changes: Mapping[str, object] | None = None) -> CallDefinition:
    """The call in the file; `changes` replace entries of its top level (a demonstration moves the windows so).

    Raises CallFileError naming each fault by line, OSError where the file cannot be read.
    """
    data, line_of = read(path)
    if isinstance(data, dict):
        data = {**data, **(changes or {})}
    try:
        return parse(data)
    except DefinitionError as error:
        found = (LineFault(line_of(fault.path), fault) for fault in error.faults)
        raise CallFileError(path, tuple(sorted(found, key=lambda entry: entry.line))) from error


def packaged(name: str) -> Path:
    """The path of a call that ships with the portal, such as "candidacy-2015"."""
    return DATA_FILES / f"{name}.yaml"


def _completed(data: object) -> object:
    """The word `network`, in place of a list, stands for the network's own; a creative field may stand as its key."""
    if not isinstance(data, dict):
        return data
    done = dict(data)
    if data.get("regions") == NETWORK:
        done["regions"] = network.regions()
    if data.get("countries") == NETWORK:
        done["countries"] = list(network.countries())
    if isinstance(data.get("fields"), list):
        known = {entry["key"]: {key: entry[key] for key in ("key", "label", "hue")} for entry in network.fields()}
        done["fields"] = [known.get(item, item) if isinstance(item, str) else item for item in data["fields"]]
    return done
