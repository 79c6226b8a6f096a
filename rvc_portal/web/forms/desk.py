"""The filters and the order of an evaluator's queue, as they stand in the address."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rvc_portal.queries.desk import Task
from rvc_portal.web.forms.lists import chosen_of, same

STATUSES = ("begun", "begin", "declare", "closed")
"""In the order in which they want doing."""
EVERY = "all"
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
        """The tasks that the filters let through, in the order asked for; closed sheets only where they are named."""
        found = [task for task in tasks if self._wanted(task)]
        keys: Mapping[str, Callable[[Task], Any]] = {
            "deadline": lambda task: urgency(task, until), "city": lambda task: task.city.casefold(),
            "call": lambda task: titles[task.call_id], "status": lambda task: STATUSES.index(task.status),
        }  # fmt: skip
        return sorted(sorted(found, key=keys["deadline"]), key=keys[self.chosen.get("sort", SORTS[0])])

    def _wanted(self, task: Task) -> bool:
        status, field, call_id = (self.chosen.get(name) for name in ("status", "field", "call"))
        as_asked = task.status != "closed" if status is None else status in (EVERY, task.status)
        return as_asked and field in (None, task.field) and call_id in (None, task.call_id)


def urgency(task: Task, until: Until) -> tuple[bool, datetime, int, str]:
    """What wants doing first: what is not closed, what ends soonest, what is begun already."""
    return task.status == "closed", until(task) or NEVER, STATUSES.index(task.status), task.city.casefold()


def queue(arguments: Mapping[str, str], *, calls: Mapping[str, Any], fields: Sequence[str]) -> QueueForm:
    """The form of the address. `calls`: ids by their keys."""
    known = {"status": same((*STATUSES, EVERY)), "field": same(fields), "call": calls, "sort": same(SORTS)}
    return QueueForm(*chosen_of(arguments, known))
