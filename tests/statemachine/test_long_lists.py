from __future__ import annotations

import pytest
import yaml

from playground.company import SECOND
from playground.scenarios.loading import load
from playground.scenarios.play import cloud_for, play
from tests.statemachine.reading import result, runs_of


def scenario_of(*happens, newer):
    others = [{"at": f"{60 + 5 * n}s", "start": "deploy"} for n in range(newer)]
    stages = {"Deploy": {"Rollout": ["4h", "1s"]}}
    document = {
        "about": "x",
        "pipelines": {
            "release": {"stages": {"Go": {"Wait": "run deploy"}}},
            "deploy in second": {"mode": "PARALLEL", "stages": stages},
        },
        "happens": [{"at": "0s", "start": "release"}, *others, *happens],
    }
    return load(yaml.safe_dump(document, sort_keys=False), "long")


@pytest.mark.parametrize("newer, abandon", [(101, True), (230, False)])
def test_the_reason_and_times_of_a_stop_are_found_behind_a_page_of_newer_executions(newer, abandon):
    stop = {"at": "1h", "stop": "deploy", "execution": 1, "reason": "the wrong version"}
    scenario = scenario_of({**stop, "abandon": abandon}, newer=newer)
    with cloud_for(scenario) as cloud:
        scene = play(scenario, cloud)
        cloud.world.run()
        [run] = runs_of(scene.company)
        assert scene.company is not None
        end = result(
            scene.company.stepfunctions().describe_execution(executionArn=run["executionArn"])
        )
        codepipeline = scene.company.codepipeline(SECOND)
        pages = codepipeline.get_paginator("list_pipeline_executions").paginate(
            pipelineName="deploy"
        )
        listed = [each for page in pages for each in page["pipelineExecutionSummaries"]]

    assert (scene.refused, scene.missed) == ([], [])
    assert len(listed) == newer + 1
    stopped = listed[-1]
    assert end["outcome"] == "Stopped"
    assert end["stopReason"] == "the wrong version"
    assert end["pipelineExecutionId"] == stopped["pipelineExecutionId"]
    took = stopped["lastUpdateTime"] - stopped["startTime"]
    assert end["durationSeconds"] == round(took.total_seconds())
    assert "was stopped: the wrong version." in end["message"]
