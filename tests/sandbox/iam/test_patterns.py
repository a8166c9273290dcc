import pytest
from hypothesis import given
from hypothesis import strategies as st

from codepipeline_sandbox.iam.policies import patterns
from codepipeline_sandbox.iam.policies.errors import UnsupportedPolicy

LETTERS = "ab:/"
TEXTS = st.text(LETTERS, max_size=8)
PATTERNS = st.text(LETTERS + "*?", max_size=8)
ROLE = "arn:aws:iam::111122223333:role"


def stands_for(pattern: str, text: str) -> bool:
    """Match wildcards by tracking every reachable prefix, without regular expressions."""
    reached = {0}
    for character in pattern:
        if character == "*":
            reached = set(range(min(reached, default=len(text) + 1), len(text) + 1))
        else:
            reached = {
                end + 1 for end in reached if end < len(text) and character in ("?", text[end])
            }
    return len(text) in reached


def read(text: str, **values: str) -> patterns.Pattern:
    context = {f"aws:{key}".lower(): (value,) for key, value in values.items()}
    pattern = patterns.read(text, context)
    assert pattern is not None
    return pattern


@given(PATTERNS, TEXTS)
def test_wildcards_match_any_characters_or_exactly_one(pattern: str, text: str) -> None:
    assert patterns.matches(read(pattern), text) == stands_for(pattern, text)


@given(PATTERNS, st.text(LETTERS + "AB", max_size=8))
def test_case_can_be_ignored(pattern: str, text: str) -> None:
    found = patterns.matches(read(pattern), text, ignore_case=True)

    assert found == stands_for(pattern, text.lower())


@given(st.lists(PATTERNS.map(lambda p: p.replace(":", "")), min_size=6, max_size=6), st.data())
def test_an_arn_in_a_condition_is_compared_part_by_part(parts: list[str], data: st.DataObject):
    arn = [data.draw(TEXTS.map(lambda t: t.replace(":", ""))) for _ in parts[:5]]
    arn.append(data.draw(TEXTS))

    found = patterns.arn_matches(read(":".join(parts)), ":".join(arn))

    assert found == all(map(stands_for, parts, arn))


@given(st.text("a*?$", max_size=6))
def test_the_value_of_a_variable_is_taken_literally(value: str) -> None:
    pattern = read("x/${aws:userid}/*", userid=value)

    assert patterns.matches(pattern, f"x/{value}/y")
    assert patterns.matches(pattern, f"x/{value.replace('*', 'b')}/y") == ("*" not in value)


@pytest.mark.parametrize(
    "pattern, resource, expected",
    [
        ("*", "*", True),
        ("*", f"{ROLE}/Target", True),
        (f"{ROLE}/*", f"{ROLE}/path/Target", True),
        (f"{ROLE}/*", "*", False),
        (f"{ROLE}/T?rget", f"{ROLE}/Target", True),
        (f"{ROLE}/target", f"{ROLE}/Target", False),
        ("arn:aws:iam::*:role/Target", f"{ROLE}/Target", True),
        ("arn:aws:iam:*", f"{ROLE}/Target", True),
        ("arn:aws:i*m:111122223333:role/Target", f"{ROLE}/Target", False),
        ("arn:aws:iam::1111?2223333:role/Target", f"{ROLE}/Target", True),
        ("arn:aws:iam?:111122223333:role/Target", f"{ROLE}/Target", False),
        ("arn:aws:lambda:*:1:function:*-job", "arn:aws:lambda:r:1:function:a-job", True),
        ("arn:aws:logs:*:1:log-group:/a/*", "arn:aws:logs:r:1:log-group:/a/b:log-stream:c", True),
    ],
)
def test_wildcards_match_within_a_resource_part_and_a_final_asterisk_matches_beyond(
    pattern: str, resource: str, expected: bool
) -> None:
    assert patterns.resource_matches(read(pattern), resource) is expected


def test_variables_are_replaced_and_may_have_defaults() -> None:
    text = "${aws:PrincipalAccount}/${aws:userid, 'nobody'}/${*}${?}${$}"

    assert patterns.literal(text, {"aws:principalaccount": ("1",)}) == "1/nobody/*?$"


def test_a_pattern_with_an_undefined_variable_matches_nothing() -> None:
    assert patterns.read("${aws:userid}", {}) is None


def test_variables_are_ordinary_text_in_old_policies() -> None:
    assert patterns.literal("${aws:userid}", None) == "${aws:userid}"


@pytest.mark.parametrize("text", ["${}", "${aws:userid, nobody}", "${a b}"])
def test_a_malformed_variable_is_an_error(text: str) -> None:
    with pytest.raises(UnsupportedPolicy, match="not supported"):
        patterns.read(text, {})


def test_a_variable_with_several_values_is_an_error() -> None:
    with pytest.raises(UnsupportedPolicy, match="more than one value"):
        patterns.read("${aws:TagKeys}", {"aws:tagkeys": ("a", "b")})
