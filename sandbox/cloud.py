"""The embedded AWS as a whole: a world, its accounts, and the services that act in it.

moto keeps its backends in module-level dictionaries, so there is one cloud at a time; the
services' backends find it with `current()`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.world import World

if TYPE_CHECKING:
    from sandbox.services import Access, Events, Functions, StateMachines

_current: Cloud | None = None


class Cloud:
    """Use as a context manager: `with Cloud(seed=7) as cloud: ...`."""

    world: World
    access: Access
    functions: Functions
    events: Events
    state_machines: StateMachines


def current() -> Cloud:
    """The cloud that is up. RuntimeError when there is none."""
    if _current is None:
        msg = "no sandbox is up: use `with Cloud() as cloud:`"
        raise RuntimeError(msg)
    return _current
