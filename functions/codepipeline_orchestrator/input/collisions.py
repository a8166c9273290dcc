"""Rejects lists whose items would overwrite each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from codepipeline_orchestrator.model.output_variables import flat_name, is_reserved

Entry = TypeVar("Entry")
_MOST = 3  # maximum number of collisions in one message


def one_of_each(
    field: str, name_of: Callable[[Entry], str]
) -> Callable[[list[Entry]], list[Entry]]:
    """A validator for a list in which each name may occur only once."""

    def check(items: list[Entry]) -> list[Entry]:
        names = [name_of(item) for item in items]
        return _refuse(items, _repeated(field, names))

    return check


def one_variable_each(names: list[str]) -> list[str]:
    """Validate that no two output variables would be returned under the same name."""
    return _refuse(names, _overwritten("outputVariables", names))


def _refuse(items: list[Entry], mistakes: Iterator[str]) -> list[Entry]:
    found = list(islice(mistakes, _MOST))
    if found:
        raise ValueError("; ".join(found))
    return items


def _repeated(field: str, names: Sequence[str]) -> Iterator[str]:
    for index, name in enumerate(names):
        first = names.index(name)
        if first < index:
            yield f"{field}.{index}: {name} is already in {field}.{first}. Remove one of them"


def _overwritten(field: str, names: Sequence[str]) -> Iterator[str]:
    yield from _repeated(field, names)
    flat = {name: flat_name(name) for name in names}
    for name, handed_back in flat.items():
        place = f"{field}.{names.index(name)}: {name}"
        other = next(each for each in flat if flat[each] == handed_back)
        if is_reserved(handed_back):
            yield (
                f"{place} would be returned as {handed_back}, but names that begin with "
                "revision_ are reserved for the revisions of the target's source artifacts. Give "
                "the target's action another namespace, or remove this variable"
            )
        elif other != name:
            yield (
                f"{place} and {other} would both be returned as {handed_back}. Remove one of "
                "them, or give one of the target's actions another namespace"
            )
