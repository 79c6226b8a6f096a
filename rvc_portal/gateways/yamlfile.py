"""YAML with the line of everything in it, so that a fault can be shown where it was written."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml

from rvc_portal.domain.vocabulary import N_

Place = tuple[str | int, ...]
LineOf = Callable[[Place], int]


class YamlError(ValueError):
    """The text is no YAML that we read; `line` counts from 1, `rule` is a message id with `params`."""

    def __init__(self, line: int, rule: str, **params: object) -> None:
        super().__init__(f"line {line}: {rule % params}")
        self.line, self.rule, self.params = line, rule, params


DEEPEST = 100
"""Levels that are read. The library's own recursion knows no end: a text of nothing but brackets would end the process."""


class _PlainLoader(yaml.CSafeLoader):
    """Only null, true, false and decimal numbers are more than text: Norway's code NO is no boolean, 12:30 no number."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


_PlainLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_PlainLoader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""])
_PlainLoader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?(?:0|[1-9][0-9]*)$"), list("-0123456789"))


@dataclass
class _Walk:
    loader: _PlainLoader
    lines: dict[Place, int]

    def value(self, node: yaml.Node, place: Place, above: tuple[yaml.Node, ...] = ()) -> object:
        line = node.start_mark.line + 1
        self.lines.setdefault(place, line)
        if node in above:
            raise YamlError(line, N_("an alias leads back into itself"))
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, place, (*above, node))
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*place, index), (*above, node)) for index, item in enumerate(node.value)]
        try:
            value: object = self.loader.construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            raise YamlError(line, N_("this value cannot be read")) from error
        return value

    def mapping(self, node: yaml.MappingNode, place: Place, above: tuple[yaml.Node, ...]) -> dict[str, object]:
        found: dict[str, object] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise YamlError(line, N_("a key must be a plain text"))
            key = str(key_node.value)
            if key in found:
                raise YamlError(line, N_("“%(key)s” stands here twice"), key=key)
            self.lines[(*place, key)] = line
            found[key] = self.value(value_node, (*place, key), above)
        return found


def parse(text: str) -> tuple[object, LineOf]:
    """The data in `text`, and a function from a place in it to its line (that of the nearest place above, if absent).

    Raises YamlError for what is no YAML, for a key written twice, and for a tag or an alias loop.
    """
    lines: dict[Place, int] = {}
    try:
        _require_shallow(text)
        loader = _PlainLoader(text)
        node = loader.get_single_node()
        data = None if node is None else _Walk(loader, lines).value(node, ())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        told = error.problem or error.context or ""
        raise YamlError(mark.line + 1 if mark else 1, N_("this is no YAML: %(told)s"), told=told) from error
    except yaml.YAMLError as error:
        told = str(error).splitlines()[0]
        raise YamlError(1, N_("this is no YAML: %(told)s"), told=told) from error

    def line_of(place: Place) -> int:
        while place and place not in lines:
            place = place[:-1]
        return lines.get(place, 1)

    return data, line_of


def _require_shallow(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, _PlainLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise YamlError(event.start_mark.line + 1 if event.start_mark else 1, N_("nested too deeply"))


def read(path: Path) -> tuple[object, LineOf]:
    """As `parse`, from a file. Raises OSError where there is none, YamlError where it is not UTF-8."""
    try:
        return parse(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise YamlError(line, N_("the file must be UTF-8")) from error
