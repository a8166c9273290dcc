"""Mistakes in faults are told when the fault is made."""

import pytest

from sandbox.faults import CallFault, DeliveryFault, InvalidFault, InvocationFault


@pytest.mark.rule("F11")
@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: CallFault("throtled"), "'throtled'; did you mean 'throttled'?"),
        (lambda: CallFault("nonsense"), "there are denied, killed-after, .*, unavailable"),
        (lambda: CallFault("slow", "GetPipeline"), "is written service:Operation"),
        (lambda: CallFault("slow", "codepipelin:*"), "did you mean 'codepipeline'?"),
        (lambda: CallFault("slow", "states:StartExecution"), "did you mean 'stepfunctions'?"),
        (lambda: CallFault("slow", "sts:assumerole"), "did you mean 'AssumeRole'?"),
        (lambda: CallFault("slow", "sts:Nonsense*"), "sts has no operation 'Nonsense\\*'"),
        (lambda: CallFault("slow", callers="everyone"), "did you mean 'everybody'?"),
        (lambda: CallFault("slow", account="1111"), "an account is 12 digits"),
        (lambda: CallFault("slow", region="eu-west1"), "did you mean 'eu-west-1'?"),
        (lambda: CallFault("slow", chance=1.5), "a chance is above 0 and at most 1"),
        (
            lambda: CallFault("slow", chance="0.5"),  # type: ignore[arg-type] # as YAML has it
            "chance is a number, and not '0.5'",
        ),
        (lambda: CallFault("slow", times=0), "times is at least 1"),
        (
            lambda: CallFault("slow", times=0.5),  # type: ignore[arg-type] # the same
            "times is a number",
        ),
        (lambda: CallFault("slow", start=60, end=60), "the end 60 is not after the start 60"),
        (lambda: CallFault("slow", start=-1), "before the world began"),
        (lambda: CallFault("slow", seconds=-1), "the seconds are not negative"),
        (lambda: CallFault("denied", seconds=5), "'denied' takes no seconds"),
        (lambda: CallFault("refused"), "'refused' needs a 'code'"),
        (lambda: CallFault("denied", code="AccessDenied"), "'denied' takes neither a code nor"),
        (lambda: CallFault("slow", status=500), "'slow' takes neither a code nor a status"),
        (
            lambda: CallFault("refused", code="Odd", status=200),
            "an HTTP error, 400 to 599, and not 200",
        ),
        (
            lambda: CallFault("refused", code="Odd", status=499),
            "an HTTP error, 400 to 599, and not 499",
        ),
        (lambda: DeliveryFault("droped"), "did you mean 'dropped'?"),
        (lambda: DeliveryFault("dropped", "events"), "did you mean 'event'?"),
        (lambda: DeliveryFault("dropped", seconds=5), "'dropped' takes no seconds"),
        (lambda: DeliveryFault("delayed", behind=2), "'delayed' takes no 'behind'"),
        (lambda: DeliveryFault("reordered", behind=0), "behind is at least 1"),
        (lambda: DeliveryFault("dropped", "invocation", source="a"), "have a source"),
        (lambda: InvocationFault("kiled"), "did you mean 'killed'?"),
        (lambda: InvocationFault("throttled", seconds=5), "'throttled' takes no seconds"),
    ],
)
def test_a_mistake_is_told_with_the_nearest_right_word(make, message):
    with pytest.raises(InvalidFault, match=message.replace("?", r"\?")):
        make()
