from tests.sandbox.codepipeline import declarations


def test_a_pipeline_runs_its_actions_in_order(client, world, cloud):
    # given
    client.create_pipeline(pipeline=declarations.pipeline())

    # when
    execution_id = client.start_pipeline_execution(name="target")["pipelineExecutionId"]
    world.run()

    # then
    execution = client.get_pipeline_execution(
        pipelineName="target", pipelineExecutionId=execution_id
    )["pipelineExecution"]
    assert execution["status"] == "Succeeded"
    assert cloud.events.states("Pipeline") == ["STARTED", "SUCCEEDED"]
