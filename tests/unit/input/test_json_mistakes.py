from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codepipeline_orchestrator.errors import InvalidInput
from codepipeline_orchestrator.input.json_with_comments import read_json
from codepipeline_orchestrator.input.parsing import parse_input, parse_user_parameters

VARIABLE = "The likely cause is a variable (#{...}) in UserParameters"
LINE = '{"pipelineName": "deploy", "clientRequestToken": "a long text to go before", '

# The text, the mistake, its column, the fix, and whether a variable is the likely cause.
MISTAKES = [
    ('{"a": 1,}', "a comma before the closing }", 8, "Remove the comma", False),
    ('{"a": 1,\n}', "a comma before the closing }", 8, "Remove the comma", False),
    ('{"a": [1, ]}', "a comma before the closing ]", 9, "Remove the comma", False),
    ('{"a": 1,, }', "a comma before the closing }", 9, "Remove the comma", False),
    ('{"a": 1,, "b": 2}', "an extra ,", 9, "Remove it", False),
    ('{"a": }', "no value after a colon", 7, "Add the value", False),
    ('{"a":,}', "no value after a colon", 6, "Add the value", False),
    ('{"a" 1}', "no colon after a name", 6, "Put a colon", False),
    ('{"a": "x", "y"}', "no colon after a name", 15, "Put a colon", True),
    ('{"a": "b" "c": 1}', "no comma between two values", 11, "Put a comma", False),
    ('{"a": [{} {}]}', "no comma between two values", 11, "Put a comma", False),
    ('{"a": ["x" "y"]}', "no comma between two values", 12, "Put a comma", False),
    ("{'a': 1}", "the quote '", 2, "straight double quotes", False),
    ("{\"a\": 'b'}", "the quote '", 7, "straight double quotes", False),
    ("{\u201ca\u201d: 1}", "the quote \u201c", 2, "straight double quotes", False),
    ("'{\"a\": 1}'", "a quote around the JSON", 1, "Remove the quotes", False),
    ("'[1]'", "a quote around the JSON", 1, "Remove the quotes", False),
    ("'a'", "the quote '", 1, "straight double quotes", False),
    ("{\"a\": '{}'}", "the quote '", 7, "straight double quotes", False),
    ("{a: 1}", "a name without quotes", 2, "Put names in double quotes", False),
    ('{"a": "x", y: z"}', "a name without quotes", 12, "Put names in double quotes", True),
    ('{"a": True}', "True", 7, "Write true", False),
    ('{"a": False}', "False", 7, "Write false", False),
    ('{"a": None}', "None", 7, "Write null", False),
    ("{", "the text ends too early", 2, "Add } at the end", False),
    ('{"a": [1', "the text ends too early", 9, "Add ]} at the end", False),
    ('{"a": "}", "b": [', "the text ends too early", 18, "Add ]} at the end", False),
    ('{"a": "b', "a string without a closing quote", 7, 'Close it with "', True),
    ('{"a": "C:\\"}', "a string without a closing quote", 7, "after a backslash", True),
    ('{"a": [1}', "} inside [", 9, "Close the [ with ] first", False),
    ('{"a": 1}}', "an extra }", 9, "Remove it", False),
    ('"a": 1}', "no { at the beginning", 1, 'in braces: {"pipelineName": "MyPipeline"}', False),
    ('{"a": 1}{"b": 2}', "a second JSON document", 9, "Pass one object", False),
    ('{"a": 1} [2]', "a second JSON document", 10, "Pass one object", False),
    ('{"a": 1} "b"', "a second JSON document", 10, "Pass one object", False),
    ('{"a": 1},\n{"b": 2}', "a second JSON document", 9, "Pass one object", False),
    ('{"a": 1} and more', "text after the end of the JSON", 10, "Remove it", False),
    ('{"a": 1 /* b */}', "a comment", 9, "Remove it", False),
    ('{"a": #{B.c}}', "a variable that was not replaced", 7, "replaces variables only in", False),
    ('\ufeff{"a": 1}', "a byte order mark (U+FEFF)", 1, "without it", False),
    ('{\\"a\\": 1}', 'an escaped quote (\\") outside a string', 2, "encoded twice", False),
    ('{"a": [\\"b\\"]}', 'an escaped quote (\\") outside a string', 8, "encoded twice", False),
    ('{"a": "b\nc"}', r"a raw line break (\n) inside a string", 9, r"Write it as \n", True),
    ('{"a": "b\rc"}', r"a raw line break (\r) inside a string", 9, r"Write it as \r", True),
    ('{"a": "b\tc"}', r"a raw tab (\t) inside a string", 9, r"Write it as \t", True),
    ('{"a": "\x1b[31m"}', r"a raw control character (\u001b)", 8, r"Write it as \u001b", True),
    ('{"a": "C:\\x"}', "a backslash that does not begin", 10, r"Write a backslash as \\", True),
    ('{"a": "\\u\\\\x"}', "a backslash that does not begin", 8, r"Write a backslash as \\", True),
    ('{"a": "\\u12"}', "a backslash that does not begin", 8, r"Write a backslash as \\", True),
    ('{"a": "say "hi""}', "'hi' after the end of a string", 13, r"write it as \"", True),
    ('{"a": "x "y" z"}', "'y' after the end of a string", 11, r"write it as \"", True),
    ('{"a": "fixes "#12""}', "'#' after the end of a string", 15, r"write it as \"", True),
    ('{"a": "x", then y"}', "'then' after the end of a string", 12, r"write it as \"", True),
    ('{"a": ["x" y]}', "'y' after the end of a string", 12, r"write it as \"", True),
    ('{"a": "x" "y"}', "'\"' after the end of a string", 11, r"write it as \"", True),
    ('{"a": .5}', "'.' is unexpected", 7, "one JSON object", False),
    ("pipelineName: deploy", "'pipelineName' is unexpected", 1, "one JSON object", False),
]


def refusal(text, read=parse_user_parameters):
    with pytest.raises(InvalidInput) as caught:
        read(text)
    return str(caught.value)


@pytest.mark.parametrize(
    "text, what, column, remedy, from_variable", MISTAKES, ids=[each[0] for each in MISTAKES]
)
def test_a_mistake_is_reported_with_its_position_and_the_fix(
    text, what, column, remedy, from_variable
):
    message = refusal(text)

    assert f"The input is not JSON: {what}" in message
    assert f" at line 1, column {column}, in '" in message
    assert remedy in message
    assert (VARIABLE in message) is from_variable


@pytest.mark.parametrize("text, what, column, remedy, from_variable", MISTAKES)
def test_no_variable_is_blamed_where_variables_are_not_allowed(
    text, what, column, remedy, from_variable
):
    message = refusal(text, read_json)

    assert what in message
    assert VARIABLE not in message


@pytest.mark.parametrize("text", ["", " \n"])
def test_an_empty_document_is_reported_as_empty(text):
    assert refusal(text, read_json).startswith("The input is empty. It must be one JSON object")


@pytest.mark.parametrize("text", ['{"pipelineName": "p"}', " [1]", '"{}"'])
def test_json_inside_a_string_is_reported_as_encoded_twice(text):
    for message in (refusal(json.dumps(text)), refusal(text, parse_input)):
        assert message.startswith("The input is a JSON string that contains JSON")
        assert "Pass the object itself" in message


@pytest.mark.parametrize(
    "text, line, column", [('\n{"a": .5}', 2, 7), ('{"a": 1,\n\n "b": .5}', 3, 7)]
)
def test_a_mistake_is_reported_with_its_line(text, line, column):
    assert f" at line {line}, column {column}, in '" in refusal(text)


@pytest.mark.parametrize("after, end", [(39, "x'. "), (40, "x…'. ")])
def test_a_text_is_cut_40_characters_after_the_mistake(after, end):
    assert f'in \'{{"a": .{"x" * 39}{end[1:]}' in refusal(f'{{"a": .{"x" * after}')


def test_a_long_line_is_shown_around_the_mistake():
    message = refusal(f'{LINE}"mode": "la"test", "timeoutMinutes": 5, "region": "eu-west-1"}}')

    assert "column 90, in '…" in message
    assert 'to go before", "mode": "la"test", "timeoutMinutes": 5' in message
    assert "pipelineName" not in message


@given(st.text(st.sampled_from("ab .'\"\\\n\r\t\x00\x1bü😀\u2028"), min_size=1, max_size=30))
def test_text_from_a_variable_is_shown_where_it_breaks_the_json(value):
    text = f'{LINE}"variables": [{{"name": "MSG", "value": "{value}"}}]}}'
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        at = error.pos
    else:
        return

    message = refusal(text)
    around = text[at - 15 : at + 15]
    assert "".join(visible(each) for each in around).strip() in message
    assert VARIABLE in message


def visible(character):
    hidden = ord(character) < 32 or character == "\u2028"
    return json.dumps(character)[1:-1] if hidden else character
