"""The metric math that alarms need: arithmetic, comparisons, FILL and IF.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence

# A list with one value per period (None if missing), or a number that applies to all periods.
Series = list[float | None]
Value = Series | float

_TOKEN = re.compile(r"\s*(\d+(?:\.\d+)?|[A-Za-z]\w*|==|!=|<=|>=|[-+*/()<>,]|\S)")
_ADDING: Mapping[str, Callable[[float, float], float]] = {"+": operator.add, "-": operator.sub}
_MULTIPLYING: Mapping[str, Callable[[float, float], float]] = {
    "*": operator.mul,
    "/": operator.truediv,
}
_COMPARING: Mapping[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}


class NotCalculated(Exception):
    """The expression is invalid, or uses something that the sandbox does not support."""


def calculate(expression: str, named: Mapping[str, Series]) -> Series:
    """Evaluate an expression that refers to time series by their IDs. Returns a time series."""
    result = _Expression(expression, named).value()
    if isinstance(result, float):
        raise NotCalculated(f"{expression!r} is a number, but an alarm needs a time series")
    return result


class _Expression:
    """Reads an expression from left to right and evaluates it in the same pass."""

    def __init__(self, text: str, named: Mapping[str, Series]) -> None:
        self._text = text
        self._tokens: list[str] = _TOKEN.findall(text)
        self._named = named

    def value(self) -> Value:
        result = self._comparison()
        if self._tokens:
            raise self._unknown(self._tokens[0])
        return result

    def _comparison(self) -> Value:
        left = self._sum()
        if self._next() in _COMPARING:
            sign = self._take()
            right = self._sum()
            if _lacks(left) or _lacks(right):
                raise NotCalculated(f"{self._text!r} compares a missing value. Use FILL first")
            compare = _COMPARING[sign]
            return _each(lambda a, b: float(compare(a, b)), left, right)
        return left

    def _sum(self) -> Value:
        result = self._product()
        while self._next() in _ADDING:
            sign = self._take()
            result = _each(_ADDING[sign], result, self._product())
        return result

    def _product(self) -> Value:
        result = self._factor()
        while self._next() in _MULTIPLYING:
            sign = self._take()
            result = _each(_MULTIPLYING[sign], result, self._factor())
        return result

    def _factor(self) -> Value:
        word = self._take()
        if word == "-":
            return _each(operator.mul, -1.0, self._factor())
        if word == "(":
            result = self._comparison()
            self._expect(")")
            return result
        if word[0].isdigit():
            return float(word)
        if word in self._named:
            return self._named[word]
        if word in {"FILL", "IF"} and self._next() == "(":
            return self._fill() if word == "FILL" else self._if()
        raise self._unknown(word)

    def _fill(self) -> Value:
        """Evaluate FILL(series, number), or FILL(series, REPEAT), which repeats the last value."""
        self._expect("(")
        series = self._comparison()
        self._expect(",")
        if self._next() == "REPEAT":
            self._take()
            filling: Value | None = None
        else:
            filling = self._comparison()
        self._expect(")")
        if isinstance(series, float) or isinstance(filling, list):
            raise NotCalculated(f"{self._text!r}: FILL takes a time series and a number or REPEAT")
        return _repeated(series) if filling is None else [_or(each, filling) for each in series]

    def _if(self) -> Value:
        """Evaluate IF(condition, value, other), where a condition of 0 selects the other value.

        Where the condition has no value, the result has none.
        """
        self._expect("(")
        condition = self._comparison()
        self._expect(",")
        chosen: list[Value | None] = [self._comparison(), None]
        if self._next() == ",":
            self._take()
            chosen[1] = self._comparison()
        self._expect(")")
        if isinstance(condition, float):
            raise NotCalculated(f"{self._text!r}: the condition of IF must be a time series")
        return [_chosen(is_met, chosen, period) for period, is_met in enumerate(condition)]

    def _next(self) -> str:
        return self._tokens[0] if self._tokens else ""

    def _take(self) -> str:
        if not self._tokens:
            raise NotCalculated(f"{self._text!r} ends too early")
        return self._tokens.pop(0)

    def _expect(self, token: str) -> None:
        found = self._take()
        if found != token:
            raise NotCalculated(f"{self._text!r} contains {found!r} where {token!r} is expected")

    def _unknown(self, token: str) -> NotCalculated:
        return NotCalculated(f"{self._text!r}: the sandbox does not support {token!r} here")


def _each(calculate: Callable[[float, float], float], left: Value, right: Value) -> Value:
    """Combine the operands period by period.

    A missing operand or a division by 0 results in no value.
    """
    if isinstance(left, float) and isinstance(right, float):
        return calculate(left, right)
    length = len(left) if isinstance(left, list) else len(right) if isinstance(right, list) else 0
    pairs = zip(_spread(left, length), _spread(right, length), strict=True)
    return [_or_nothing(calculate, a, b) for a, b in pairs]


def _or_nothing(
    calculate: Callable[[float, float], float], left: float | None, right: float | None
) -> float | None:
    if left is None or right is None:
        return None
    try:
        return calculate(left, right)
    except ZeroDivisionError:
        return None


def _spread(value: Value, length: int) -> Sequence[float | None]:
    return value if isinstance(value, list) else [value] * length


def _lacks(value: Value) -> bool:
    return isinstance(value, list) and None in value


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value


def _repeated(series: Series) -> Series:
    result: Series = []
    for each in series:
        result.append(each if each is not None or not result else result[-1])
    return result


def _chosen(is_met: float | None, values: Sequence[Value | None], period: int) -> float | None:
    if is_met is None:
        return None
    value = values[0 if is_met else 1]
    return value[period] if isinstance(value, list) else value
