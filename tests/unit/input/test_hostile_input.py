from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codepipeline_orchestrator.errors import InvalidContinuationToken, InvalidInput
from codepipeline_orchestrator.input.fields import RunInput
from codepipeline_orchestrator.input.mistakes import WAITER_FIELDS
from codepipeline_orchestrator.input.parsing import ADDED_BY_AWS, parse_input, parse_user_parameters
from codepipeline_orchestrator.job.token import Token

# Any text that Python can represent, including control characters and lone surrogates.
TEXTS = st.text(st.characters(), max_size=60)
NASTY = st.sampled_from(
    [
        "{% $states.input %}",
        "$$.Execution.Id",
        "${GetStateFunctionArn}",
        "\x1b[2J\x9b31m",
        "a\r\nb\u2028c",
        '{"level":"ERROR"}',
        "[click](https://example.com)<script>alert(1)</script>",
        "\ud800",
        "\u202egnp.exe",
        "x" * 5_000,
        "__class__",
        "__proto__",
    ]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | NASTY
DOCUMENTS = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS | NASTY, inner), max_leaves=10
)
FIELDS = st.sampled_from(
    [
        *(str(field.alias) for field in RunInput.model_fields.values()),
        *WAITER_FIELDS,
        *ADDED_BY_AWS,
        "detail-type",
    ]
)
INPUTS = st.dictionaries(FIELDS | TEXTS | NASTY, DOCUMENTS, max_size=6)
LONGEST = 6_000  # characters; enough to list all field names five times


def is_one_visible_line(text: str) -> bool:
    seen = {unicodedata.category(each) for each in text}
    return not seen & {"Cc", "Cs", "Zl", "Zp"} and "\u202e" not in text


def check(read: Callable[[Any], RunInput], given_: Any) -> None:
    try:
        result = json.dumps(read(given_).to_document(), ensure_ascii=False)
    except InvalidInput as error:
        result = str(error)
        refused = True
    else:
        refused = False
    result.encode()
    assert not refused or (is_one_visible_line(result) and len(result) < LONGEST)


@given(INPUTS | DOCUMENTS)
def test_any_document_is_accepted_or_refused(document):
    check(parse_input, document)


@given(INPUTS | DOCUMENTS)
def test_any_json_in_user_parameters_is_accepted_or_refused(document):
    check(parse_user_parameters, json.dumps(document))


@given(TEXTS | NASTY)
def test_any_text_in_user_parameters_is_accepted_or_refused(text):
    check(parse_user_parameters, text)


JSON_LIKE = st.text(st.sampled_from("{}[]\",:'\\/#ab 1.\n\t\ufeff\ud800\u201c"), max_size=20)


@given(JSON_LIKE, st.sampled_from(["{}", '{{"pipelineName": "p", {}}}', '{{"targetname": "{}"}}']))
def test_text_that_is_almost_json_is_accepted_or_refused(text, around):
    check(parse_user_parameters, around.format(text))


@given(TEXTS | NASTY)
def test_any_comment_in_waiter_input_is_accepted_or_refused(text):
    check(parse_user_parameters, f'{{"targetname": "deploy" # {text}\n}}')


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"pipelineName": "p", "timeoutMinutes": ' + "9" * 5_000 + "}",
        '{"pipelineName": "p", "timeoutMinutes": 1e400}',
        '{"targetname": "p", ' + ", ".join(f'"x{n}": 1' for n in range(5_000)) + "}",
        '{"pipelineName": "' + "p" * 200_000 + '"}',
        '{"pipelineName": "p\\n"}',
        '{"pipelineName": "p", "region": "eu-west-1\\n"}',
        '{"pipelineName": "p", "region": "eu-west-1.example.com/"}',
        '{"pipelineName": "../../p"}',
        '{"pipelineName": "p", "variables": '
        + json.dumps([{"name": "A", "value": "1"}] * 51)
        + "}",
    ],
)
def test_input_that_is_too_large_too_deep_or_out_of_range_is_refused(text):
    with pytest.raises(InvalidInput) as raised:
        parse_user_parameters(text)
    assert is_one_visible_line(str(raised.value))
    assert len(str(raised.value)) < LONGEST


@pytest.mark.parametrize("field", ["timeoutMinutes", "pipelineName", "variables", "x"])
def test_a_number_with_5000_digits_is_accepted_or_refused(field):
    check(parse_input, {"pipelineName": "p", field: 10**5_000})
    check(parse_input, {"targetname": "p", field: [-(10**5_000)]})


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::222233334444:user/admin",
        "arn:aws:sts::222233334444:assumed-role/target/session",
        "arn:aws:s3:::bucket",
        "arn:aws:iam::*:role/target",
        "arn:aws:iam::222233334444:role/*",
        "arn:aws:iam::222233334444:role/target\n",
        "arn:evil:iam::222233334444:role/target",
        "arn:aws:iam:eu-west-1:222233334444:role/target",
        "arn:aws:iam::22223333444４:role/target",  # noqa: RUF001 - a digit, but not ASCII
    ],
)
def test_an_invalid_role_arn_is_refused(arn):
    with pytest.raises(InvalidInput, match="roleArn: "):
        parse_input({"pipelineName": "p", "roleArn": arn})


def with_message(message: str, **fields: str) -> str:
    variables = [{"name": "MESSAGE", "value": "#{Source.CommitMessage}"}]
    text = json.dumps({"pipelineName": "p", **fields, "variables": variables})
    return text.replace("#{Source.CommitMessage}", message)


SECURITY = Path(__file__).parents[3] / "docs" / "security.md"
INJECTED = re.findall(r"^(Fix it\"}\], .*)$", SECURITY.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("message", INJECTED)
def test_text_from_a_variable_can_add_fields_as_the_security_page_says(message):
    assert str(parse_user_parameters(with_message(message)).role_arn).endswith(":role/other")


@pytest.mark.parametrize("message", INJECTED)
def test_text_from_a_variable_cannot_override_a_field(message):
    role = "arn:aws:iam::222233334444:role/mine"
    with pytest.raises(InvalidInput, match="the name 'roleArn' twice"):
        parse_user_parameters(with_message(message, roleArn=role))


def test_the_security_page_shows_an_example_of_such_text():
    assert len(INJECTED) == 1


@given(TEXTS | NASTY | DOCUMENTS.map(json.dumps))
def test_a_foreign_continuation_token_is_refused(token):
    with pytest.raises(InvalidContinuationToken):
        Token.of(token)
