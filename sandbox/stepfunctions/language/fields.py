"""Reading a definition's fields one by one, so that what nobody read can be refused."""

from __future__ import annotations

from typing import Any

from sandbox.stepfunctions.language.jsonata import (
    Expression,
    SyntaxProblem,
    is_expression,
    template,
)

ABSENT = object()  # null is a value


class DefinitionProblem(ValueError):
    """What is wrong with a definition, and where, in the words of InvalidDefinition."""

    def __init__(self, problem: str, path: str) -> None:
        super().__init__(f"SCHEMA_VALIDATION_FAILED: {problem} at {path or '/'}")


class Fields:
    """One object of a definition. `path` says where it is, `state` in which state (if any)."""

    def __init__(self, value: Any, path: str, *, state: str = "") -> None:
        self.path = path
        if not isinstance(value, dict):
            raise DefinitionProblem("Expected an object", path)
        self._left = dict(value)
        self._state = state

    def problem(self, problem: str, name: str = "") -> DefinitionProblem:
        """The error to raise about a field, or about the whole object."""
        return DefinitionProblem(problem, f"{self.path}/{name}" if name else self.path)

    def take(self, name: str, *, required: bool = False) -> Any:
        """The field's value as it is; ABSENT when there is none."""
        if name not in self._left and required:
            raise self.problem(f"The field '{name}' is required")
        return self._left.pop(name, ABSENT)

    def text(self, name: str, *, required: bool = False) -> str | None:
        """A field that must be a plain string."""
        value = self.take(name, required=required)
        if value is ABSENT:
            return None
        if not isinstance(value, str) or is_expression(value):
            raise self.problem("Expected a string that is no expression", name)
        return value

    def template(self, name: str) -> Any:
        """A field of any type with expressions anywhere in it; ABSENT when there is none."""
        value = self.take(name)
        if value is ABSENT:
            return ABSENT
        try:
            return template(value, name)
        except SyntaxProblem as error:
            raise self.problem(f"Invalid JSONata expression: {error}", name) from error

    def one_of(self, name: str, *types: type, required: bool = False) -> Any:
        """A field that is an expression or a literal of one of the types; ABSENT when missing."""
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
        """A field that is an array of objects; none when the field is missing."""
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
        """Refuse every field that nobody read."""
        self.take("Comment")
        for name in self._left:
            where = f" of state '{self._state}'" if self._state else ""
            raise self.problem(f"The sandbox does not support the field '{name}'{where}", name)
