"""Each wait ends when it is due, and not earlier."""

from __future__ import annotations

from sandbox.codepipeline import Act
from tests.simulation.runs import all_runs


def test_a_run_does_not_poll_repeatedly_in_the_last_second_before_a_renewal(
    cloud, company, target, world
):
    # given an action whose job is due at a fraction of a second
    cloud.world.run(until=cloud.world.now + 0.4)
    company.add_pipeline("release", {"Go": [company.waiting_action("Wait", target(Act(900)))]})
    company.start("release")

    # when the job has been renewed
    world.run(until=world.now + 60)

    # then no wait ends early and has to be repeated immediately
    (run,) = all_runs()
    states = [visit.state for visit in run.visits]
    assert "RenewJob" in states
    assert states.count("GetState") <= 4
