"""Records what the sandbox changes in moto, botocore and Python, and undoes it.

All changes last only while a cloud is open. While a Lambda function runs, it also has its own
clock, environment and random numbers (`awslambda.isolation`).
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType
    from typing import Self

_ABSENT = object()


class Patches:
    """Changes to other packages. Close them, or leave the `with` block, to undo them.

    Iterating yields the names of what was changed, such as `botocore.endpoint.time`.
    """

    def __init__(self) -> None:
        self._names: list[str] = []
        self._undo = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def close(self) -> None:
        """Undo the changes."""
        self._names.clear()
        self._undo.close()

    def attribute(self, owner: Any, name: str, value: object) -> None:
        """Set an attribute of a module, a class, or moto's backends of a service."""
        # Not `getattr`, because it unwraps static methods and returns inherited attributes.
        before = vars(owner).get(name, _ABSENT)
        setattr(owner, name, value)
        self.change(f"{_name(owner)}.{name}", partial(_restore_attribute, owner, name, before))

    def item(self, name: str, container: Any, key: Any, value: object) -> None:
        """Set an item of a dictionary or list. `name` is the container's name."""
        before = container[key] if isinstance(container, list) else container.get(key, _ABSENT)
        container[key] = value
        self.change(name, partial(_restore_item, container, key, before))

    def change(self, name: str, undo: Callable[[], object]) -> None:
        """Record a change that was already made, and how to undo it."""
        self._names.append(name)
        self.when_closed(undo)

    def when_closed(self, action: Callable[[], object]) -> None:
        """Register an action to perform when the changes are undone."""
        self._undo.callback(action)


def _name(owner: Any) -> str:
    if isinstance(owner, ModuleType):
        return owner.__name__
    if isinstance(owner, type):
        return f"{owner.__module__}.{owner.__qualname__}"
    return f"{owner.service_name}_backends"


def _restore_attribute(owner: Any, name: str, before: object) -> None:
    if before is _ABSENT:
        delattr(owner, name)
    else:
        setattr(owner, name, before)


def _restore_item(container: Any, key: Any, before: object) -> None:
    if before is _ABSENT:
        del container[key]
    else:
        container[key] = before
