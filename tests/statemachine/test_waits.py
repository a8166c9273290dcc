from __future__ import annotations

from codepipeline_sandbox.codepipeline import Act
from tests.simulation.runs import all_runs


def test_a_run_does_not_poll_repeatedly_in_the_last_second_before_a_renewal(
    cloud, company, target, world
):
    # The next renewal is not due on a whole second.
    cloud.world.run(until=cloud.world.now + 0.4)
    company.add_pipeline("release", {"Go": [company.waiting_action("Wait", target(Act(900)))]})
    company.start("release")

    world.run(until=world.now + 60)

    # A wait that ended early would be repeated immediately.
    (run,) = all_runs()
    states = [visit.state for visit in run.visits]
    assert "RenewJob" in states
    assert states.count("GetState") <= 4
