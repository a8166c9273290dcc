"""Output variables: what a target's actions made, and what later actions are handed back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

# https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html: all output variables of an
# action together; what remains is for our own.
_MOST_BYTES = 122_880 - 8_192


def asked_for(names: Iterable[str], actions: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The variables named `namespace.name`, from ActionExecutionDetails, newest first.

    A retried action has made its variables anew, so the newest run of a namespace counts. What no
    action has made is missing in the answer.
    """
    made: dict[str, Mapping[str, str]] = {}
    for detail in actions:
        namespace = detail.get("input", {}).get("namespace")
        variables = detail.get("output", {}).get("outputVariables")
        if namespace and variables:
            made.setdefault(namespace, variables)
    found: dict[str, str] = {}
    for asked in names:
        namespace, _, name = asked.partition(".")
        if name in made.get(namespace, {}):
            found[asked] = str(made[namespace][name])
    return found


def handed_back(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables under names that PutJobSuccessResult takes, as many as it takes.

    A name there has no point, so `Build.VERSION` is handed back as `Build_VERSION`.
    """
    kept: dict[str, str] = {}
    size = 0
    for asked, value in variables.items():
        name = asked.replace(".", "_", 1)
        size += len(name.encode()) + len(value.encode())
        if size <= _MOST_BYTES:
            kept[name] = value
    return kept
