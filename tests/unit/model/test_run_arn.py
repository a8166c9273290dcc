"""How a state machine's ARN is converted to the ARN of one of its runs, and back."""

from __future__ import annotations

from codepipeline_orchestrator.model.run_arn import run_arn, state_machine_arn_of

MACHINE = "arn:aws:states:eu-west-1:111122223333:stateMachine:pipeline-run"
RUN = "arn:aws:states:eu-west-1:111122223333:execution:pipeline-run:3f0c9a51"


def test_the_arn_of_a_run_follows_from_its_state_machine():
    assert run_arn(MACHINE, "3f0c9a51") == RUN


def test_a_run_names_its_state_machine():
    assert state_machine_arn_of(RUN) == MACHINE
