"""Draw the state machine as a Mermaid flowchart, for docs/architecture.md."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DEFINITION = Path(__file__).parents[1] / "statemachine" / "pipeline_run.asl.yaml"
_SHAPES = {
    "Task": "[{}]",
    "Choice": "{{{}}}",
    "Wait": "([{}])",
    "Pass": "[/{}/]",
    "Succeed": "((({})))",
    "Fail": "((({})))",
}


def picture() -> str:
    """Draw the states. Solid lines are transitions, and dotted lines follow a caught error."""
    machine = yaml.safe_load(DEFINITION.read_text(encoding="utf-8"))
    states = machine["States"]
    lines = ["flowchart TD", f"  Begin((start)) --> {machine['StartAt']}"]
    lines += [f"  {name}{_SHAPES[state['Type']].format(name)}" for name, state in states.items()]
    for name, state in states.items():
        lines += _lines(name, state)
    return "\n".join(lines) + "\n"


def _lines(name: str, state: Mapping[str, Any]) -> list[str]:
    usual = list(dict.fromkeys(_next(state)))
    caught = dict.fromkeys(catch["Next"] for catch in state.get("Catch", []))
    return [
        *(f"  {name} --> {each}" for each in usual),
        *(f"  {name} -.-> {each}" for each in caught if each not in usual),
    ]


def _next(state: Mapping[str, Any]) -> Iterator[str]:
    for choice in state.get("Choices", []):
        yield choice["Next"]
    for field in ("Default", "Next"):
        if field in state:
            yield state[field]
