from __future__ import annotations

import json

import pytest

from codepipeline_orchestrator.errors import InvalidInput
from codepipeline_orchestrator.input.mistakes import shown
from codepipeline_orchestrator.input.parsing import parse_input

KNOWN = (
    "pipelineName, roleArn, externalId, region, mode, pipelineExecutionId, wait, variables, "
    "sourceRevisions, clientRequestToken, ifRunning, onNeverRun, startedAfter, "
    "timeoutMinutes, onSuperseded, onRestarted, "
    "onTimeout, onAbort, maxStageRetries, outputVariables"
)
REVISION = {"actionName": "A", "revisionType": "COMMIT_ID", "revisionValue": "abc"}


@pytest.mark.parametrize(
    "given, words",
    [
        (
            {"pipelineName": 5},
            (
                "pipelineName: 5 was given. Input should be a valid string. The target pipeline's "
                "name."
            ),
        ),
        ({"x": 1}, f"x: unknown field. Known fields are {KNOWN}."),
        ({"7": 1}, f"7: unknown field. Known fields are {KNOWN}."),
        ({"x" * 99: 1}, f"{'x' * 99}: unknown field. Known fields are {KNOWN}."),
        ({"x" * 100: 1}, f"'{'x' * 47}...{'x' * 48}': unknown field. Known fields are {KNOWN}."),
        ({"a b": 1}, f"'a b': unknown field. Known fields are {KNOWN}."),
        ({"Region": "eu-west-1"}, "Region: unknown field (did you mean region?)."),
        ({"TRIGGER": 1}, "TRIGGER: unknown field (did you mean trigger?)."),
        (
            {"variables": [{"name": "A", "value": "b", "nam": 1}]},
            "variables.0.nam: unknown field (did you mean name?).",
        ),
        (
            {"variables": [{"name": "A", "value": "b", "x": 1}]},
            "variables.0.x: unknown field. Known fields are name, value.",
        ),
        (
            {"variables": [{"name": "A"}]},
            "variables.0.value: missing. The variable's value, 1 to 1,000 characters.",
        ),
        (
            {"variables": [3]},
            (
                "variables.0: 3 was given. Input should be a valid dictionary or instance of "
                "Variable. Pipeline variables for the new execution (V2 pipelines)."
            ),
        ),
        (
            {"sourceRevisions": [{**REVISION, "revisionType": "COMMIT"}]},
            (
                "sourceRevisions.0.revisionType: 'COMMIT' was given (did you mean COMMIT_ID?). "
                "Input should be 'COMMIT_ID', 'IMAGE_DIGEST', 'S3_OBJECT_VERSION_ID' or "
                "'S3_OBJECT_KEY'. The kind of revision in revisionValue."
            ),
        ),
        (
            {"sourceRevisions": [{**REVISION, "revisionType": "X"}]},
            (
                "sourceRevisions.0.revisionType: 'X' was given. Input should be 'COMMIT_ID', "
                "'IMAGE_DIGEST', 'S3_OBJECT_VERSION_ID' or 'S3_OBJECT_KEY'. The kind of revision "
                "in revisionValue."
            ),
        ),
        (
            {"mode": "Lastest"},
            (
                "mode: 'Lastest' was given (did you mean latest?). Input should be 'start', "
                "'latest' or 'idle'. `start`: start a new execution and follow it. `latest`: "
                "follow the newest execution, even if it has ended. `idle`: wait until no "
                "execution is running, regardless of outcome."
            ),
        ),
        (
            {"mode": 7},
            (
                "mode: 7 was given. Input should be 'start', 'latest' or 'idle'. `start`: start a "
                "new execution and follow it. `latest`: follow the newest execution, even if it "
                "has ended. `idle`: wait until no execution is running, regardless of outcome."
            ),
        ),
        (
            {"outputVariables": [7]},
            (
                "outputVariables.0: 7 was given. Input should be a valid string. Output variables "
                "of the target's actions to return, each as `namespace.name`. Each is returned as "
                "`namespace_name`, which must be unique and must not begin with `revision_`."
            ),
        ),
        (
            {"outputVariables": ["A"]},
            (
                "outputVariables.0: 'A' was given, which does not match "
                r"^[A-Za-z0-9@\-_]+\.[A-Za-z0-9@\-_]+$."
            ),
        ),
        (
            {"mode": "idle", "wait": False},
            (
                "wait: false ends the run once it has started the target, but mode 'idle' starts "
                "nothing."
            ),
        ),
        (
            {"region": 1, "wait": 2},
            (
                "region: 1 was given. Input should be a valid string. The target's Region. "
                "Default: the orchestrator's; wait: 2 was given. Input should be a valid boolean. "
                "`false`: end the run as soon as the target has started."
            ),
        ),
    ],
    ids=lambda given: None if isinstance(given, str) else json.dumps(given)[:40],
)
def test_a_mistake_is_reported_with_its_field_and_the_allowed_values(given, words):
    with pytest.raises(InvalidInput) as caught:
        parse_input({"pipelineName": "p", **given})
    assert str(caught.value) == words


@pytest.mark.parametrize(
    "mistakes, end", [(5, "outputVariables."), (6, "outputVariables; and 1 more mistakes.")]
)
def test_at_most_five_mistakes_are_listed(mistakes, end):
    with pytest.raises(InvalidInput) as caught:
        parse_input({"pipelineName": "p", **{f"x{n}": 1 for n in range(mistakes)}})
    assert str(caught.value).count("unknown field") == 5
    assert str(caught.value).endswith(end)


@pytest.mark.parametrize(
    "value, words",
    [
        ("x" * 98, f"'{'x' * 98}'"),
        ("x" * 99, f"'{'x' * 47}...{'x' * 48}'"),
        ([[[1]]], "[[[...]]]"),
        ({"a": {"b": {"c": 1}}}, "{'a': {'b': {...}}}"),
        ("a\n\x1b[31m", r"'a\n\x1b[31m'"),
    ],
)
def test_a_value_is_shown_shortened_and_without_control_characters(value, words):
    assert shown(value) == words
