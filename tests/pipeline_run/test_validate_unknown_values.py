"""`validate` reports an input with unknown values if and only if a run would refuse all values."""

from __future__ import annotations

import json
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codepipeline_orchestrator.errors import InvalidInput
from codepipeline_orchestrator.input.parsing import parse_user_parameters
from pipeline_run.validation.inputs import InputKind, check_input
from pipeline_run.validation.problems import Severity
from pipeline_run.validation.unknowns import Unknowns

NAMES = st.sampled_from(["deploy", "web-1", "A", "B", "my web", "", "x" * 200])
WORDS = st.sampled_from(["start", "latest", "idle", "skip", "join", "fail", "succeed", "lastest"])
VARIABLES = st.lists(
    st.fixed_dictionaries({"name": NAMES, "value": NAMES}, optional={"vale": NAMES}), max_size=3
)
FIELDS = {
    "mode": WORDS,
    "ifRunning": WORDS,
    "onNeverRun": WORDS,
    "wait": st.sampled_from([True, False, "true"]),
    "timeoutMinutes": st.sampled_from([1, 60, 1421, 0, "60"]),
    "maxStageRetries": st.sampled_from([0, 3, 11]),
    "startedAfter": st.sampled_from(["run", "2026-01-31T09:00:00Z", "2026-02-31T09:00:00Z", "now"]),
    "roleArn": st.sampled_from(["arn:aws:iam::111122223333:role/x", "arn:aws:iam::1:user/x"]),
    "variables": VARIABLES,
    "outputVariables": st.lists(st.sampled_from(["A.b_c", "A_b.c", "A.b", "revision.x", "x"])),
    "onTimeOut": WORDS,
}
DOCUMENTS = st.fixed_dictionaries({"pipelineName": NAMES}, optional=FIELDS) | st.fixed_dictionaries(
    {"targetname": NAMES},
    optional={"trigger": st.sampled_from([True, "true", "yes"]), "assumerolearn": NAMES},
)

VALID = st.fixed_dictionaries(
    {"pipelineName": st.just("deploy")},
    optional={
        "mode": st.sampled_from(["start", "latest", "idle"]),
        "wait": st.booleans(),
        "timeoutMinutes": st.sampled_from([1, 60, 1420]),
        "startedAfter": st.sampled_from(["run", "2026-01-31T09:00:00Z"]),
    },
)


def is_accepted(text):
    try:
        parse_user_parameters(text)
    except InvalidInput:
        return False
    return True


def errors(text):
    found = check_input(text, InputKind.ACTION)
    return [each.message for each in found if each.severity is Severity.ERROR]


def hidden(value, choose, numbers):
    """The JSON of a value in which chosen values, or parts of them, are variables."""
    if isinstance(value, dict):
        pairs = (
            f"{json.dumps(key)}: {hidden(each, choose, numbers)}" for key, each in value.items()
        )
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(hidden(each, choose, numbers) for each in value) + "]"
    how = choose()
    variable = f"#{{A.v{next(numbers)}}}"
    text = json.dumps(value)
    if how == "all":
        return variable
    if how == "part" and isinstance(value, str):
        return f'"{value[: len(value) // 2]}{variable}"'
    return text


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(DOCUMENTS | VALID, st.data())
def test_an_accepted_input_has_no_errors_whatever_is_unknown(document, data):
    text = json.dumps(document)
    if not is_accepted(text):
        assert errors(text)
        return
    choose = lambda: data.draw(st.sampled_from(["no", "no", "part", "all"]))  # noqa: E731

    assert errors(hidden(document, choose, count())) == []


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(DOCUMENTS)
def test_a_refused_input_has_errors_although_another_value_is_unknown(document):
    text = json.dumps({"clientRequestToken": "TOKEN", **document})
    is_refused = not any(is_accepted(text.replace("TOKEN", token)) for token in ("x", "y"))

    assert bool(errors(text.replace("TOKEN", "#{A.token}"))) == is_refused


@pytest.mark.parametrize(
    "text, expected",
    [
        ('{"piplineName": "#{A.b}"}', "piplineName: unknown field"),
        ('{"pipelineName": "#{A.b}", "mode": "idle", "onTimeout": "#{A.c}"}', "mode 'idle'"),
        ('{"pipelineName": "#{A.b}"', "Add } at the end"),
        ('{"pipelineName": "x", "timeoutMinutes": #{A.b}', "Add } at the end"),
        ('{"pipelineName": "x", "wait": #{A.b} "mode": "idle"}', "no comma between two values"),
        ('{"pipelineName": "my #{A.b}"}', "'my #{A.b}' was given"),
        (
            '{"pipelineName": "x", "mode": "#{A.b}", "ifRunning": "skip", "onNeverRun": "fail"}',
            "only",
        ),
        ('{"pipelineName": "x", "timeoutMinutes": 9999#{A.b}}', "the maximum for a Lambda action"),
        ('{"pipelineName": "#{A.b}' + "x" * 101 + '"}', "1 to 100 letters"),
        ('{"pipelineName": "x", "wait": "#{A.b}"}', "wait: '#{A.b}' was given"),
        (
            '{"pipelineName": "x", "maxStageRetries": "#{A.b}"}',
            "maxStageRetries: '#{A.b}' was given",
        ),
        ('{"pipelineName": "x", "#{A.b}y": 1}', "unknown field"),
        ('{"wiat": true, #{A.b}}', "wiat: unknown field (did you mean wait?)"),
        (
            '{"pipelineName": "x", "variables": ['
            + ", ".join(['{"name": "#{A.b}", "value": "1"}'] * 2)
            + "]}",
            "the variable #{A.b} is already in variables.0",
        ),
    ],
)
def test_a_mistake_beside_an_unknown_value_is_reported(text, expected):
    assert any(expected in each for each in errors(text)), errors(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"pipelineName": "#{A.b}", "mode": "#{A.c}", "ifRunning": "skip"}',
        '{"pipelineName": "x", "wait": #{A.b}, "timeoutMinutes": #{A.c}0}',
        '{"pipelineName": "x", "mode": "latest", "startedAfter": "2026-01-3#{A.b}T00:00:00Z"}',
        '{"pipelineName": "x", "roleArn": "arn:#{A.p}:iam::#{A.b}:role/#{A.c}"}',
        '{"pipelineName": "x", "outputVariables": ["#{A.b}", "#{A.c}", "A.#{A.b}"]}',
        '{"targetname": "#{A.b}", "trigger": "#{A.c}"} # #{A.d}',
        '{"pipelineName": "x", "wait":\n  #{A.b}, "variables": [#{A.c}]}',
        '{"pipelineName": "x", "variables": #{A.b}}',
        "#{A.b}",
    ],
)
def test_an_input_that_some_values_make_valid_has_no_errors(text):
    assert errors(text) == []


def test_variables_without_a_fixed_format_cause_one_warning(type_):
    text = '{"pipelineName": "x", "clientRequestToken": "#{S.CommitId} #{S.Message} #{S.Author}"}'

    result = type_("validate", "-", stdin=text)

    assert result.exit_code == 0
    assert "1: warning: #{S.Message}, #{S.Author} are inserted without escaping" in result.stdout
    assert "no problems and 1 warning found" in result.stderr


@pytest.mark.parametrize(
    "rest, expected",
    [
        ('"wait": \ud800', []),
        ('"timeoutMinutes": \ud8005', []),
        ("\ud800", ["could not be checked completely"]),
        ('"mode": "start" \ud800', ["could not be checked completely"]),
        ('"wiat": \ud800', ["wiat: unknown field (did you mean wait?)"]),
        ('"wait": \ud800, "wait": true', ["the name 'wait' twice"]),
        ('"wait" \ud800', ["could not be checked completely"]),
        ('"wait" true, "mode": \ud800', ["The input is not JSON"]),
    ],
)
def test_a_long_input_with_an_unknown_value_is_checked(rest, expected):
    text = f'{{"pipelineName": "x", "clientRequestToken": "a", {rest}{" " * 200_000}}}'

    found = check_input(text, InputKind.RUN, Unknowns(["${A}"]))

    assert len(found) == len(expected)
    assert all(words in each.message for words, each in zip(expected, found, strict=True))


@pytest.mark.parametrize(
    "fields, expected",
    [
        ('"pipelineName": "x", "#{A.a}": "1", "#{A.b}": "1", "#{A.c}": "1"', []),
        ('"pipelineName": "x", "onTimeOut": "stop"', ["onTimeOut: unknown field"]),
    ],
)
def test_more_unknown_values_than_can_be_tried_cause_a_warning(fields, expected):
    revision = '{"actionName": "A", "revisionType": "#{A.v%d}", "revisionValue": "b"}'
    revisions = ", ".join(revision % number for number in range(6))

    found = check_input(f'{{{fields}, "sourceRevisions": [{revisions}]}}', InputKind.ACTION)

    assert [each.message[:24] for each in found if each.severity is Severity.ERROR] == expected
    assert "Too many values are unknown" in " ".join(each.message for each in found)


def test_an_unknown_value_that_may_contain_fields_causes_a_warning():
    (unchecked, _) = check_input('{"pipelineName": "x", #{A.b}}', InputKind.ACTION)

    assert unchecked.severity is Severity.WARNING
    assert "could not be checked completely" in unchecked.message


@pytest.mark.parametrize("kind", ["action", "step-functions-action"])
def test_an_action_accepts_at_most_1000_characters(type_, kind):
    def check(length):
        text = '{"pipelineName": "x", "clientRequestToken": "#{A.ExecutionId}"}'
        return type_("validate", "--for", kind, "-", stdin=text.ljust(length))

    assert check(1000).exit_code == 0
    assert "1,001 characters, but CodePipeline allows 1,000" in check(1001).stdout


def test_variables_are_text_in_the_input_of_the_state_machine(type_):
    result = type_("validate", "--for", "run", "-", stdin='{"pipelineName": "#{A.b}"}')

    assert "pipelineName: '#{A.b}' was given" in result.stdout
