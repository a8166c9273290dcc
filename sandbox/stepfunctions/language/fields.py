"""Reads a definition's fields one by one, so that unread fields can be refused."""

from __future__ import annotations

from typing import Any

from sandbox.stepfunctions.language.jsonata import (
    Expression,
    SyntaxProblem,
    is_expression,
    template,
)

ABSENT = object()  # a separate value, because null is valid


class DefinitionProblem(ValueError):
    """A problem in a definition and its place, in the words of InvalidDefinition."""

    def __init__(self, problem: str, path: str) -> None:
        super().__init__(f"SCHEMA_VALIDATION_FAILED: {problem} at {path or '/'}")


class Fields:
    """One object of a definition. `path` is its place, and `state` is its state (if any)."""

    def __init__(self, value: Any, path: str, *, state: str = "") -> None:
        self.path = path
        if not isinstance(value, dict):
            raise DefinitionProblem("Expected an object", path)
        self._left = dict(value)
        self._state = state

    def problem(self, problem: str, name: str = "") -> DefinitionProblem:
        """The error for a field, or for the whole object."""
        return DefinitionProblem(problem, f"{self.path}/{name}" if name else self.path)

    def take(self, name: str, *, required: bool = False) -> Any:
        """The field's value unchanged, or ABSENT."""
        if name not in self._left and required:
            raise self.problem(f"The field '{name}' is required")
        return self._left.pop(name, ABSENT)

    def text(self, name: str, *, required: bool = False) -> str | None:
        """A field that must be a plain string."""
        value = self.take(name, required=required)
        if value is ABSENT:
            return None
        if not isinstance(value, str) or is_expression(value):
            raise self.problem("Expected a plain string, not an expression", name)
        return value

    def template(self, name: str) -> Any:
        """A field of any type that can contain expressions, or ABSENT."""
        value = self.take(name)
        if value is ABSENT:
            return ABSENT
        try:
            return template(value, name)
        except SyntaxProblem as error:
            raise self.problem(f"Invalid JSONata expression: {error}", name) from error

    def one_of(self, name: str, *types: type, required: bool = False) -> Any:
        """A field that is an expression or a literal of one of the types, or ABSENT."""
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
        """A field that is an array of objects. Empty if the field is missing."""
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
