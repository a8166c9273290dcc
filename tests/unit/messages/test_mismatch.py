from __future__ import annotations

import pytest

from codepipeline_orchestrator.messages.mismatch import difference_list, mismatch
from codepipeline_orchestrator.model.report import Difference
from codepipeline_orchestrator.model.target import Target

TARGET = Target("deploy", "222233334444", "eu-west-1", "aws", "arn", None, "run-1")
DIFFERENCES = [Difference("variables.A", "b", "c"), Difference("variables.B", "d", None)]


@pytest.mark.parametrize(
    "how, reason, advice",
    [
        (
            "ifRunning join",
            "The run would have joined it because ifRunning is 'join'.",
            (
                "To start the target after that execution, set ifRunning to 'wait'. To join any "
                "running execution, remove variables and sourceRevisions."
            ),
        ),
        (
            "clientRequestToken",
            "It was started with the same clientRequestToken.",
            "Use a different clientRequestToken for a different input.",
        ),
    ],
)
def test_a_mismatch_is_reported_with_its_reason_and_advice(how, reason, advice):
    assert mismatch(TARGET, "x", how, DIFFERENCES) == (
        "Execution x of deploy (account 222233334444, eu-west-1) differs from the input: "
        f"variables.A is 'c', not 'b'; variables.B is none, not 'd'. {reason} Nothing was started. "
        f"{advice}"
    )


@pytest.mark.parametrize("count, named, more", [(5, 5, ""), (6, 5, "1"), (7, 5, "2")])
def test_at_most_five_differences_are_named(count, named, more):
    listed = difference_list([Difference(f"variables.{n}", "b", "c") for n in range(count)])
    assert listed.count(" is 'c', not 'b'") == named
    assert listed.endswith(f"; and {more} more" if more else "variables.4 is 'c', not 'b'")
