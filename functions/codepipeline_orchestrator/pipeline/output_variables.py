"""The output variables that a target's actions produce and a run returns."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from codepipeline_orchestrator.model.output_variables import flat_name

if TYPE_CHECKING:
    from codepipeline_orchestrator.aws.answers import ActionDetail

# The maximum total size of an action's output variables:
# https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html
MOST_BYTES = 122_880
# Limit for the variables of the target's actions. The result document contains these variables
# twice, as JSON, and must not exceed 256 KiB.
_MOST_BYTES_OF_TARGET = 50_000  # bytes


def _bytes(text: str) -> int:
    return len(text.encode(errors="replace"))


def _in_json(text: str) -> int:
    """An upper bound on the text's length as JSON, including the quotes."""
    return len(json.dumps(text))


def asked_for(names: Iterable[str], actions: Iterable[ActionDetail]) -> dict[str, str]:
    """The variables with these names (`namespace.name`), from ActionExecutionDetails, newest first.

    A retried action produces its variables again, so only the newest execution with a namespace
    counts. Variables that no action produced, or that are too large for a result, are omitted.
    """
    made: dict[str, Mapping[str, str]] = {}
    for detail in actions:
        namespace, variables = detail.input.namespace, detail.output.output_variables
        if namespace and variables:
            made.setdefault(namespace, variables)
    found: dict[str, str] = {}
    for asked in names:
        namespace, _, name = asked.partition(".")
        if name in made.get(namespace, {}):
            found[asked] = made[namespace][name]
    return as_many(found, _MOST_BYTES_OF_TARGET, size=_in_json)


def handed_back(own: Mapping[str, str], targets: Mapping[str, str]) -> dict[str, str]:
    """As many of the run's own variables and the target's as PutJobSuccessResult accepts.

    PutJobSuccessResult does not allow periods in names, so `Build.VERSION` becomes `Build_VERSION`.
    """
    named = {flat_name(asked): value for asked, value in targets.items()}
    return as_many({**own, **{n: v for n, v in named.items() if n not in own}}, MOST_BYTES)


def as_many(
    variables: Mapping[str, str], most: int, *, size: Callable[[str], int] = _bytes
) -> dict[str, str]:
    """The variables in order, except any that would push the total over `most` bytes."""
    kept: dict[str, str] = {}
    left = most
    for name, value in variables.items():
        if (needed := size(name) + size(value)) <= left:
            kept[name] = value
            left -= needed
    return kept
