from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codepipeline_orchestrator.errors import InvalidInput
from codepipeline_orchestrator.input.parsing import (
    ADDED_BY_AWS,
    parse_input,
    parse_user_parameters,
)
from codepipeline_orchestrator.model.request import Mode, OnSuperseded

README_OF_THE_WAITER = """\
{
"targetname":"target-pipeline-name", #Required
"assumerolearn":"arn:aws:iam::111122223333:role/example-role-for-target-pipeline-name", #Required
"trigger": true #Optional. Defaults to false
}
"""


def test_the_example_from_the_old_waiter_is_accepted_with_its_comments():
    run_input = parse_user_parameters(README_OF_THE_WAITER)

    assert run_input.pipeline_name == "target-pipeline-name"
    assert run_input.role_arn == (
        "arn:aws:iam::111122223333:role/example-role-for-target-pipeline-name"
    )
    assert run_input.mode is Mode.START


@pytest.mark.parametrize(
    "trigger, mode",
    [
        ("true", Mode.START),
        ("false", Mode.LATEST),
        ('"true"', Mode.START),
        ('"True"', Mode.START),
        ('"false"', Mode.LATEST),
    ],
)
def test_the_strings_true_and_false_are_read_as_booleans(trigger, mode):
    assert parse_user_parameters(f'{{"targetname": "p", "trigger": {trigger}}}').mode is mode


def test_without_trigger_the_waiter_follows_the_latest_execution():
    assert parse_user_parameters('{"targetname": "p"}').mode is Mode.LATEST


def test_an_empty_role_in_waiter_input_means_no_role():
    assert parse_user_parameters('{"targetname": "p", "assumerolearn": ""}').role_arn is None


def test_comment_markers_inside_strings_are_text():
    text = '{"targetname": "p", // not a string\n "trigger": "true" # "true"\n}'
    assert parse_user_parameters(text).mode is Mode.START
    token = '{"pipelineName": "p", "clientRequestToken": "https://x/#y"}'
    assert parse_user_parameters(token).client_request_token == "https://x/#y"


def test_input_for_the_old_executor_is_accepted():
    run_input = parse_input({"pipelineName": "MyFirstPipeline"})

    assert run_input.to_document() == {"pipelineName": "MyFirstPipeline"}
    assert (run_input.mode, run_input.wait) == (Mode.START, True)


def test_every_field_is_parsed_and_serialized():
    document = {
        "pipelineName": "deploy",
        "roleArn": "arn:aws-cn:iam::111122223333:role/path/target",
        "externalId": "ext-1",
        "region": "us-gov-west-1",
        "wait": False,
        "ifRunning": "wait",
        "variables": [{"name": "IMAGE", "value": "app:1"}],
        "sourceRevisions": [
            {"actionName": "Source", "revisionType": "COMMIT_ID", "revisionValue": "abc"}
        ],
        "clientRequestToken": "arn:aws:scheduler:x 2026-01-01T00:00:00Z",
        "timeoutMinutes": 90,
    }
    assert parse_input(document).to_document() == document


@pytest.mark.parametrize(
    "document",
    [
        {"mode": "latest", "onNeverRun": "succeed", "onSuperseded": "follow"},
        {"mode": "idle", "timeoutMinutes": 5},
        {"pipelineExecutionId": "aaaaaaaa-1111-2222-3333-444444444444"},
        {"maxStageRetries": 2, "onTimeout": "stop", "outputVariables": ["Build.VERSION"]},
        {"ifRunning": "skip"},
        {"onAbort": "stop"},
        {"ifRunning": "join", "onSuperseded": "succeed"},
    ],
)
def test_modes_and_policies_are_parsed_and_serialized(document):
    named = {"pipelineName": "deploy", **document}

    assert parse_input(named).to_document() == named
    assert parse_input(parse_input(named).to_document()) == parse_input(named)


@pytest.mark.parametrize("trigger", ["true", "false"])
def test_waiter_input_follows_the_execution_that_superseded_the_target(trigger):
    run_input = parse_user_parameters(f'{{"targetname": "p", "trigger": {trigger}}}')

    assert run_input.on_superseded is OnSuperseded.FOLLOW


BAD = [
    # Each text with the words that its error must contain.
    (None, ["no UserParameters", '"pipelineName"']),
    ("  \n", ["no UserParameters"]),
    ("{", ["not JSON", "line 1, column 2"]),
    ('{"pipelineName": "p",\n "mode": }', ["not JSON", "no value", "line 2", '"mode": }\'']),
    ("{\n", ["not JSON", "line 2, column 1", "'{\\n'"]),
    ('{"pipelineName": "p",\u2028\x0b\n 5}', ["not JSON", "line 1", '"p",\\u2028\\u000b\\n 5']),
    (f"[{'x' * 99}]", ["not JSON", f"'[{'x' * 40}…'"]),
    ('{"pipelineName": "p", # why\n "mode": }', ["line 1, column 23"]),
    ('{"targetname": "p", # why', ["line 1, column 21", '\'{"targetname": "p",\'']),
    ('{"pipelineName": "p"} # why', ["not JSON", "comments are allowed only", "targetname"]),
    ("[]", ["a list", "JSON object"]),
    ('"deploy"', ["a string"]),
    ("3", ["a number"]),
    ("true", ["true or false"]),
    ("null", ["null"]),
    ("{}", ["pipelineName: missing"]),
    ('{"pipelinName": "p"}', ["pipelinName: unknown field", "did you mean pipelineName?"]),
    ('{"pipelineName": "p", "role_arn": "x"}', ["role_arn", "did you mean roleArn?"]),
    ('{"pipelineName": "p", "zzz": 1}', ["zzz: unknown field", "Known fields are pipelineName"]),
    ('{"pipelineName": 5}', ["pipelineName: 5 was given", "without quotes"]),
    ('{"pipelineName": "a b"}', ["pipelineName: 'a b' was given", "It must be"]),
    ('{"pipelineName": "p\\n"}', ["pipelineName", "It must be"]),
    (f'{{"pipelineName": "{"p" * 101}"}}', ["pipelineName", "100"]),
    (
        '{"pipelineName": "p", "roleArn": "role"}',
        ["roleArn: 'role' was given", "It must be"],
    ),
    (
        '{"pipelineName": "p", "roleArn": "arn:aws:iam::123456789:role/r"}',
        ["roleArn", "such as arn:aws:iam::111122223333:role/NAME"],
    ),
    ('{"pipelineName": "p", "region": "europe"}', ["region: 'europe' was given"]),
    (
        '{"pipelineName": "p", "mode": "strat"}',
        ["mode: 'strat' was given", "start, latest or idle"],
    ),
    ('{"pipelineName": "p", "wait": "no"}', ["wait: 'no' was given, in quotes", "true or false"]),
    ('{"pipelineName": "p", "wait": 1}', ["wait: 1 was given"]),
    ('{"pipelineName": "p", "timeoutMinutes": "90"}', ["timeoutMinutes: '90' was given"]),
    ('{"pipelineName": "p", "timeoutMinutes": 0}', ["timeoutMinutes: 0 was given"]),
    ('{"pipelineName": "p", "timeoutMinutes": 1.5}', ["timeoutMinutes: 1.5 was given"]),
    ('{"pipelineName": "p", "timeoutMinutes": NaN}', ["NaN"]),
    ('{"pipelineName": "p", "timeoutMinutes": 1421}', ["timeoutMinutes: 1421", "1420", "7 days"]),
    ('{"pipelineName": "p", "variables": {}}', ["variables: {} was given", "list"]),
    ('{"pipelineName": "p", "variables": []}', ["variables: [] was given", "1 to 50 variables"]),
    (
        '{"pipelineName": "p", "variables": [{"name": "A", "valu": "b"}]}',
        ["variables.0.valu: unknown field (did you mean value?)."],
    ),
    (
        '{"pipelineName": "p", "mode": "latest", "variables": [{"name": "A", "value": "b"}]}',
        ["variables: only valid with mode 'start'", "this input has mode 'latest'"],
    ),
    ('{"wait": true, "pipelineName": "p", "pipelineName": "q"}', ["'pipelineName' twice"]),
    ("[" * 100_000, ["nested too deeply"]),
    (
        '{"detail-type": "Scheduled Event", "detail": {}}',
        ["The input is an event ('Scheduled Event')"],
    ),
    ('{"CodePipeline.job": {}}', ["The input is an event ('CodePipeline job')"]),
    ('{"detail-type": "Scheduled Event"}', ["The input is an event"]),
    ('{"detail": {}}', ["The input is an event"]),
    (f'{{"timeoutMinutes": {"1" * 5_000}}}', ["The input contains a number with too many digits"]),
    ('{"source": "aws.events"}', ["The input is an event"]),
    (
        '{"pipelineName": "p", "mode": "latest", "wait": false}',
        ["wait: false ends the run", "mode 'latest' starts nothing"],
    ),
    (
        '{"pipelineName": "p", "mode": "latest", "ifRunning": "skip"}',
        ["ifRunning: only valid with mode 'start'"],
    ),
    ('{"pipelineName": "p", "onNeverRun": "fail"}', ["onNeverRun: only valid with mode 'latest'"]),
    (
        '{"pipelineName": "p", "mode": "idle", "onTimeout": "stop", "maxStageRetries": 1}',
        ["onTimeout, maxStageRetries: not valid with mode 'idle'"],
    ),
    (
        '{"pipelineName": "p", "wait": false, "outputVariables": ["A.b"]}',
        ["outputVariables: not valid with wait false"],
    ),
    (
        (
            '{"pipelineName": "p", "pipelineExecutionId": "aaaaaaaa-1111-2222-3333-444444444444", '
            '"mode": "latest"}'
        ),
        ["mode: not valid with pipelineExecutionId"],
    ),
    ('{"pipelineName": "p", "pipelineExecutionId": "7"}', ["pipelineExecutionId: '7' was given"]),
    ('{"pipelineName": "p", "ifRunning": "joint"}', ["start, join, wait or skip"]),
    ('{"pipelineName": "p", "maxStageRetries": 11}', ["maxStageRetries: 11 was given", "10"]),
    ('{"pipelineName": "p", "outputVariables": ["VERSION"]}', ["outputVariables.0: 'VERSION'"]),
    ('{"pipelineName": "p", "\\ud800": 1}', ["surrogate"]),
    ('{"pipelineName": "\\ud800"}', ["surrogate"]),
    ('{"pipelineName": "p", "a\\u0000\\u001b[31m": 1}', ["'a\\x00\\x1b[31m': unknown field"]),
    (
        '{"pipelineName": "p", ' + ", ".join(f'"x{n}": 1' for n in range(2_000)) + "}",
        ["x0: unknown field", "and 1995 more mistakes"],
    ),
    ('{"targetName": "p"}', ["targetName: unknown field (did you mean targetname?)"]),
    ('{"targetname": "p", # the target\n "trigger": }', ["line 2", "trigger"]),
    ('{"targetname": 5}', ["targetname: 5 was given"]),
    ('{"targetname": "p", "assumerolearn": 0}', ["assumerolearn: 0 was given"]),
    ('{"targetname": "p", "assumerolearn": "r"}', ["assumerolearn: 'r' was given"]),
    ('{"targetname": "p", "triger": true}', ["'triger'", "did you mean trigger?"]),
    ('{"targetname": "p", "trigger": "yes"}', ["trigger: 'yes' was given", "true or false"]),
    ('{"targetname": "p", "trigger": null}', ["trigger: null was given"]),
    (
        '{"targetname": "p", "x": 1, "triger": 2}',
        [
            (
                "'x': unknown field. Known fields are targetname, assumerolearn, trigger; "
                "'triger': unknown field (did you mean trigger?). With targetname, the only other "
                "fields are assumerolearn and trigger. For all other features, use pipelineName "
                "instead of targetname."
            )
        ],
    ),
]


@pytest.mark.parametrize("text, parts", BAD, ids=[str(text)[:40] for text, _ in BAD])
def test_the_error_for_bad_input_shows_the_value_and_what_is_allowed(text, parts):
    with pytest.raises(InvalidInput) as caught:
        parse_user_parameters(text)
    message = str(caught.value).lower()
    assert [part for part in parts if part.lower() not in message] == []
    assert len(message) < 1_500


@pytest.mark.parametrize("levels", [19, 5_000])
def test_deep_nesting_is_refused_in_every_dialect(levels):
    document: dict[str, Any] = {}
    for _ in range(levels):
        document = {"a": document}
    with pytest.raises(InvalidInput, match="nested too deeply"):
        parse_input({"pipelineName": document})


@pytest.mark.parametrize("name", ADDED_BY_AWS)
@pytest.mark.parametrize("value", ["arn:aws:states:eu-west-1:111122223333:execution:a:b", None, {}])
@pytest.mark.parametrize("document", [{"pipelineName": "p"}, {"targetname": "p", "trigger": True}])
def test_a_field_that_aws_adds_is_ignored_in_every_dialect(name, value, document):
    assert parse_input({**document, name: value}) == parse_input(document)
    text = json.dumps({name: value, **document})
    assert parse_user_parameters(text) == parse_input(document)


@pytest.mark.parametrize("name", ADDED_BY_AWS)
def test_a_field_that_aws_adds_is_unknown_inside_nested_objects(name):
    variable = {"name": "A", "value": "b", name: "c"}
    with pytest.raises(InvalidInput, match=rf"variables\.0\.{name}: unknown field"):
        parse_input({"pipelineName": "p", "variables": [variable]})


@pytest.mark.parametrize("given_, minutes", [(60.0, 60), (60, 60)])
def test_a_whole_number_may_have_a_decimal_point(given_, minutes):
    read = parse_input({"pipelineName": "p", "timeoutMinutes": given_}).timeout_minutes
    assert (read, type(read)) == (minutes, int)


@pytest.mark.parametrize("given_", [60.5, True, float("inf"), float("nan"), 1e300])
def test_no_other_number_is_accepted_as_minutes(given_):
    with pytest.raises(InvalidInput):
        parse_input({"pipelineName": "p", "timeoutMinutes": given_})


@pytest.mark.parametrize("trigger", ["true", "false"])
@pytest.mark.interleaving(40)
def test_a_pipeline_that_the_waiter_has_started_is_not_started_again(trigger):
    text = f'{{"targetname": "p", "trigger": {trigger}}}'
    assert parse_user_parameters(text, follow_latest=True).mode is Mode.LATEST


def test_a_job_may_have_the_longest_deadline_that_codepipeline_allows():
    text = '{"pipelineName": "p", "timeoutMinutes": 1420}'
    assert parse_user_parameters(text).timeout_minutes == 1_420


def test_a_run_without_a_job_may_have_a_longer_deadline():
    assert parse_input({"pipelineName": "p", "timeoutMinutes": 100_000}).timeout_minutes == 100_000


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(json_values)
def test_any_json_is_either_accepted_or_refused_as_invalid_input(document):
    with suppress(InvalidInput):
        parse_input(document)


@given(st.text())
def test_any_text_is_either_accepted_or_refused_as_invalid_input(text):
    with suppress(InvalidInput):
        parse_user_parameters(text)


names = st.text("abcXYZ019.@-_", min_size=1, max_size=100)


@given(names, st.booleans())
def test_a_serialized_input_parses_to_the_same_value(name, wait):
    once = parse_input({"pipelineName": name, "wait": wait})
    assert parse_input(json.loads(json.dumps(once.to_document()))) == once
