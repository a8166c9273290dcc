from __future__ import annotations

import pytest

from codepipeline_sandbox.cloud import Cloud
from codepipeline_sandbox.codepipeline import Settings, settings
from playground.scenarios.model import Scenario
from playground.server import scene


@pytest.mark.rule("E7", "V18")
def test_the_server_has_settings_that_match_aws() -> None:
    with Cloud():
        scene.behave_as_on_aws(Scenario(""))

        assert settings.current() == Settings(create_starts_execution=True, event_spread=9.5)


def test_the_settings_of_a_scenario_take_precedence() -> None:
    chosen = {"create_starts_execution": False, "event_spread": 0.0, "job_silence": 60.0}
    with Cloud():
        scene.behave_as_on_aws(Scenario("", settings=chosen))

        assert settings.current() == Settings(job_silence=60.0)
