"""Wrong inputs of many kinds, as `validate` tells them: line, place and the nearest right name."""

from __future__ import annotations

import json

import pytest

WRONG = {
    "an empty file": ("", "1: The action has no UserParameters"),
    "no JSON": ("pipelineName: web", "1: The input is not JSON"),
    "a comma too many": (
        '{\n  "pipelineName": "web",}',
        "2: The input is not JSON: a comma before the closing } at line 2, column 24",
    ),
    "single quotes": ("{'pipelineName': 'web'}", "1: The input is not JSON: the quote ' at line 1"),
    "a byte order mark": ('\ufeff{"pipelineName": "web"}', "a byte order mark (U+FEFF)"),
    "JSON in a string": (json.dumps('{"pipelineName": "web"}'), "1: The input is a JSON string"),
    "a mistake after a variable": (
        '{"variables": [{"name": "A", "value": "#{B.c}"}],\n "mode" "idle"}',
        """in '…"A", "value": "…"}],\\n "mode" "idle"}'""",
    ),
    "output variables of one name": (
        '{"pipelineName": "web", "outputVariables": [\n"A.b_c",\n"A_b.c"]}',
        "3: outputVariables.1: A_b.c and A.b_c would both be handed back as A_b_c",
    ),
    "a list": ('["web"]', "1: The input is a list"),
    "a name given twice": (
        '{"pipelineName": "a", "pipelineName": "b"}',
        "gives 'pipelineName' twice",
    ),
    "NaN": ('{"pipelineName": "web", "timeoutMinutes": NaN}', "holds NaN, which is not JSON"),
    "no pipeline": ('{"mode": "latest"}', "1: pipelineName: missing"),
    "a misspelt field": (
        '{"pipelineName": "web",\n "onTimeOut": "stop"}',
        "2: onTimeOut: unknown field (did you mean onTimeout?)",
    ),
    "a field of the old tool beside ours": (
        '{"pipelineName": "web",\n\n "asumerolearn": "x"}',
        "3: asumerolearn: unknown field",
    ),
    "one of ours beside the old tool's": (
        '{"targetname": "web",\n "timeoutMinutes": 5}',
        "2: 'timeoutMinutes': unknown field",
    ),
    "a wrong word": (
        '{"pipelineName": "web",\n "mode": "lastest"}',
        "2: mode: 'lastest' was given (did you mean latest?)",
    ),
    "a word for a number": (
        '{"pipelineName": "web",\n "timeoutMinutes": "60"}',
        "2: timeoutMinutes: '60' was given",
    ),
    "too long a wait": (
        '{"pipelineName": "web",\n "timeoutMinutes": 1421}',
        "2: timeoutMinutes: 1421",
    ),
    "a text for true": ('{"pipelineName": "web", "wait": "false"}', "1: wait: 'false' was given"),
    "a user for a role": (
        '{"pipelineName": "web",\n "roleArn": "arn:aws:iam::111122223333:user/x"}',
        "2: roleArn: 'arn:aws:iam::111122223333:user/x' was given",
    ),
    "a name with a space": ('{"pipelineName": "my web"}', "1: pipelineName: 'my web' was given"),
    "a mistake inside a list": (
        '{"pipelineName": "web",\n "variables": [{"name": "A", "value": "1"},\n {"vale": "2"}]}',
        "3: variables.1.vale: unknown field (did you mean value?)",
    ),
    "what means nothing together": (
        '{"pipelineName": "web",\n "mode": "latest",\n "ifRunning": "skip"}',
        "3: ifRunning: only valid with mode 'start'",
    ),
    "a whole event": ('{"detail-type": "x", "detail": {}}', "1: The input is a whole event"),
    "more than CodePipeline takes": (
        json.dumps({"pipelineName": "web", "clientRequestToken": "x" * 1000}),
        "CodePipeline takes 1,000 of UserParameters",
    ),
    "a well of brackets": ("[" * 100_000, "1: The input is not usable: it is nested too deeply"),
    "neither true nor false": ('{"targetname": "web",\n "trigger": "yes"}', "2: trigger: 'yes'"),
}


@pytest.mark.parametrize("text, told", WRONG.values(), ids=WRONG)
def test_a_wrong_input_is_told_with_its_line(type_, text, told):
    result = type_("validate", "-", stdin=text)

    assert result.exit_code == 1
    assert result.stdout.startswith("standard input:")
    assert told in result.stdout


def test_a_file_is_checked_without_the_values_of_variables(type_):
    result = type_("validate", "-", stdin='{"pipelineName": "we"b"}')

    assert "'b' after the end of a string" in result.stdout
    assert "#{...}" not in result.stdout


def test_a_byte_order_mark_is_found_in_a_file_too(type_, tmp_path):
    file = tmp_path / "input.json"
    file.write_text('{"pipelineName": "web"}', encoding="utf-8-sig")

    assert "a byte order mark (U+FEFF)" in type_("validate", str(file)).stdout


def test_every_mistake_is_told(type_):
    text = '{"mode": "x",\n "wait": 1,\n "a": 1, "b": 1, "c": 1, "d": 1}'

    result = type_("validate", "-", stdin=text)

    assert len(result.stdout.splitlines()) == 7
    assert "7 problems" in result.stderr


@pytest.mark.parametrize(
    "text",
    [
        '{"pipelineName": "web"}',
        '{"targetname": "web", #Required\n"trigger": true // start it\n}',
        '{"pipelineName": "web",\n\t"timeoutMinutes": #{Settings.minutes}}',
        '{"pipelineExecutionId": "#{Start.pipelineExecutionId}", "pipelineName": "web"}',
    ],
)
def test_a_right_input_is_nothing_to_complain_about(type_, text):
    result = type_("validate", "-", stdin=text)

    assert (result.exit_code, result.stdout) == (0, "")
    assert "1 input checked, nothing wrong" in result.stderr


def test_the_input_of_a_run_may_wait_longer_than_an_action_but_has_no_comments(type_):
    long = '{"pipelineName": "web", "timeoutMinutes": 9000}'
    waiting = type_("validate", "--for", "run", "-", stdin=long)
    commented = type_("validate", "--for", "run", "-", stdin='{"targetname": "web"} # it')

    assert waiting.exit_code == 0
    assert commented.exit_code == 1


def test_a_file_that_cannot_be_read_is_told_beside_the_others(type_, tmp_path):
    (tmp_path / "good.json").write_text('{"pipelineName": "web"}')
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    files = [str(tmp_path / name) for name in ("none.json", "good.json", "binary.json", ".")]

    result = type_("validate", *files)

    assert result.exit_code == 1
    assert "none.json: cannot be read: No such file" in result.stdout
    assert "binary.json: cannot be read: it is not UTF-8" in result.stdout
    assert "1 input checked, 3 problems" in result.stderr


def test_json_has_the_problems_as_a_list(type_):
    result = type_("validate", "-", "--json", stdin='{"pipelineName": "web",\n"x": 1}')

    (problem,) = json.loads(result.stdout)["problems"]
    assert (problem["file"], problem["line"]) == ("standard input", 2)
    assert result.exit_code == 1


def test_without_a_file_it_says_what_is_missing(type_):
    result = type_("validate")

    assert result.exit_code == 2
    assert "Missing argument 'FILE...'" in result.stderr
