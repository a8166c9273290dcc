from __future__ import annotations

from codepipeline_orchestrator.model.run_arn import run_arn, state_machine_arn_of

MACHINE = "arn:aws:states:eu-west-1:111122223333:stateMachine:pipeline-run"
RUN = "arn:aws:states:eu-west-1:111122223333:execution:pipeline-run:3f0c9a51"


def test_the_arn_of_a_run_is_derived_from_its_state_machine():
    assert run_arn(MACHINE, "3f0c9a51") == RUN


def test_the_state_machine_is_derived_from_the_arn_of_a_run():
    assert state_machine_arn_of(RUN) == MACHINE
