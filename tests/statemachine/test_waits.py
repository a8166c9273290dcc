"""Waits end when what they wait for is due, and not before."""

from __future__ import annotations

from sandbox.codepipeline import Act
from tests.simulation.runs import all_runs


def test_a_run_does_not_poll_again_and_again_in_the_last_second_before_a_renewal(
    cloud, company, target, world
):
    # given an action whose job is due at a fraction of a second
    cloud.world.run(until=cloud.world.now + 0.4)
    company.add_pipeline("release", {"Go": [company.waiting_action("Wait", target(Act(900)))]})
    company.start("release")

    # when it has been renewed
    world.run(until=world.now + 60)

    # then no wait has ended before that, only to be repeated at once
    (run,) = all_runs()
    states = [visit.state for visit in run.visits]
    assert "RenewJob" in states
    assert states.count("GetState") <= 4
