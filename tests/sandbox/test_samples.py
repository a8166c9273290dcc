"""The sandbox produces the states and events that AWS's documentation shows.

Each file in samples/ contains a scenario, a request made when the scenario ends (or at the time
`at`), and the `shape` of the documented response: its members and lists, its statuses and other
fixed words, and `string`, `number` or `boolean` for all other values. `newer` lists the members
that CodePipeline has added since the sample was written.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
import yaml

from playground.scenarios import durations
from playground.scenarios.loading import load
from playground.scenarios.play import cloud_for, play

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.yaml"))
KINDS = {str: "string", bool: "boolean", int: "number", float: "number", datetime: "number"}


@pytest.mark.rule("S1", "S2", "V1", "B3")
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_the_sandbox_gives_the_documented_answers_and_events(path):
    # given
    sample = yaml.safe_load(path.read_text("utf-8"))
    scenario = load(yaml.safe_dump(sample["scenario"], sort_keys=False), path.name)

    # when
    with cloud_for(scenario) as cloud:
        played = play(scenario, cloud)
        if "at" in sample:
            time = durations.seconds(sample["at"])
            assert time is not None
            cloud.world.run(played.began + time)
        else:
            cloud.world.run()
        answer = asked(sample, played)

    # then
    assert (played.refused, played.missed) == ([], [])
    assert list(different(sample["shape"], answer, set(sample["newer"]))) == []


def asked(sample, played):
    if "event" in sample:
        kind, state = sample["event"]["kind"], sample["event"]["state"]
        return [
            json.loads(json.dumps(event))
            for event in played.cloud.events.log
            if event["detail-type"] == f"CodePipeline {kind} Execution State Change"
            and event["detail"]["state"] == state
        ][-1]
    client = played.cloud.session("111122223333", "eu-west-1").client("codepipeline")
    query = dict(sample["with"])
    if "execution" in sample:
        [started] = played.executions.values()
        query["pipelineExecutionId"] = started[sample["execution"] - 1]
    answer = getattr(client, sample["ask"])(**query)
    del answer["ResponseMetadata"]
    if "stage" in sample:  # the sample shows only this stage
        stages = answer["stageStates"]
        answer["stageStates"] = [each for each in stages if each["stageName"] == sample["stage"]]
    return answer


def different(shape, value, newer, place=""):
    if isinstance(shape, dict) and isinstance(value, dict):
        for name in sorted(shape.keys() | value.keys()):
            inner = f"{place}.{name}".removeprefix(".")
            if name not in value:
                yield f"{inner} is missing"
            elif name in shape:
                yield from different(shape[name], value[name], newer, inner)
            elif inner not in newer:
                yield f"{inner} is not in the sample"
    elif isinstance(shape, list) and isinstance(value, list):
        if len(shape) != len(value):
            yield f"{place} has {len(value)} items instead of {len(shape)}"
        for inner_shape, inner_value in zip(shape, value, strict=False):
            yield from different(inner_shape, inner_value, newer, f"{place}[]")
    elif shape not in {value, KINDS.get(type(value))}:
        yield f"{place} is {value!r} instead of {shape!r}"


def test_a_difference_is_reported_with_its_place():
    shape = {"stages": [{"status": "Failed", "name": "string"}, {}], "old": "number"}
    value = {"stages": [{"status": "Succeeded", "name": 1, "since": True}], "recent": 1}

    assert list(different(shape, value, {"recent"})) == [
        "old is missing",
        "stages has 1 items instead of 2",
        "stages[].name is 1 instead of 'string'",
        "stages[].since is not in the sample",
        "stages[].status is 'Succeeded' instead of 'Failed'",
    ]
