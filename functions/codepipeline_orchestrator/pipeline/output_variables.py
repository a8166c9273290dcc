"""Output variables: what a target's actions made, and what later actions are handed back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from codepipeline_orchestrator.model.output_variables import flat_name

if TYPE_CHECKING:
    from codepipeline_orchestrator.aws.answers import ActionDetail

# https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html: all output variables of an
# action together.
MOST_BYTES = 122_880
# Of those that the target's actions made: the result document, which must not exceed 256 KiB, has
# them twice, and they travel as JSON.
_MOST_ASKED_FOR = 50_000  # bytes


def _bytes(text: str) -> int:
    return len(text.encode(errors="replace"))


def _in_json(text: str) -> int:
    """The most that it takes, with its quotes, however it is written."""
    return len(json.dumps(text))


def asked_for(names: Iterable[str], actions: Iterable[ActionDetail]) -> dict[str, str]:
    """The variables named `namespace.name`, from ActionExecutionDetails, newest first.

    A retried action has made its variables anew, so the newest run of a namespace counts. What no
    action has made is missing in the answer, and so is what is too large for a result.
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
    return as_many(found, _MOST_ASKED_FOR, size=_in_json)


def handed_back(own: Mapping[str, str], targets: Mapping[str, str]) -> dict[str, str]:
    """Our own variables and the target's, as many as PutJobSuccessResult takes.

    A name there has no point, so `Build.VERSION` is handed back as `Build_VERSION`.
    """
    named = {flat_name(asked): value for asked, value in targets.items()}
    return as_many({**own, **{n: v for n, v in named.items() if n not in own}}, MOST_BYTES)


def as_many(
    variables: Mapping[str, str], most: int, *, size: Callable[[str], int] = _bytes
) -> dict[str, str]:
    """The variables, in their order, without those that would make them exceed `most` bytes."""
    kept: dict[str, str] = {}
    left = most
    for name, value in variables.items():
        if (needed := size(name) + size(value)) <= left:
            kept[name] = value
            left -= needed
    return kept
