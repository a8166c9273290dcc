"""Mistakes in faults are reported when the fault is created."""

import pytest

from codepipeline_sandbox.faults import CallFault, DeliveryFault, InvalidFault, InvocationFault


@pytest.mark.rule("F11")
@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: CallFault("throtled"), "'throtled'; did you mean 'throttled'?"),
        (lambda: CallFault("nonsense"), "Use one of denied, killed-after, .*, unavailable"),
        (lambda: CallFault("slow", "GetPipeline"), "must have the form service:Operation"),
        (lambda: CallFault("slow", "codepipelin:*"), "did you mean 'codepipeline'?"),
        (lambda: CallFault("slow", "states:StartExecution"), "did you mean 'stepfunctions'?"),
        (lambda: CallFault("slow", "sts:assumerole"), "did you mean 'AssumeRole'?"),
        (lambda: CallFault("slow", "sts:Nonsense*"), "sts has no operation 'Nonsense\\*'"),
        (lambda: CallFault("slow", callers="everyone"), "did you mean 'everybody'?"),
        (lambda: CallFault("slow", account="1111"), "an account must be 12 digits"),
        (lambda: CallFault("slow", region="eu-west1"), "did you mean 'eu-west-1'?"),
        (lambda: CallFault("slow", chance=1.5), "a chance must be above 0 and at most 1"),
        (
            lambda: CallFault("slow", chance="0.5"),  # type: ignore[arg-type] # as in a YAML file
            "chance must be a number, not '0.5'",
        ),
        (lambda: CallFault("slow", times=0), "times must be at least 1"),
        (
            lambda: CallFault("slow", times=0.5),  # type: ignore[arg-type] # as in a YAML file
            "times must be a number",
        ),
        (lambda: CallFault("slow", start=60, end=60), "the end 60 is not after the start 60"),
        (lambda: CallFault("slow", start=-1), "before the world began"),
        (lambda: CallFault("slow", seconds=-1), "the seconds must not be negative"),
        (lambda: CallFault("denied", seconds=5), "'denied' takes no seconds"),
        (lambda: CallFault("refused"), "'refused' needs a 'code'"),
        (lambda: CallFault("denied", code="AccessDenied"), "'denied' takes neither a code nor"),
        (lambda: CallFault("slow", status=500), "'slow' takes neither a code nor a status"),
        (
            lambda: CallFault("refused", code="Odd", status=200),
            "an HTTP error from 400 to 599, not 200",
        ),
        (
            lambda: CallFault("refused", code="Odd", status=499),
            "an HTTP error from 400 to 599, not 499",
        ),
        (lambda: DeliveryFault("droped"), "did you mean 'dropped'?"),
        (lambda: DeliveryFault("dropped", "events"), "did you mean 'event'?"),
        (lambda: DeliveryFault("dropped", seconds=5), "'dropped' takes no seconds"),
        (lambda: DeliveryFault("delayed", behind=2), "'delayed' takes no 'behind'"),
        (lambda: DeliveryFault("reordered", behind=0), "behind must be at least 1"),
        (lambda: DeliveryFault("dropped", "invocation", source="a"), "have a source"),
        (lambda: InvocationFault("kiled"), "did you mean 'killed'?"),
        (lambda: InvocationFault("throttled", seconds=5), "'throttled' takes no seconds"),
    ],
)
def test_a_mistake_is_reported_with_the_most_likely_correction(make, message):
    with pytest.raises(InvalidFault, match=message.replace("?", r"\?")):
        make()
