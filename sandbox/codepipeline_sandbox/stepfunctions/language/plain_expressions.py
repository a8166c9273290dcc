"""Plain expressions, evaluated directly because the JSONata library is many times slower.

Plain expressions are paths through objects, comparisons of paths, `and`, `or`, `$exists` and
conditions. State machines rarely evaluate anything else. Other expressions, such as arrays, raise
NotPlain and are left to the library.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

UNDEFINED = object()
Plain = Callable[[Mapping[str, Any]], Any]  # Takes the variable values by name.

# Predicates, constructors, groups, bindings and sorting are not plain. An expression is rejected if
# any of its characters could belong to such a construct.
_NOT_PLAIN = frozenset("[]{}@#%^*|~`")
_SCALARS = frozenset({str, bool, type(None)})
_VALUES = _SCALARS | {int, float, dict}
_ORDER = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


class NotPlain(Exception):
    """The expression or one of its values is too complex for this module."""


def plain(text: str, tree: Any) -> Plain:
    """Build a function that evaluates the parsed expression for given values. Raises NotPlain."""
    if _NOT_PLAIN & set(text):
        raise NotPlain
    return _read(tree)


def _read(tree: Any) -> Plain:
    if tree.type not in _READERS:
        raise NotPlain
    return _READERS[tree.type](tree)


def _variable(tree: Any) -> Plain:
    return _through(tree.value, ())


def _path(tree: Any) -> Plain:
    first, *steps = tree.steps
    if first.type != "variable" or any(step.type != "name" for step in steps):
        raise NotPlain
    return _through(first.value, tuple(step.value for step in steps))


def _through(name: str, keys: tuple[str, ...]) -> Plain:
    def value_of(values: Mapping[str, Any]) -> Any:
        value = values.get(name, UNDEFINED)
        for key in keys:
            if type(value) is dict:
                value = value.get(key, UNDEFINED)
                if value is UNDEFINED:
                    return UNDEFINED
            elif type(value) in _VALUES:
                return UNDEFINED
            else:
                raise NotPlain
        if type(value) not in _VALUES:
            raise NotPlain
        return value

    return value_of


def _literal(tree: Any) -> Plain:
    value = tree.value
    if type(value) not in _SCALARS | {int}:
        raise NotPlain
    return lambda _: value


def _block(tree: Any) -> Plain:
    if len(tree.expressions) != 1:
        raise NotPlain
    return _read(tree.expressions[0])


def _binary(tree: Any) -> Plain:
    left, right, sign = _read(tree.lhs), _read(tree.rhs), tree.value
    if sign == "and":
        return lambda values: _truth(left(values)) and _truth(right(values))
    if sign == "or":
        return lambda values: _truth(left(values)) or _truth(right(values))
    if sign in {"=", "!="}:
        return lambda values: _equal(left(values), right(values), wanted=sign == "=")
    if sign in _ORDER:
        return lambda values: _ORDER[sign](_text(left(values)), _text(right(values)))
    raise NotPlain


def _condition(tree: Any) -> Plain:
    if tree._else is None:  # noqa: SLF001 - the library's name
        raise NotPlain
    condition, then, otherwise = map(_read, (tree.condition, tree.then, tree._else))  # noqa: SLF001
    return lambda values: then(values) if _truth(condition(values)) else otherwise(values)


def _function(tree: Any) -> Plain:
    procedure, arguments = tree.procedure, tree.arguments
    if (procedure.type, procedure.value, len(arguments)) != ("variable", "exists", 1):
        raise NotPlain
    argument = _read(arguments[0])

    def exists(values: Mapping[str, Any]) -> bool:
        if "exists" in values:  # the name of a variable
            raise NotPlain
        return argument(values) is not UNDEFINED

    return exists


def _truth(value: Any) -> bool:
    if value is UNDEFINED or value is None:
        return False
    if not isinstance(value, bool):
        raise NotPlain
    return value


def _equal(left: Any, right: Any, *, wanted: bool) -> bool:
    if left is UNDEFINED or right is UNDEFINED:
        return False  # undefined is neither equal nor unequal to anything
    types = {type(left), type(right)}
    if int in types or float in types or types == {dict}:
        raise NotPlain
    return (type(left) is type(right) and left == right) is wanted


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise NotPlain
    return value


_READERS: Mapping[str, Callable[[Any], Plain]] = {
    "variable": _variable,
    "path": _path,
    "string": _literal,
    "number": _literal,
    "value": _literal,
    "block": _block,
    "binary": _binary,
    "condition": _condition,
    "function": _function,
}
