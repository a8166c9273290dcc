"""`validate` reports the line and field of each mistake, and suggests a valid name."""

from __future__ import annotations

import json

import pytest

WRONG = {
    "an empty file": (
        "\n",
        "standard input: empty. It must contain a template or an input such as",
    ),
    "no JSON": ("pipelineName: web", "1: The input is not JSON"),
    "an extra comma": (
        '{\n  "pipelineName": "web",}',
        "2: The input is not JSON: a comma before the closing } at line 2, column 24",
    ),
    "single quotes": ("{'pipelineName': 'web'}", "1: The input is not JSON: the quote ' at line 1"),
    "a byte order mark": ('\ufeff{"pipelineName": "web"}', "a byte order mark (U+FEFF)"),
    "JSON in a string": (json.dumps('{"pipelineName": "web"}'), "1: The input is a JSON string"),
    "a mistake after a variable": (
        '{"variables": [{"name": "A", "value": "#{B.c}"}],\n "mode" "idle"}',
        """[{"name": "A", "value": "…"}],\\n "mode" "idle"}'""",
    ),
    "two output variables with one name": (
        '{"pipelineName": "web", "outputVariables": [\n"A.b_c",\n"A_b.c"]}',
        "3: outputVariables.1: A_b.c and A.b_c would both be returned as A_b_c",
    ),
    "a list": ('["web"]', "1: The input is a list"),
    "a name given twice": (
        '{"pipelineName": "a", "pipelineName": "b"}',
        "the name 'pipelineName' twice",
    ),
    "NaN": ('{"pipelineName": "web", "timeoutMinutes": NaN}', "contains NaN, which is not JSON"),
    "no pipeline": ('{"mode": "latest"}', "1: pipelineName: missing"),
    "a misspelt field": (
        '{"pipelineName": "web",\n "onTimeOut": "stop"}',
        "2: onTimeOut: unknown field (did you mean onTimeout?)",
    ),
    "a field of the old tool next to ours": (
        '{"pipelineName": "web",\n\n "asumerolearn": "x"}',
        "3: asumerolearn: unknown field",
    ),
    "one of our fields next to the old tool's": (
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
    "a deadline that is too late": (
        '{"pipelineName": "web",\n "timeoutMinutes": 1421}',
        "2: timeoutMinutes: 1421",
    ),
    "a string for a boolean": (
        '{"pipelineName": "web", "wait": "false"}',
        "1: wait: 'false' was given",
    ),
    "a user for a role": (
        '{"pipelineName": "web",\n "roleArn": "arn:aws:iam::111122223333:user/x"}',
        "2: roleArn: 'arn:aws:iam::111122223333:user/x' was given",
    ),
    "a name with a space": ('{"pipelineName": "my web"}', "1: pipelineName: 'my web' was given"),
    "a mistake inside a list": (
        '{"pipelineName": "web",\n "variables": [{"name": "A", "value": "1"},\n {"vale": "2"}]}',
        "3: variables.1.vale: unknown field (did you mean value?)",
    ),
    "fields that cannot be combined": (
        '{"pipelineName": "web",\n "mode": "latest",\n "ifRunning": "skip"}',
        "3: ifRunning: only valid with mode 'start'",
    ),
    "a whole event": ('{"detail-type": "x", "detail": {}}', "1: The input is an event"),
    "more than CodePipeline allows": (
        json.dumps({"pipelineName": "web", "clientRequestToken": "x" * 1000}),
        "CodePipeline allows 1,000 in UserParameters",
    ),
    "deeply nested brackets": (
        '{"pipelineName": ' + "[" * 300 + "]" * 300 + "}",
        "1: The input is nested too deeply",
    ),
    "neither true nor false": ('{"targetname": "web",\n "trigger": "yes"}', "2: trigger: 'yes'"),
}


@pytest.mark.parametrize("text, expected", WRONG.values(), ids=WRONG)
def test_an_invalid_input_is_reported_with_its_line(type_, text, expected):
    result = type_("validate", "-", stdin=text)

    assert result.exit_code == 1
    assert result.stdout.startswith("standard input:")
    assert expected in result.stdout


def test_a_quote_inside_a_string_is_reported_without_a_hint_about_variables(type_):
    result = type_("validate", "-", stdin='{"pipelineName": "we"b"}')

    assert "'b' after the end of a string" in result.stdout
    assert "#{...}" not in result.stdout


def test_a_byte_order_mark_in_a_file_is_reported(type_, tmp_path):
    file = tmp_path / "input.json"
    file.write_text('{"pipelineName": "web"}', encoding="utf-8-sig")

    assert "a byte order mark (U+FEFF)" in type_("validate", str(file)).stdout


def test_every_mistake_is_reported(type_):
    text = '{"mode": "x",\n "wait": 1,\n "a": 1, "b": 1, "c": 1, "d": 1}'

    result = type_("validate", "-", stdin=text)

    assert len(result.stdout.splitlines()) == 7
    assert "7 problems" in result.stderr


@pytest.mark.parametrize(
    "text",
    [
        '{"pipelineName": "web"}',
        '{"targetname": "web", #Required\n"trigger": true // start it\n}',
        '{"pipelineName": "web",\n\t"timeoutMinutes": 5}',
        '{"pipelineExecutionId": "#{Start.pipelineExecutionId}", "pipelineName": "web"}',
    ],
)
def test_a_valid_input_has_no_problems(type_, text):
    result = type_("validate", "-", stdin=text)

    assert (result.exit_code, result.stdout) == (0, "")
    assert "Checked 1 input: no problems found." in result.stderr


def test_a_run_input_allows_longer_timeouts_but_no_comments(type_):
    long = '{"pipelineName": "web", "timeoutMinutes": 9000}'
    waiting = type_("validate", "--for", "run", "-", stdin=long)
    commented = type_("validate", "--for", "run", "-", stdin='{"targetname": "web"} # it')

    assert waiting.exit_code == 0
    assert commented.exit_code == 1


def test_an_unreadable_file_does_not_stop_the_others(type_, tmp_path):
    (tmp_path / "good.json").write_text('{"pipelineName": "web"}')
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    files = [str(tmp_path / name) for name in ("none.json", "good.json", "binary.json")]

    result = type_("validate", *files)

    assert result.exit_code == 1
    assert "none.json: cannot be read: No such file" in result.stdout
    assert "binary.json: cannot be read: not valid UTF-8" in result.stdout
    assert "Checked 1 input: 2 problems found." in result.stderr


def test_json_lists_the_problems(type_):
    result = type_("validate", "-", "--json", stdin='{"pipelineName": "web",\n"x": 1}')

    (problem,) = json.loads(result.stdout)["problems"]
    assert (problem["file"], problem["line"]) == ("standard input", 2)
    assert result.exit_code == 1


def test_a_missing_file_argument_is_reported(type_):
    result = type_("validate")

    assert result.exit_code == 2
    assert "Missing argument 'FILE...'" in result.stderr
