from __future__ import annotations

import pytest

from tests.contract.aws import refusal
from tests.contract.pipelines import Pipeline, action, ask, stage

pytestmark = pytest.mark.aws_verified

TIMED_OUT = "failed to return a result"


def stamp(moment):
    return moment.timestamp()


@pytest.mark.rule("J1", "J2", "J13")
def test_a_job_contains_configuration_artifacts_and_credentials(aws):
    pipeline = Pipeline(aws, stage("Go", ask(inputArtifacts=[{"name": "App"}])))
    execution = pipeline.start()
    _, job = pipeline.asked()

    assert set(job) == {"id", "accountId", "data"}
    data = job["data"]
    assert {"actionConfiguration", "inputArtifacts", "outputArtifacts"} < set(data)
    assert not {"actionTypeId", "pipelineContext", "encryptionKey"} & set(data)
    assert data["actionConfiguration"]["configuration"]["UserParameters"].startswith("record ")
    (artifact,) = data["inputArtifacts"]
    assert artifact["name"] == "App"
    credentials = data["artifactCredentials"]
    expires = credentials.get("expirationTime")
    began = stamp(pipeline.action(execution, "Ask", "InProgress")["startTime"])
    aws.setting("artifacts_tell_revision", artifact.get("revision") is not None)
    aws.setting(
        "credentials_tell_lifetime",
        None if expires is None else float(round((expires / 1000 - began) / 60) * 60),
    )


@pytest.mark.rule("J7")
def test_get_job_details_returns_the_place_of_a_job(aws):
    pipeline = Pipeline(aws, stage("Go", ask()))
    execution = pipeline.start()
    _, job = pipeline.asked()

    def details():
        return pipeline.client.get_job_details(jobId=job["id"])["jobDetails"]

    error = refusal(details)
    aws.setting("lambda_jobs_have_details", error is None)
    if error is not None:
        assert error == "JobNotFoundException"
        return
    found = details()
    assert found["id"] == job["id"]
    assert found["data"]["actionTypeId"]["provider"] == "Lambda"
    shown = found["data"]["actionConfiguration"]["configuration"]
    assert shown == job["data"]["actionConfiguration"]["configuration"]
    context = found["data"].get("pipelineContext")
    aws.setting("lambda_job_context", kind_of(context))
    if context and "pipelineExecutionId" in context:
        assert context["pipelineExecutionId"] == execution
    pipeline.client.put_job_success_result(jobId=job["id"])
    pipeline.ended(execution)
    aws.setting("finished_jobs_have_details", refusal(details) is None)


def kind_of(context):
    if not context:
        return "none"
    if "actionExecutionId" not in context.get("action", {}):
        return "names"
    missing = {"pipelineArn", "pipelineExecutionId"} - set(context)
    if missing == {"pipelineArn", "pipelineExecutionId"}:
        return "without_arn_and_execution"
    if not missing:
        return "full"
    return "without_arn" if missing == {"pipelineArn"} else "without_execution"


@pytest.mark.rule("J4", "J8", "J11")
def test_a_continuation_token_leads_to_another_job(aws):
    pipeline = Pipeline(aws, stage("Go", ask()))
    execution = pipeline.start()
    _, first = pipeline.asked()

    def answer(job, **more):
        return pipeline.client.put_job_success_result(jobId=job["id"], **more)

    both = refusal(lambda: answer(first, continuationToken="next", outputVariables={"a": "b"}))
    details = {"summary": "halfway", "percentComplete": 50, "externalExecutionId": "run-1"}
    answered = aws.now()
    answer(first, continuationToken="next", executionDetails=details)
    again = refusal(lambda: answer(first))
    shown = pipeline.state("Go")["actionStates"][0]["latestExecution"]
    arrived, second = pipeline.asked(2)

    assert both is not None
    assert again == "InvalidJobStateException"
    assert (shown["summary"], shown["percentComplete"]) == ("halfway", 50)
    assert shown["externalExecutionId"] == "run-1"
    assert second["id"] != first["id"]
    assert second["data"]["continuationToken"] == "next"
    aws.duration("continuation_interval", arrived - answered)
    answer(second, outputVariables={"a": "b"})
    assert pipeline.ended(execution) == "Succeeded"
    assert pipeline.action(execution, "Ask")["output"]["outputVariables"] == {"a": "b"}


@pytest.mark.rule("J11")
def test_an_unknown_job_is_refused(aws):
    unknown = "00000000-0000-4000-8000-000000000000"
    client = aws.client("codepipeline")

    assert refusal(lambda: client.put_job_success_result(jobId=unknown)) == "JobNotFoundException"
    assert refusal(lambda: client.get_job_details(jobId=unknown)) == "JobNotFoundException"


@pytest.mark.rule("J12", "E13")
def test_an_answer_does_not_change_an_abandoned_action(aws):
    pipeline = Pipeline(aws, stage("Go", ask()))
    execution = pipeline.start()
    _, job = pipeline.asked()
    pipeline.stop(execution, abandon=True, reason="contract")

    assert pipeline.ended(execution) == "Stopped"
    assert pipeline.action(execution, "Ask")["status"] == "Abandoned"
    error = refusal(lambda: pipeline.client.put_job_success_result(jobId=job["id"]))
    assert error in {None, "InvalidJobStateException", "JobNotFoundException"}
    aws.setting("abandoned_job_answer", "ignored" if error is None else "refused")
    assert pipeline.action(execution, "Ask")["status"] == "Abandoned"


@pytest.mark.rule("J9", "E20")
def test_the_type_of_a_failure_is_the_code_of_the_action(aws):
    pipeline = Pipeline(aws, stage("Go", ask()))
    execution = pipeline.start()
    _, job = pipeline.asked()
    details = {"type": "ConfigurationError", "message": "no room"}
    pipeline.client.put_job_failure_result(jobId=job["id"], failureDetails=details)

    assert pipeline.ended(execution) == "Failed"
    failed = pipeline.action(execution, "Ask")["output"]["executionResult"]["errorDetails"]
    assert failed == {"code": "ConfigurationError", "message": "no room"}


@pytest.mark.rule("J3", "F4")
def test_a_function_that_fails_is_invoked_again(aws):
    pipeline = Pipeline(aws, stage("Go", ask(parameters="fail")))
    execution = pipeline.start()
    first, job = pipeline.asked()
    second, repeated = pipeline.asked(2)

    assert repeated == job
    assert abs(second - first - 60) <= 20
    assert pipeline.action(execution, "Ask", "InProgress")
    pipeline.client.put_job_success_result(jobId=job["id"])
    assert pipeline.ended(execution) == "Succeeded"


def invoking(aws, function):
    return Pipeline(
        aws,
        stage("Go", action("Ask", "Invoke", "Lambda", configuration={"FunctionName": function})),
    )


@pytest.mark.rule("A7")
def test_a_function_that_does_not_exist_fails_the_action(aws):
    pipeline = invoking(aws, aws.name("missing"))
    execution = pipeline.start()

    aws.setting("missing_function_code", pipeline.code(execution, "Ask"))
    assert pipeline.ended(execution) == "Failed"


@pytest.mark.rule("A3")
def test_a_function_that_the_role_may_not_invoke_fails_the_action(aws):
    pipeline = invoking(aws, "not-a-function-of-the-sandbox-contract")
    execution = pipeline.start()

    assert pipeline.code(execution, "Ask") == "PermissionError"


@pytest.mark.slow(minutes=25)
@pytest.mark.rule("J5", "J9")
def test_an_action_fails_if_its_function_never_answers(aws):
    pipeline = Pipeline(aws, stage("Go", ask()))
    execution = pipeline.start()
    pipeline.asked()
    pipeline.ended(execution, within=24 * 60)
    run = pipeline.action(execution, "Ask")
    error = run["output"]["executionResult"]["errorDetails"]

    assert TIMED_OUT in error["message"]
    aws.setting("timeout_error_code", error["code"])
    aws.duration("job_silence", stamp(run["lastUpdateTime"]) - stamp(run["startTime"]))


@pytest.mark.slow(minutes=25)
@pytest.mark.rule("J5")
def test_an_action_fails_if_nothing_follows_a_continuation_token(aws):
    pipeline = Pipeline(aws, stage("Go", ask()))
    execution = pipeline.start()
    _, job = pipeline.asked()
    answered = aws.now()
    pipeline.client.put_job_success_result(jobId=job["id"], continuationToken="next")
    arrived, _ = pipeline.asked(2)
    pipeline.ended(execution, within=24 * 60)
    ended = stamp(pipeline.action(execution, "Ask")["lastUpdateTime"])

    limit = aws.expected["job_silence"]
    from_answer = abs(ended - answered - limit)
    from_job = abs(ended - arrived - limit)
    assert min(from_answer, from_job) <= 10
    aws.setting("silence_counts_from", "answer" if from_answer < from_job else "job")
