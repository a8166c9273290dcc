"""Reads the fields of a definition and refuses unknown ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.stepfunctions.language.jsonata import (
    Expression,
    ExpressionProblem,
    is_expression,
    template,
)

if TYPE_CHECKING:
    from collections.abc import Collection

ABSENT = object()  # a separate value, because null can be a field's value
SCHEMA = "SCHEMA_VALIDATION_FAILED"
# AWS's code for a transition to a missing state and for an unreachable state.
TRANSITION = "MISSING_TRANSITION_TARGET"
# Fields that exist only in JSONPath states.
JSONPATH_ONLY = frozenset(
    {
        "CausePath",
        "ErrorPath",
        "HeartbeatSecondsPath",
        "InputPath",
        "ItemsPath",
        "MaxConcurrencyPath",
        "OutputPath",
        "Parameters",
        "Result",
        "ResultPath",
        "ResultSelector",
        "SecondsPath",
        "TimeoutSecondsPath",
        "TimestampPath",
    }
)
NOT_SIMULATED = frozenset({"Credentials"})  # fields that AWS supports in JSONata


class DefinitionProblem(ValueError):
    """A problem in a definition and its location, as InvalidDefinition reports them.

    `path` is None for a problem with the entire definition.
    """

    def __init__(self, problem: str, path: str | None, code: str = SCHEMA) -> None:
        where = "null" if path is None else path or "/"
        super().__init__(f"{code}: {problem} at {where}")


class Fields:
    """One object in a definition.

    `path` is its location, and `state` is the state it belongs to. `within` is the
    location within the state, as shown in the causes of failed expressions.
    """

    def __init__(self, value: Any, path: str, *, state: str = "", within: str = "") -> None:
        self.path = path
        if not isinstance(value, dict):
            raise DefinitionProblem("Expected an object", path)
        self._left = dict(value)
        self._state = state
        self._within = within

    def problem(self, problem: str, name: str = "", code: str = SCHEMA) -> DefinitionProblem:
        """The error for a problem with a field, or with the entire object."""
        return DefinitionProblem(problem, f"{self.path}/{name}" if name else self.path, code)

    def take(self, name: str, *, required: bool = False) -> Any:
        """Return the field's value unchanged, or ABSENT."""
        if name not in self._left and required:
            raise self.problem(f"These fields are required: [{name}]")
        return self._left.pop(name, ABSENT)

    def text(self, name: str, *, required: bool = False) -> str | None:
        """Read a field that must be a plain string."""
        value = self.take(name, required=required)
        if value is ABSENT:
            return None
        if not isinstance(value, str) or is_expression(value):
            raise self.problem("Expected a plain string, not an expression", name)
        return value

    def template(self, name: str, offered: Collection[str] = ()) -> Any:
        """Read a field of any type, which can contain expressions.

        Returns ABSENT if it is missing. `offered` contains the members that `$states` has in this
        field in addition to input and context.
        """
        value = self.take(name)
        if value is ABSENT:
            return ABSENT
        try:
            return template(value, f"{self._within}{name}", offered)
        except ExpressionProblem as error:
            place = error.field.removeprefix(self._within)
            raise self.problem(str(error), place, error.code) from error

    def one_of(self, name: str, *types: type, required: bool = False) -> Any:
        """Read a field that must be an expression or a literal of one of the types.

        Returns ABSENT if the field is missing.
        """
        value = self.template(name)
        if value is ABSENT:
            if required:
                raise self.problem(f"These fields are required: [{name}]")
            return ABSENT
        if not isinstance(value, Expression) and type(value) not in types:
            wanted = " or ".join(kind.__name__ for kind in types)
            raise self.problem(f"Expected {wanted} or a JSONata expression", name)
        return value

    def objects(self, name: str) -> tuple[Fields, ...]:
        """Read a field that must be an array of objects. If it is missing, the result is empty."""
        value = self.take(name)
        if value is ABSENT:
            return ()
        if not isinstance(value, list):
            raise self.problem("Expected an array", name)
        return tuple(self._entry(item, f"{name}[{index}]") for index, item in enumerate(value))

    def done(self) -> None:
        """Refuse every field that has not been read, because the state does not support it."""
        self.take("Comment")
        for name in self._left:
            if name in NOT_SIMULATED:
                where = f" of state '{self._state}'" if self._state else ""
                raise self.problem(f"The sandbox does not support the field '{name}'{where}", name)
            if name in JSONPATH_ONLY:
                raise self.problem(
                    f"The QueryLanguage is set to 'JSONata', but field '{name}' is only supported "
                    "for the 'JSONPath' QueryLanguage"
                )
            raise self.problem(f"Field '{name}' is not supported")

    def _entry(self, value: Any, place: str) -> Fields:
        return Fields(value, f"{self.path}/{place}", state=self._state, within=f"{place}/")
