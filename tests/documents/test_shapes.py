"""The samples are of the shapes that contexts.py promises, key for key: what the templates are tested with."""

import types
import typing
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

from rvc_portal.documents import contexts
from tests.documents import samples

SHAPES = {
    name: getattr(contexts, "".join(part.title() for part in name.split("_")) + "Context") for name in samples.SAMPLES
}


def faults(value: Any, shape: Any, where: str) -> list[str]:
    """Return what is wrong with a value: keys too many or too few, and values of another type."""
    if shape is Any:
        return []
    origin = get_origin(shape)
    if origin in (typing.Union, types.UnionType):
        tries = [faults(value, option, where) for option in get_args(shape)]
        return min(tries, key=len) if all(tries) else []
    if origin is Literal:
        return [] if value in get_args(shape) else [f"{where}: {value!r}"]
    if origin is list:
        if not isinstance(value, list):
            return [f"{where}: not a list"]
        return [fault for n, item in enumerate(value) for fault in faults(item, get_args(shape)[0], f"{where}[{n}]")]
    if origin is dict:
        return [] if isinstance(value, dict) else [f"{where}: not a dict"]
    if typing.is_typeddict(shape):
        if not isinstance(value, dict):
            return [f"{where}: not a dict"]
        hints = get_type_hints(shape)
        wrong = [f"{where}.{key}: unknown" for key in value.keys() - hints.keys()]
        wrong += [f"{where}.{key}: missing" for key in shape.__required_keys__ & hints.keys() - value.keys()]
        return wrong + [
            fault for key in hints.keys() & value.keys() for fault in faults(value[key], hints[key], f"{where}.{key}")
        ]
    if shape in (None, type(None)):
        return [] if value is None else [f"{where}: not None"]
    if shape is float and isinstance(value, int):
        return []
    return [] if isinstance(value, shape) else [f"{where}: {value!r} is no {shape}"]


@pytest.mark.parametrize("kind", samples.SAMPLES)
def test_a_sample_is_of_its_shape(kind: str) -> None:
    assert faults(samples.SAMPLES[kind](), SHAPES[kind], kind) == []


def test_a_wrong_sample_is_found() -> None:
    wrong = samples.certificate() | {"number": 31, "colour": "red"}
    del wrong["designated_on"]
    assert sorted(fault.split(":")[0] for fault in faults(wrong, SHAPES["CERTIFICATE"], "c")) == [
        "c.colour",
        "c.designated_on",
        "c.number",
    ]
