from __future__ import annotations

import pytest

from codepipeline_orchestrator.errors import InvalidInput
from codepipeline_orchestrator.input.parsing import parse_input

ID = "aaaaaaaa-1111-2222-3333-444444444444"
ROLE = "arn:aws:iam::222233334444:role/"
REVISION = {"actionName": "A", "revisionType": "COMMIT_ID", "revisionValue": "abc"}
VARIABLE = {"name": "A", "value": "b"}
STARTING = {
    "variables": [VARIABLE],
    "sourceRevisions": [REVISION],
    "clientRequestToken": "t",
    "ifRunning": "start",
}
FOLLOWING = {
    "onSuperseded": "fail",
    "onTimeout": "leave",
    "onAbort": "leave",
    "maxStageRetries": 0,
    "outputVariables": ["A.b"],
}


def read(**fields):
    return parse_input({"pipelineName": "p", **fields})


def refusal(**fields):
    with pytest.raises(InvalidInput) as caught:
        read(**fields)
    return str(caught.value)


@pytest.mark.parametrize("name", STARTING)
@pytest.mark.parametrize("mode", ["latest", "idle"])
def test_a_field_that_affects_a_start_is_refused_when_nothing_is_started(name, mode):
    assert refusal(mode=mode, **{name: STARTING[name]}) == (
        f"{name}: only valid with mode 'start', but this input has mode '{mode}'. Remove it, or "
        "change the other fields."
    )


@pytest.mark.parametrize("name", [*STARTING, "onNeverRun", "startedAfter", "mode"])
def test_a_field_that_selects_an_execution_is_refused_next_to_an_execution_id(name):
    given = {**STARTING, "onNeverRun": "fail", "startedAfter": "run", "mode": "start"}[name]
    assert refusal(pipelineExecutionId=ID, **{name: given}) == (
        f"{name}: not valid with pipelineExecutionId, which names an existing execution. Remove "
        "it, or change the other fields."
    )


@pytest.mark.parametrize("name", FOLLOWING)
def test_a_field_that_affects_following_is_refused_when_nothing_is_followed(name):
    given = {name: FOLLOWING[name]}
    assert refusal(mode="idle", **given) == (
        f"{name}: not valid with mode 'idle', which follows no execution. Remove it, or change "
        "the other fields."
    )
    assert refusal(wait=False, **given) == (
        f"{name}: not valid with wait false, because the run does not wait. Remove it, or "
        "change the other fields."
    )


def test_several_fields_are_listed_in_one_error():
    assert refusal(wait=False, onTimeout="stop", maxStageRetries=1) == (
        "onTimeout, maxStageRetries: not valid with wait false, because the run does not wait. "
        "Remove them, or change the other fields."
    )


@pytest.mark.parametrize("name, given", [("onNeverRun", "fail"), ("startedAfter", "run")])
def test_a_field_about_the_latest_execution_is_valid_only_with_latest(name, given):
    assert refusal(**{name: given}) == (
        f"{name}: only valid with mode 'latest'. Remove it, or change the other fields."
    )


def test_on_never_run_is_not_valid_when_the_run_waits_for_an_execution():
    assert refusal(mode="latest", startedAfter="run", onNeverRun="fail") == (
        "onNeverRun: not valid with startedAfter, which waits for an execution. Remove it, or "
        "change the other fields."
    )
    read(mode="latest", startedAfter="run")


@pytest.mark.parametrize(
    "given, what",
    [
        ({"pipelineExecutionId": ID}, "pipelineExecutionId"),
        ({"mode": "latest"}, "mode 'latest'"),
        ({"mode": "idle"}, "mode 'idle'"),
    ],
)
def test_a_run_that_starts_nothing_must_wait(given, what):
    assert refusal(wait=False, **given) == (
        f"wait: false ends the run once it has started the target, but {what} starts nothing."
    )


@pytest.mark.parametrize(
    "field, longest",
    [
        ("pipelineName", "p" * 100),
        ("roleArn", ROLE + "r" * (2_048 - len(ROLE))),
        ("externalId", "e" * 1_224),
        ("clientRequestToken", "t" * 1_024),
        ("timeoutMinutes", 525_000),
        ("maxStageRetries", 10),
        ("variables", [{**VARIABLE, "name": f"A{n}"} for n in range(50)]),
        ("sourceRevisions", [{**REVISION, "actionName": f"A{n}"} for n in range(50)]),
        ("outputVariables", [f"A.b{n}" for n in range(50)]),
        ("outputVariables", [f"A.{'b' * 198}"]),
        ("variables", [{**VARIABLE, "name": "n" * 128}]),
        ("variables", [{**VARIABLE, "value": "v" * 1_000}]),
        ("sourceRevisions", [{**REVISION, "actionName": "a" * 100}]),
        ("sourceRevisions", [{**REVISION, "revisionValue": "r" * 1_500}]),
    ],
    ids=lambda given: str(given)[:30],
)
def test_a_field_may_be_as_long_as_its_limit_but_not_longer(field, longest):
    read(**{field: longest})
    assert field in refusal(**{field: more(longest)})


def _kept(item):
    return {name: text for name, text in item.items() if name == "revisionType"}


def more(value):
    match value:
        case int():
            return value + 1
        case str():
            return value + value[-1]
        case [only]:
            return [more(only)]
        case [str() as first, *_]:
            return [*value, f"{first}x"]
        case [first, *_]:
            return [*value, {name: f"{text}x" for name, text in first.items()} | _kept(first)]
    return {name: more(text) if len(text) > 10 else text for name, text in value.items()}


@pytest.mark.parametrize(
    "field, shortest, shorter",
    [
        ("externalId", "ee", "e"),
        ("clientRequestToken", "t", ""),
        ("timeoutMinutes", 1, 0),
        ("maxStageRetries", 0, -1),
        ("variables", [VARIABLE], []),
        ("sourceRevisions", [REVISION], []),
        ("outputVariables", ["A.b"], []),
        ("variables", [{**VARIABLE, "value": "v"}], [{**VARIABLE, "value": ""}]),
        (
            "sourceRevisions",
            [{**REVISION, "revisionValue": "r"}],
            [{**REVISION, "revisionValue": ""}],
        ),
    ],
    ids=lambda given: str(given)[:30],
)
def test_a_field_may_be_as_short_as_its_limit_but_not_shorter(field, shortest, shorter):
    read(**{field: shortest})
    assert field in refusal(**{field: shorter})


def test_a_parsed_input_is_immutable():
    made = read()
    with pytest.raises(ValueError, match="frozen"):
        made.wait = False
