from __future__ import annotations

import pytest

from codepipeline_sandbox.http.clock import Clock
from playground.scenarios.loading import find, load
from playground.scenarios.model import Scenario
from playground.scenarios.play import cloud_for, play
from playground.server import commands


def suggested(text):
    return commands.commands(load(text))


def test_the_default_scenario_gets_commands_to_start_retry_and_inspect():
    first, *rest = [what for what, _ in commands.commands(find("releases"))]

    assert first == (
        "Start release. It starts database in account 333344445555, which fails the first time, "
        "and then web in account 222233334444."
    )
    assert "After it has failed, retry stage Database." in rest
    assert "Show what the run did" in rest[1]
    assert "Start a run that starts MyFirstPipeline, and follow it." in rest


def test_commands_for_a_pipeline_elsewhere_use_its_account_and_region():
    text = "pipelines: {'a in second, us-east-1': {stages: {A: {B: [1m fails, 1m]}}}}"

    what, retry = suggested(text)[1]

    assert what == "After it has failed, retry stage A."
    assert retry.startswith(
        "AWS_ACCESS_KEY_ID=AKIA222233334444ROOT aws --region us-east-1 codepipeline retry-stage-"
    )


@pytest.mark.parametrize("act", ["1m", "1m fails", "approval"])
def test_no_retry_is_suggested_where_none_would_help(act):
    whats = [what for what, _ in suggested(f"pipelines: {{a: {{stages: {{A: {{B: {act}}}}}}}}}")]

    assert whats[0] == "Start a."
    assert not [what for what in whats if "retry" in what]


def test_without_pipelines_nothing_is_suggested():
    assert commands.commands(Scenario("")) == []


def test_a_scenario_is_played_on_the_servers_clock():
    real = 100.0
    scenario = load(
        "pipelines: {a: {stages: {A: {B: 10s}}}}\n"
        "happens: [{at: 5s, start: a}, {when: a A/B started, after: 1s, stop: a}]\n"
    )

    with cloud_for(scenario) as cloud:
        played = play(scenario, cloud)
        clock = Clock(cloud.world, 1.0, real=lambda: real)
        states = []
        for _ in range(20):
            clock.advance()
            states.append(played.entries[-1].what if played.entries else "")
            real += 1.0

    assert states[4:6] == ["", "Source/Checkout started"]
    assert states[9] == "stopping"
    assert states[-1] == "stopped"
