"""Finds references that AWS does not accept in expressions.

An expression has no context item: the input is `$states.input`, and variables are `$name`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.stepfunctions.language.syntax_tree import children

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

CONTEXT, ROOT = "", "$"  # the names of `$` and `$$` without the first dollar sign
RESULT, ERROR_OUTPUT = "result", "errorOutput"
_SOMETIMES = frozenset({RESULT, ERROR_OUTPUT})  # members of $states that only some fields can use
# The parts of a node that are evaluated with the node's own value as context.
_WITH_CONTEXT = frozenset({"stages", "predicate", "group", "terms", "pattern", "update", "delete"})


def problem_of(tree: Any, offered: Collection[str]) -> str | None:
    """Return AWS's message about the first unsupported reference, or None.

    `offered` contains the members that `$states` has in this field in addition to input and
    context.
    """
    return next(_problems(tree, offered, top=True), None)


def _problems(node: Any, offered: Collection[str], *, top: bool) -> Iterator[str]:
    if node.type == "variable" and node.value == ROOT:
        yield "Reference to '$$' is not supported."
    elif top and node.type in {"wildcard", "descendant", "name"}:
        yield _at_the_top(node.value)
    elif top and node.type == "variable" and node.value == CONTEXT:
        yield _at_the_top("$")
    elif node.type == "path":
        yield from _problems_of_path(node, offered, top=top)
        return
    for name, child in children(node):
        yield from _problems(child, offered, top=top and name not in _WITH_CONTEXT)


def _problems_of_path(node: Any, offered: Collection[str], *, top: bool) -> Iterator[str]:
    first, *others = node.steps
    yield from _problems(first, offered, top=top)
    if first.type == "variable" and first.value == "states" and others:
        member = others[0].value
        if others[0].type == "name" and member in _SOMETIMES and member not in offered:
            yield f"Field '$states.{member}' does not exist."
    for step in others:
        yield from _problems(step, offered, top=False)
    for name, child in children(node):
        if name != "steps":
            yield from _problems(child, offered, top=False)


def _at_the_top(name: str) -> str:
    return f"Reference to '{name}' at the top level is not supported."
