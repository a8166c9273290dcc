"""Parses and evaluates the JSONata expressions in a definition.

Any string `{% ... %}` in a value is an expression. Variables are bound to an expression as values
and never become part of its text.
"""

from __future__ import annotations

import functools
import math
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jsonata.jexception import JException
from jsonata.jsonata import Jsonata
from jsonata.parser import Parser
from jsonata.utils import Utils

from codepipeline_sandbox.stepfunctions.language import references
from codepipeline_sandbox.stepfunctions.language.bounds import Bounds, can_be_exceeded
from codepipeline_sandbox.stepfunctions.language.errors import query_evaluation_error
from codepipeline_sandbox.stepfunctions.language.messages import message
from codepipeline_sandbox.stepfunctions.language.plain_expressions import (
    UNDEFINED,
    NotPlain,
    Plain,
    plain,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

OPEN, CLOSE = "{%", "%}"
_FUNCTIONS = (Parser.Symbol, Jsonata.JFunctionCallable)
_OUT_OF_RANGE = "D1001"
_NON_FINITE = {math.inf: "Infinity", -math.inf: "-Infinity"}  # numbers that JSON cannot represent


class ExpressionProblem(ValueError):
    """AWS refuses a definition with this expression. `code` is AWS's code for the problem."""

    def __init__(self, code: str, problem: str, expression: Expression) -> None:
        super().__init__(problem)
        self.code = code
        self.field = expression.field


@dataclass(frozen=True)
class Expression:
    """One `{% ... %}` expression, and the field of the state that contains it."""

    text: str
    field: str


def is_expression(value: Any) -> bool:
    """Whether a value is a string that contains an expression."""
    return isinstance(value, str) and value.startswith(OPEN) and value.endswith(CLOSE)


def template(value: Any, field: str, offered: Collection[str] = ()) -> Any:
    """Parse the value's `{% ... %}` strings into Expressions. Raises ExpressionProblem.

    `offered` contains the members that `$states` has in this field in addition to input and
    context.
    """
    if isinstance(value, dict):
        return {key: template(item, f"{field}/{key}", offered) for key, item in value.items()}
    if isinstance(value, list):
        return [template(item, f"{field}[{index}]", offered) for index, item in enumerate(value)]
    if not is_expression(value):
        return value
    expression = Expression(value[len(OPEN) : -len(CLOSE)].strip(), field)
    _check(expression, offered)
    return expression


def _check(expression: Expression, offered: Collection[str]) -> None:
    try:
        found = _unsupported(expression.text, frozenset(offered))
    except JException as error:
        problem = message(error)
        raise ExpressionProblem("INVALID_JSONATA_EXPRESSION", problem, expression) from error
    except RecursionError as error:
        problem = "The sandbox does not support expressions that are nested this deeply"
        raise ExpressionProblem("INVALID_JSONATA_EXPRESSION", problem, expression) from error
    if found is not None:
        raise ExpressionProblem("UNSUPPORTED_JSONATA_EXPRESSION", found, expression)


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
    """Convert a JSON value for the library, which represents null and whole numbers differently."""
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


class _Program(Jsonata):  # type: ignore[misc]
    """A parsed expression. It handles infinity like the original implementation of JSONata."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.set_output_convert_nulls(False)
        self.watched = can_be_exceeded(self.ast)

    def evaluate_numeric_expression(self, lhs: Any, rhs: Any, op: Any) -> Any:
        try:
            return super().evaluate_numeric_expression(lhs, rhs, op)
        except (ArithmeticError, ValueError):
            return _non_finite(float(lhs), float(rhs), op)
        except JException as error:
            if error.error != _OUT_OF_RANGE or not all(map(math.isfinite, (lhs, rhs))):
                raise
            return _non_finite(float(lhs), float(rhs), op)


def _non_finite(left: float, right: float, operator: str) -> float:
    if operator == "%" or (operator == "/" and left == 0):
        return math.nan
    if operator == "/":
        return math.copysign(math.inf, left) * math.copysign(1, right)
    results = {"+": left + right, "-": left - right, "*": left * right}
    return results[operator]


@functools.lru_cache(maxsize=4096)
def _program(text: str) -> _Program:
    return _Program(text)


@functools.lru_cache(maxsize=4096)
def _unsupported(text: str, offered: frozenset[str]) -> str | None:
    return references.problem_of(_program(text).ast, offered)


@functools.lru_cache(maxsize=4096)
def _plain(text: str) -> Plain | None:
    program = _program(text)
    try:
        return None if program.watched else plain(text, program.ast)
    except NotPlain:
        return None


def _result(expression: Expression, bindings: Bindings) -> Any:
    if (read := _plain(expression.text)) is not None:
        with suppress(NotPlain):
            value = read(bindings.values)
            if value is not UNDEFINED:
                return _from_jsonata(to_jsonata(value))  # converted like input
    return _evaluated(expression, bindings)


def _evaluated(expression: Expression, bindings: Bindings) -> Any:
    where = f"The JSONata expression '{expression.text}' specified for the field"
    where = f"{where} '{expression.field}'"
    try:
        program, named = _program(expression.text), bindings.named_in(expression.text)
        if program.watched:
            named = {**named, **Bounds().callbacks}
        result = program.evaluate(None, named)
    except Exception as error:
        cause = f"{where} threw an error during evaluation{_problem(error)}"
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
    if isinstance(error, JException):
        return f". {error.error}: {message(error)}"
    return f": {error}"


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
    if isinstance(value, float) and not math.isfinite(value):
        return _NON_FINITE.get(value, "NaN")
    if isinstance(value, int | float):  # includes booleans
        return value
    raise TypeError(value)
