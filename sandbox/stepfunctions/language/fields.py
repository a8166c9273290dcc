"""Reads a definition's fields one by one, so that fields that were never read can be refused."""

from __future__ import annotations

from typing import Any

from sandbox.stepfunctions.language.jsonata import (
    Expression,
    SyntaxProblem,
    is_expression,
    template,
)

ABSENT = object()  # a separate value, because null can be a field's value


class DefinitionProblem(ValueError):
    """A problem in a definition and its location, in the words of InvalidDefinition."""

    def __init__(self, problem: str, path: str) -> None:
        super().__init__(f"SCHEMA_VALIDATION_FAILED: {problem} at {path or '/'}")


class Fields:
    """One object in a definition.

    `path` is its location, and `state` is the state it belongs to.
    """

    def __init__(self, value: Any, path: str, *, state: str = "") -> None:
        self.path = path
        if not isinstance(value, dict):
            raise DefinitionProblem("Expected an object", path)
        self._left = dict(value)
        self._state = state

    def problem(self, problem: str, name: str = "") -> DefinitionProblem:
        """The error for a problem with a field, or with the entire object."""
        return DefinitionProblem(problem, f"{self.path}/{name}" if name else self.path)

    def take(self, name: str, *, required: bool = False) -> Any:
        """Return the field's value unchanged, or ABSENT."""
        if name not in self._left and required:
            raise self.problem(f"The field '{name}' is required")
        return self._left.pop(name, ABSENT)

    def text(self, name: str, *, required: bool = False) -> str | None:
        """Read a field that must be a plain string."""
        value = self.take(name, required=required)
        if value is ABSENT:
            return None
        if not isinstance(value, str) or is_expression(value):
            raise self.problem("Expected a plain string, not an expression", name)
        return value

    def template(self, name: str) -> Any:
        """Read a field of any type, which can contain expressions.

        Returns ABSENT if it is missing.
        """
        value = self.take(name)
        if value is ABSENT:
            return ABSENT
        try:
            return template(value, name)
        except SyntaxProblem as error:
            raise self.problem(f"Invalid JSONata expression: {error}", name) from error

    def one_of(self, name: str, *types: type, required: bool = False) -> Any:
        """Read a field that must be an expression or a literal of one of the types.

        Returns ABSENT if the field is missing.
        """
        value = self.template(name)
        if value is ABSENT:
            if required:
                raise self.problem(f"The field '{name}' is required")
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
        path = f"{self.path}/{name}"
        return tuple(
            Fields(item, f"{path}[{index}]", state=self._state) for index, item in enumerate(value)
        )

    def done(self) -> None:
        """Refuse every field that has not been read."""
        self.take("Comment")
        for name in self._left:
            where = f" of state '{self._state}'" if self._state else ""
            raise self.problem(f"The sandbox does not support the field '{name}'{where}", name)
