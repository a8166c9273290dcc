import json
from random import Random

import pytest
from botocore.exceptions import ClientError
from moto.events.exceptions import InvalidEventPatternException

from codepipeline_sandbox.eventbridge import patterns
from codepipeline_sandbox.eventbridge.pattern_operators import OPERATORS

REGION = "eu-west-1"
EVENT = {
    "id": "1",
    "account": "111122223333",
    "source": "aws.codepipeline",
    "time": "2026-01-05T09:00:00Z",
    "region": REGION,
    "resources": [],
    "detail-type": "t",
    "detail": {"state": "FAILED", "count": 5, "none": None, "on": True, "ip": "10.0.0.7"},
}
# AWS refused each pattern with this message, according to LocalStack's tests/aws/services/events,
# test_events_patterns, recorded on 2024-12-05.
REFUSED_BY_AWS = [
    ('{"int": 42}', '"int" must be an object or an array'),
    ('{"string": "my-value"}', '"string" must be an object or an array'),
    ('{"resources": []}', "Empty arrays are not allowed"),
    ('["not", "a", "dict"]', "Filter is not an object"),
    ('{"a": [{"EXISTS": true}]}', "Unrecognized match type EXISTS"),
    ('{"a": [{"NUMERIC": ["=", 5]}]}', "Unrecognized match type NUMERIC"),
    ('{"a": [{"numeric": [">", 0, ">", 0]}]}', "Bad numeric range operator: >"),
    ('{"a": [{"numeric": [">", 0, "<"]}]}', "Value of < must be numeric"),
    ('{"a": [{"prefix": 123}]}', "prefix match pattern must be a string"),
    ('{"a": [{"prefix": ["2022-07-13"]}]}', "prefix match pattern must be a string"),
    ('{"a": [{"suffix": 123}]}', "suffix match pattern must be a string"),
    ('{"a": [{"suffix": [".png"]}]}', "suffix match pattern must be a string"),
    ('{"a": [{"wildcard": 123}]}', "wildcard match pattern must be a string"),
    ('{"a": [{"wildcard": ["a*"]}]}', "wildcard match pattern must be a string"),
    ('{"a": [{"wildcard": "a:**:b"}]}', "Consecutive wildcard characters at pos 2"),
    (
        '{"a": [{"equals-ignore-case": ["x"]}]}',
        "equals-ignore-case match pattern must be a string",
    ),
    (
        '{"a": [{"equals-ignore-case": {"prefix": "x"}}]}',
        "equals-ignore-case match pattern must be a string",
    ),
    ('{"a": [{"cidr": "10.0.0.1"}]}', "Malformed CIDR, one '/' required"),
    ('{"a": [{"cidr": "10.0.0.0/xx"}]}', "Malformed CIDR, mask bits must be an integer"),
    ('{"a": [{"cidr": "xx.11.xx/8"}]}', "Nonstandard IP address: xx.11.xx"),
    ('{"a": [{"cidr": "xxxx:db8::/32"}]}', "Nonstandard IP address: xxxx:db8::"),
    ('{"a": [{"cidr": ["bad-type"]}]}', "prefix match pattern must be a string"),
    (
        '{"a": [{"anything-but": {"prefix": 123}}]}',
        "prefix/suffix match pattern must be a string",
    ),
    (
        '{"a": [{"anything-but": {"prefix": [123, "test"]}}]}',
        "prefix/suffix match pattern must be a string",
    ),
    (
        '{"a": [{"anything-but": {"suffix": 123}}]}',
        "prefix/suffix match pattern must be a string",
    ),
    (
        '{"a": [{"anything-but": {"suffix": [123, ".txt"]}}]}',
        "prefix/suffix match pattern must be a string",
    ),
    (
        '{"a": [{"anything-but": {"prefix": {"equals-ignore-case": "f"}}}]}',
        "Value of anything-but must be an array or single string/number value.",
    ),
    (
        '{"a": [{"anything-but": {"suffix": {"equals-ignore-case": "f"}}}]}',
        "Value of anything-but must be an array or single string/number value.",
    ),
    (
        '{"a": [{"anything-but": {"equals-ignore-case": 123}}]}',
        "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
    ),
    (
        '{"a": [{"anything-but": {"equals-ignore-case": [123, 456]}}]}',
        "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
    ),
    ('{"a": [{"anything-but": {"wildcard": 123}}]}', "wildcard match pattern must be a string"),
    (
        '{"a": [{"anything-but": {"wildcard": [123, "*/dir/*"]}}]}',
        "wildcard match pattern must be a string",
    ),
]
# Messages of AWS's rule engine, https://github.com/aws/event-ruler.
REFUSED_BY_THE_RULE_ENGINE = [
    ("{}", "Empty objects are not allowed"),
    ('{"detail": {}}', "Empty objects are not allowed"),
    ('{"a": [[1]]}', "Match value must be String, number, true, false, or null"),
    ('{"a": [{}]}', "Match expression name not found"),
    ('{"a": [{"like": ["aws"]}]}', "Unrecognized match type like"),
    ('{"a": [{"like": {"b": ["aws"]}}]}', "Unrecognized match type like"),
    ('{"a": [{"prefix": "x", "suffix": "y"}]}', "Only one key allowed in match expression"),
    ('{"a": [{"prefix": {}}]}', "Prefix expression name not found"),
    ('{"a": [{"prefix": {"suffix": "x"}}]}', "Unsupported prefix pattern: suffix"),
    ('{"a": [{"exists": null}]}', "exists match pattern must be either true or false."),
    ('{"a": [{"numeric": 5}]}', "Value of numeric must be an array."),
    ('{"a": [{"numeric": []}]}', "Invalid member in numeric match: None"),
    ('{"a": [{"numeric": ["=", "5"]}]}', "Value of equals must be numeric"),
    ('{"a": [{"numeric": ["=", true]}]}', "Value of equals must be numeric"),
    ('{"a": [{"numeric": ["!=", 5]}]}', "Unrecognized numeric range operator: !="),
    ('{"a": [{"numeric": ["<", 5, ">", 0]}]}', "Too many elements in numeric expression"),
    ('{"a": [{"numeric": [">", 5, 6]}]}', "Bad value in numeric range: 6"),
    ('{"a": [{"numeric": [">", 5, "<", 0]}]}', "Bottom must be less than top"),
    ('{"a": [{"numeric": [">", 0, "<", 5, 6]}]}', "Too many terms in numeric range expression"),
    ('{"a": [{"anything-but": null}]}', "Value of anything-but must be an array or single"),
    ('{"a": [{"anything-but": [null]}]}', "start|null|boolean is not supported"),
    ('{"a": [{"anything-but": ["x", 1]}]}', "mixed type is not supported"),
    ('{"a": [{"anything-but": []}]}', "mixed type is not supported"),
    ('{"a": [{"anything-but": {"prefix": ""}}]}', "Null prefix/suffix not allowed"),
    ('{"a": [{"anything-but": {"numeric": ["=", 1]}}]}', "Unsupported anything-but pattern"),
    ('{"a": [{"anything-but": {}}]}', "Anything-But expression name not found"),
    ('{"$or": {"a": [1]}}', "It must be an Array followed with $or."),
    ('{"$or": [{"a": [1]}]}', "There must have at least 2 Objects in $or relationship."),
    ('{"$or": [{"a": [1]}, 2]}', "Only JSON object is allowed in array of $or relationship."),
    ('{"$or": [{"prefix": [1]}, {"a": [1]}]}', "prefix is Ruler reserved fieldName"),
    ('{"a": ' * 60 + "[1]" + "}" * 60, "at most 50 levels"),
    ('{"a": ' * 5000, "Invalid JSON"),
    ("{'a': 1}", "Invalid JSON"),
    ('{"a": {"b": [{"id": ["x"]}]}}', "Unrecognized match type id"),
]


@pytest.mark.rule("V11")
@pytest.mark.parametrize("pattern, reason", [*REFUSED_BY_AWS, *REFUSED_BY_THE_RULE_ENGINE])
def test_an_invalid_pattern_is_refused_with_the_reason(pattern, reason):
    with pytest.raises(InvalidEventPatternException) as refused:
        patterns.matcher(pattern)

    assert refused.value.message.startswith("Event pattern is not valid. Reason: ")
    assert reason in refused.value.message


@pytest.mark.rule("V11")
@pytest.mark.parametrize(
    "call", ["put_rule", "test_event_pattern"], ids=["PutRule", "TestEventPattern"]
)
def test_every_operation_that_takes_a_pattern_refuses_an_invalid_one(client, call):
    more = {"put_rule": {"Name": "r"}, "test_event_pattern": {"Event": json.dumps(EVENT)}}[call]

    with pytest.raises(ClientError, match="Reason: prefix match pattern must be a string"):
        getattr(client("events"), call)(EventPattern='{"source": [{"prefix": 123}]}', **more)


@pytest.mark.rule("V11", "V15")
@pytest.mark.parametrize(
    "pattern, event, matches",
    [
        # Measured: an empty array counts as missing. A pattern also applies to objects in arrays.
        ({"resources": [{"exists": True}]}, {"resources": []}, False),
        ({"resources": [{"exists": False}]}, {"resources": []}, True),
        ({"a": {"b": {"id": ["x"]}}}, {"a": {"b": [{"id": "w"}, {"id": "x"}]}}, True),
        ({"a": {"b": {"id": ["x"]}}}, {"a": {"b": [{"id": "w"}]}}, False),
        ({"a": {"b": {"id": ["x"], "n": [1]}}}, {"a": {"b": [{"id": "x"}, {"n": 1}]}}, False),
        ({"a": {"b": ["x"]}}, {"a": "x"}, False),
        ({"a": {"b": [{"exists": False}]}}, {"a": "x"}, True),
        ({"a": {"b": [{"exists": False}]}}, {}, True),
        ({"a": [{"exists": True}]}, {"a": {"b": 1}}, False),
        ({"a": [{"exists": True}]}, {"a": None}, True),
        ({"a": [1]}, {"a": [[3, [1]]]}, True),
        ({"a": [1]}, {"a": 1.0}, True),
        ({"a": [1]}, {"a": True}, False),
        ({"a": [True]}, {"a": 1}, False),
        ({"a": [1]}, {"a": "1"}, False),
        ({"a": [None]}, {"a": None}, True),
        ({"a": [None]}, {}, False),
        ({"a": [""]}, {"a": ""}, True),
        ({"a": [{"anything-but": "x"}]}, {"a": None}, True),
        ({"a": [{"anything-but": "x"}]}, {}, False),
        ({"a": [{"anything-but": [1, 2]}]}, {"a": 3}, True),
        ({"a": [{"anything-but": [1, 2]}]}, {"a": 2.0}, False),
        ({"a": [{"anything-but": 0}]}, {"a": 0}, False),
        ({"a": [{"anything-but": {"prefix": "x"}}]}, {"a": 5}, True),
        ({"a": [{"anything-but": {"prefix": ["x", "y"]}}]}, {"a": "yes"}, False),
        ({"a": [{"anything-but": {"suffix": ["x", "y"]}}]}, {"a": "yes"}, True),
        ({"a": [{"anything-but": {"equals-ignore-case": ["X"]}}]}, {"a": "x"}, False),
        ({"a": [{"anything-but": {"wildcard": ["*e*", "z"]}}]}, {"a": "yes"}, False),
        ({"a": [{"prefix": {"equals-ignore-case": "YE"}}]}, {"a": "yes"}, True),
        ({"a": [{"suffix": {"equals-ignore-case": "ES"}}]}, {"a": "yes"}, True),
        ({"a": [{"suffix": "ye"}]}, {"a": "yes"}, False),
        ({"a": [{"equals-ignore-case": "yEs"}]}, {"a": "YES"}, True),
        ({"a": [{"equals-ignore-case": ""}]}, {"a": "x"}, False),
        ({"a": [{"prefix": "1"}]}, {"a": 1}, False),
        ({"a": [{"numeric": ["=", 5]}]}, {"a": "5"}, False),
        ({"a": [{"numeric": ["=", 5]}]}, {"a": None}, False),
        ({"a": [{"numeric": ["=", 1]}]}, {"a": True}, False),
        ({"a": [{"numeric": [">=", 0, "<", 5]}]}, {"a": [7, 4.5]}, True),
        ({"a": [{"numeric": [">=", 0, "<", 5]}]}, {"a": 5}, False),
        ({"a": [{"cidr": "10.0.0.1/24"}]}, {"a": "10.0.0.7"}, True),
        ({"a": [{"cidr": "10.0.0.0/24"}]}, {"a": "10.0.1.7"}, False),
        ({"a": [{"cidr": "2001:db8::/32"}]}, {"a": "2001:db8::1"}, True),
        ({"a": [{"cidr": "10.0.0.0/24"}]}, {"a": 7}, False),
        ({"a": [{"wildcard": "*/dir/*.png"}]}, {"a": "/x/dir/y/z.png"}, True),
        ({"a": [{"wildcard": "*/dir/*.png"}]}, {"a": "/dir.png"}, False),
        ({"a": [{"wildcard": "a*a"}]}, {"a": "a"}, False),
        ({"a": [{"wildcard": "a*a"}]}, {"a": "aa"}, True),
        ({"a": [{"wildcard": r"\*\\*"}]}, {"a": "*\\x"}, True),
        ({"a": [{"wildcard": "*\n*"}]}, {"a": "x\ny"}, True),
        ({"$or": [{"a": [1]}, {"b": [1]}]}, {"b": 1}, True),
        ({"c": [1], "$or": [{"a": [1]}, {"b": [1]}]}, {"b": 1}, False),
        ({"d": {"$or": [{"a": [1]}, {"b": {"c": [1]}}]}}, {"d": {"b": {"c": 1}}}, True),
    ],
)
def test_a_pattern_matches_as_on_aws(pattern, event, matches):
    assert patterns.matcher(json.dumps(pattern))(event) is matches


def _random_value(random, depth=0):
    names = ["$or", "a", "detail", *OPERATORS]
    simple = [1, 0.5, -3, True, None, "", "a", "*", "10.0.0.0/8", "<", ">=", "\\", 10**400]
    kind = random.random()
    if depth > 4 or kind < 0.35:
        return random.choice(simple)
    size = random.randrange(4)
    if kind < 0.65:
        return [_random_value(random, depth + 1) for _ in range(size)]
    return {random.choice(names): _random_value(random, depth + 1) for _ in range(size)}


@pytest.mark.rule("V11")
def test_a_pattern_is_refused_or_can_be_compared_with_every_event():
    random = Random(19)  # noqa: S311 - repeatable on purpose
    accepted = 0
    for _ in range(20_000):
        text = json.dumps({random.choice(["a", "$or", "detail"]): _random_value(random)})
        try:
            matches = patterns.matcher(text)
        except InvalidEventPatternException:
            continue
        accepted += 1
        for _ in range(5):
            event = {"a": _random_value(random), "detail": _random_value(random)}
            assert isinstance(matches(event), bool)

    assert accepted > 300


@pytest.mark.rule("V15")
def test_a_pattern_can_be_tested_with_an_event(client):
    events = client("events")

    def result(pattern):
        answer = events.test_event_pattern(
            EventPattern=json.dumps(pattern), Event=json.dumps(EVENT)
        )
        return answer["Result"]

    assert result({"detail": {"state": ["FAILED"]}}) is True
    assert result({"detail": {"state": ["STOPPED"]}}) is False


@pytest.mark.rule("V15")
@pytest.mark.parametrize("event", ['"text"', "[]", "{", "{}", "[" * 5000])
def test_a_malformed_event_cannot_be_tested(client, event):
    with pytest.raises(ClientError, match=r"Parameter Event is not valid\."):
        client("events").test_event_pattern(EventPattern='{"source": ["x"]}', Event=event)


@pytest.mark.parametrize("missing", ["id", "account", "source", "time", "region", "resources"])
def test_a_tested_event_must_have_the_standard_members(client, missing):
    event = {name: value for name, value in EVENT.items() if name != missing}

    with pytest.raises(ClientError, match=r"Parameter Event is not valid\."):
        client("events").test_event_pattern(
            EventPattern='{"source": ["x"]}', Event=json.dumps(event)
        )
