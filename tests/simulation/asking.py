"""Random inputs for runs."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from tests.simulation.targets import Target

REVISIONS = [
    {"actionName": "Checkout", "revisionType": "COMMIT_ID", "revisionValue": digit * 40}
    for digit in "ab"
]


def random_input(random: Random, target: Target) -> dict[str, Any]:
    return {**target.address, **random.choice((_started, _started, _started, _found))(random)}


def random_user_parameters(random: Random, target: Target) -> str:
    """Create random UserParameters: valid, invalid, or in the format of aws-codepipeline-waiter."""
    dialect = random.random()
    if dialect < 0.04:
        return random.choice(('{"pipelinName": "one"}', "{", '{"pipelineName": "missing"}'))
    if dialect < 0.2 and target.role:
        return _as_the_waiter(random, target)
    return json.dumps(random_input(random, target))


def _as_the_waiter(random: Random, target: Target) -> str:
    trigger = random.choice(("true", '"true"', "true", "false", '"False"'))
    return (
        f'{{\n"targetname":"{target.name}", #Required\n"assumerolearn":"{target.role}", #Required\n'
        f'"trigger": {trigger} // Optional\n}}'
    )


def _started(random: Random) -> dict[str, Any]:
    asked: dict[str, Any] = {}
    if random.random() < 0.35:
        asked["ifRunning"] = random.choice(["start", "join", "wait", "wait", "skip"])
    if random.random() < 0.2:
        asked["clientRequestToken"] = random.choice(["Monday", "Monday", "Tuesday"])
    # Variables matter most if the run may join an execution or uses a token.
    if random.random() < (0.6 if asked else 0.15):
        asked["variables"] = [{"name": "size", "value": random.choice(["large", "huge"])}]
    if random.random() < 0.08:
        asked["sourceRevisions"] = [random.choice(REVISIONS)]
    if random.random() < 0.1:
        return {**asked, "wait": False}
    return {**asked, **_followed(random)}


def _found(random: Random) -> dict[str, Any]:
    if random.random() < 0.3:
        return {"mode": "idle", "timeoutMinutes": random.choice([3, 20])}
    if random.random() < 0.4:
        after = random.choice(["run", "run", "2026-01-05T09:01:00Z", "2026-01-05T10:00:30.5+01:00"])
        return {**_followed(random), "mode": "latest", "startedAfter": after}
    never = random.choice(["fail", "succeed"])
    return {**_followed(random), "mode": "latest", "onNeverRun": never}


def _followed(random: Random) -> dict[str, Any]:
    asked: dict[str, Any] = {"timeoutMinutes": random.choice([3, 8, 20, 20, 30])}
    if random.random() < 0.5:
        asked["onSuperseded"] = random.choice(["fail", "follow", "follow", "succeed"])
    if random.random() < 0.4:
        asked["onRestarted"] = random.choice(["fail", "follow", "follow"])
    if random.random() < 0.4:
        asked["onTimeout"] = random.choice(["leave", "stop", "stop", "abandon"])
    if random.random() < 0.4:
        asked["maxStageRetries"] = random.choice([1, 1, 3])
    if random.random() < 0.4:
        asked["onAbort"] = random.choice(["leave", "stop", "stop", "abandon"])
    return asked
