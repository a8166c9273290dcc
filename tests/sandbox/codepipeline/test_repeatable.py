from __future__ import annotations

import json

import pytest

from tests.sandbox.codepipeline.clients import client_in
from tests.sandbox.codepipeline.declarations import REGION, action, function, pipeline, stage


def history(cloud_of, seed):
    with cloud_of(seed) as cloud:
        client = client_in(REGION)
        stages = stage("Build", action("A"), action("B")), stage("Ask", function())
        client.create_pipeline(pipeline=pipeline(*stages))
        for _ in range(3):
            client.start_pipeline_execution(name="target")
            cloud.world.run(cloud.world.now + 5)
        client.put_job_success_result(jobId=cloud.functions.job_id, continuationToken="t")
        cloud.world.run()
        return json.dumps([cloud.events.put_events, cloud.functions.events])


@pytest.mark.rule("R6")
def test_the_same_seed_gives_the_same_history_and_another_seed_a_different_one(cloud_of):
    assert history(cloud_of, 1) == history(cloud_of, 1)
    assert history(cloud_of, 1) != history(cloud_of, 2)
