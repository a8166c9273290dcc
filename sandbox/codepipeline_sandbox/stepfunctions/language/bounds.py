"""Limits on the depth, length and size of an expression's evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jsonata.utils import Utils

from codepipeline_sandbox.stepfunctions.language.syntax_tree import everything

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

DEEPEST = 100  # nested evaluations
LONGEST = 1_000_000  # evaluations; AWS limits the time, which the virtual clock cannot measure
LARGEST = 6_990_256  # bytes of one value
BYTES_OF_AN_ITEM = 8
# Functions whose result can be much larger than their arguments.
_GROWING = frozenset({"pad", "range", "reduce"})


class TooMuch(Exception):
    """The evaluation has reached a limit. The message is AWS's."""


def can_be_exceeded(tree: Any) -> bool:
    """Whether the expression could reach a limit, so its evaluation must be watched.

    An expression can only recurse if it calls a function that it defines.
    """
    nodes = list(everything(tree))
    own = {name for node, _ in nodes for name in _bound(node)}
    return any(depth > DEEPEST or _grows(node, own) for node, depth in nodes)


def _bound(node: Any) -> Iterator[str]:
    """The names that a node binds to values. The values can be functions."""
    if node.type == "bind":
        yield node.lhs.value
    elif node.type == "lambda":
        yield from (argument.value for argument in node.arguments)


def _grows(node: Any, own: Collection[str]) -> bool:
    if node.type in {"function", "partial"}:
        return _is_own(node.procedure, {*own, *_GROWING})
    if node.type == "apply":
        return _is_own(node.rhs, own)
    return bool(node.type == "binary" and node.value == "..")


def _is_own(procedure: Any, names: Collection[str]) -> bool:
    """Whether the called function has one of the names or is anonymous."""
    if procedure.type == "function":
        return False  # the inner call has its own node
    return procedure.type != "variable" or procedure.value in names


class Bounds:
    """Watches one evaluation and ends it when it reaches a limit."""

    def __init__(self) -> None:
        self._depth = self._steps = 0

    @property
    def callbacks(self) -> dict[str, Any]:
        """The callbacks, by the names of the variables that the JSONata library reads."""
        return {"__evaluate_entry": self._enter, "__evaluate_exit": self._leave}

    def _enter(self, _expression: Any, _value: Any, _environment: Any) -> None:
        self._depth += 1
        self._steps += 1
        if self._depth > DEEPEST:
            raise TooMuch(
                "Stack overflow error: Check for non-terminating recursive function. "
                "Consider rewriting as tail-recursive."
            )
        if self._steps > LONGEST:
            raise TooMuch("Expression evaluation timeout: Check for infinite loop")

    def _leave(self, _expression: Any, _value: Any, _environment: Any, result: Any) -> None:
        self._depth -= 1
        if _size(result) > LARGEST:
            raise TooMuch(
                "Expression evaluation memory limit exceeded: Check for excessive memory usage"
            )


def _size(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Utils.RangeList):
        return 0  # the array constructor around it turns it into a list
    return len(value) * BYTES_OF_AN_ITEM if isinstance(value, list) else 0
