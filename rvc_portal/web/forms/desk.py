"""The filters and the order of an evaluator's queue, as they stand in the address."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rvc_portal.queries.desk import Task
from rvc_portal.web.forms.lists import chosen_of, same

STATUSES = ("begun", "begin", "declare", "closed")
"""In the order in which they want doing."""
SORTS = ("deadline", "city", "call", "status")
NEVER = datetime.max.replace(tzinfo=UTC)

Until = Callable[[Task], datetime | None]


@dataclass(frozen=True)
class QueueForm:
    """What was asked for, what of it can be done, and what is wrong with the rest: [(id of the field, sentence)]."""

    asked: Mapping[str, str]
    chosen: Mapping[str, Any]
    errors: tuple[tuple[str, str], ...]

    def shown(self, tasks: Sequence[Task], until: Until, titles: Mapping[Any, str]) -> list[Task]:
        """The tasks that the filters let through, in the order asked for."""
        wanted = {"status": "status", "field": "field", "call": "call_id"}
        found = [
            task for task in tasks
            if all(getattr(task, wanted[name]) == value for name, value in self.chosen.items() if name in wanted)
        ]  # fmt: skip
        keys: Mapping[str, Callable[[Task], Any]] = {
            "deadline": lambda task: urgency(task, until), "city": lambda task: task.city.casefold(),
            "call": lambda task: titles[task.call_id], "status": lambda task: STATUSES.index(task.status),
        }  # fmt: skip
        return sorted(sorted(found, key=keys["deadline"]), key=keys[self.chosen.get("sort", SORTS[0])])


def urgency(task: Task, until: Until) -> tuple[bool, datetime, int, str]:
    """What wants doing first: what is not closed, what ends soonest, what is begun already."""
    return task.status == "closed", until(task) or NEVER, STATUSES.index(task.status), task.city.casefold()


def queue(arguments: Mapping[str, str], *, calls: Mapping[str, Any], fields: Sequence[str]) -> QueueForm:
    """The form of the address. `calls`: ids by their keys."""
    known = {"status": same(STATUSES), "field": same(fields), "call": calls, "sort": same(SORTS)}
    return QueueForm(*chosen_of(arguments, known))
