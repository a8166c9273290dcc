"""JSONata expressions in a definition's values, and their evaluation.

Any string `{% ... %}` in a value is an expression. Variables are bound to an expression as values
and never become part of its text.
"""

from __future__ import annotations

import functools
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jsonata.jexception import JException
from jsonata.jsonata import Jsonata
from jsonata.parser import Parser
from jsonata.utils import Utils

from sandbox.stepfunctions.language.errors import query_evaluation_error
from sandbox.stepfunctions.language.plain_expressions import UNDEFINED, NotPlain, Plain, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

OPEN, CLOSE = "{%", "%}"
_FUNCTIONS = (Parser.Symbol, Jsonata.JFunctionCallable)


class SyntaxProblem(ValueError):
    """The expression cannot be parsed."""


@dataclass(frozen=True)
class Expression:
    """One `{% ... %}` expression, and the field of the state that contains it."""

    text: str
    field: str


def is_expression(value: Any) -> bool:
    """Whether a value is a string that contains an expression."""
    return isinstance(value, str) and value.startswith(OPEN) and value.endswith(CLOSE)


def template(value: Any, field: str) -> Any:
    """Parse the value's `{% ... %}` strings into Expressions. Raises SyntaxProblem."""
    if isinstance(value, dict):
        return {key: template(item, f"{field}/{key}") for key, item in value.items()}
    if isinstance(value, list):
        return [template(item, f"{field}[{index}]") for index, item in enumerate(value)]
    if not is_expression(value):
        return value
    expression = Expression(value[len(OPEN) : -len(CLOSE)].strip(), field)
    _program(expression.text)
    return expression


class Bindings:
    """The values that expressions can use, by name.

    Each value is converted for the JSONata library when an expression first refers to it.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values
        self._bound: dict[str, Any] = {}

    def named_in(self, text: str) -> Mapping[str, Any]:
        """The bindings for the names in an expression. The result can contain other names, too."""
        return {name: self._of(name) for name in self.values if f"${name}" in text}

    def _of(self, name: str) -> Any:
        if name not in self._bound:
            self._bound[name] = to_jsonata(self.values[name])
        return self._bound[name]


def evaluate(value: Any, bindings: Bindings) -> Any:
    """Replace every Expression in the template with its value.

    Raises States.QueryEvaluationError if an expression fails or returns nothing (undefined).
    """
    if isinstance(value, dict):
        return {key: evaluate(item, bindings) for key, item in value.items()}
    if isinstance(value, list):
        return [evaluate(item, bindings) for item in value]
    if isinstance(value, Expression):
        return _result(value, bindings)
    return value


def to_jsonata(value: Any) -> Any:
    """Convert a JSON value to the library's types: its own null, and whole numbers as integers."""
    if isinstance(value, str):
        return value
    if value is None:
        return Utils.NULL_VALUE
    if isinstance(value, dict):
        return {key: to_jsonata(item) for key, item in value.items()}
    if isinstance(value, list):
        return [to_jsonata(item) for item in value]
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    return value


@functools.lru_cache(maxsize=4096)
def _program(text: str) -> Jsonata:
    try:
        program = Jsonata(text)
    except JException as error:
        raise SyntaxProblem(str(error)) from error
    program.set_output_convert_nulls(False)
    return program


@functools.lru_cache(maxsize=4096)
def _plain(text: str) -> Plain | None:
    try:
        return plain(text, _program(text).ast)
    except NotPlain:
        return None


def _result(expression: Expression, bindings: Bindings) -> Any:
    if (read := _plain(expression.text)) is not None:
        with suppress(NotPlain):
            value = read(bindings.values)
            if value is not UNDEFINED:
                return _from_jsonata(to_jsonata(value))  # converted like a value from the input
    return _evaluated(expression, bindings)


def _evaluated(expression: Expression, bindings: Bindings) -> Any:
    where = f"The JSONata expression '{expression.text}' specified for the field"
    where = f"{where} '{expression.field}'"
    try:
        named = bindings.named_in(expression.text)
        result = _program(expression.text).evaluate(None, named)
    except Exception as error:
        cause = f"{where} threw an error during evaluation. {_problem(error)}"
        raise query_evaluation_error(cause, expression.field) from error
    if result is None:
        cause = f"{where} returned nothing (undefined)."
        raise query_evaluation_error(cause, expression.field)
    try:
        return _from_jsonata(result)
    except TypeError as error:
        cause = f"{where} returned an unsupported result type."
        raise query_evaluation_error(cause, expression.field) from error


def _problem(error: Exception) -> str:
    return f"{error.error}: {error}" if isinstance(error, JException) else str(error)


def _from_jsonata(value: Any) -> Any:
    if isinstance(value, str):
        return value
    if value is Utils.NULL_VALUE:
        return None
    if isinstance(value, _FUNCTIONS):
        raise TypeError(value)
    if isinstance(value, dict):
        return {key: _from_jsonata(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_from_jsonata(item) for item in value]
    if isinstance(value, int | float):  # also true for booleans
        return value
    raise TypeError(value)
