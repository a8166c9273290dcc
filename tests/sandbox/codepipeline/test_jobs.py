from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.sandbox.codepipeline.declarations import ACCOUNT, REGION, ROLE, action, function, stage

FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:ask"
ASKED = datetime(2026, 1, 5, 9, 0, 3, tzinfo=UTC)  # when the source action ends
KEY = {"id": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234", "type": "KMS"}
STORE = {"type": "S3", "location": "artifact-bucket", "encryptionKey": KEY}


@pytest.fixture
def pipeline(target, world):
    ask = function(
        user_parameters="what",
        inputArtifacts=[{"name": "App"}],
        outputArtifacts=[{"name": "Answer"}],
        namespace="Answer",
    )
    pipeline = target(stage("Ask", ask), artifactStore=STORE)
    pipeline.start()
    world.run(ASKED.timestamp())
    return pipeline


@pytest.mark.rule("J1", "J2")
def test_the_function_receives_the_documented_event(pipeline, isolated_codepipeline):
    # given
    sample = {
        "id": "11111111-abcd-1111-abcd-111111abcdef",
        "accountId": ACCOUNT,
        "data": {
            "actionConfiguration": {
                "configuration": {"FunctionName": "ask", "UserParameters": "what"}
            },
            "inputArtifacts": [
                {
                    "location": {
                        "s3Location": {"bucketName": "artifact-bucket", "objectKey": ""},
                        "type": "S3",
                    },
                    "revision": None,
                    "name": "App",
                }
            ],
            "outputArtifacts": [
                {
                    "location": {
                        "s3Location": {"bucketName": "artifact-bucket", "objectKey": ""},
                        "type": "S3",
                    },
                    "revision": None,
                    "name": "Answer",
                }
            ],
            "artifactCredentials": {"secretAccessKey": "", "sessionToken": "", "accessKeyId": ""},
            "encryptionKey": KEY,
        },
    }

    # when
    [(function_arn, event)] = isolated_codepipeline.functions.events

    # then
    assert function_arn == FUNCTION
    assert pipeline.action("Ask")["status"] == "InProgress"
    assert list(event) == ["CodePipeline.job"]
    job = json.loads(json.dumps(event["CodePipeline.job"]))
    assert all("CANARY" in text for text in job["data"]["artifactCredentials"].values())
    job["id"] = sample["id"]
    for artifact in job["data"]["inputArtifacts"] + job["data"]["outputArtifacts"]:
        assert artifact["location"]["s3Location"]["objectKey"].startswith("target/A")
        artifact["location"]["s3Location"]["objectKey"] = ""
    job["data"]["artifactCredentials"] = dict.fromkeys(job["data"]["artifactCredentials"], "")
    assert job == sample


@pytest.mark.rule("A3")
def test_the_pipelines_role_invokes_the_function(pipeline, isolated_codepipeline):
    assert pipeline.action("Ask")["status"] == "InProgress"
    assert isolated_codepipeline.access.asked == [(ROLE, "lambda:InvokeFunction", FUNCTION)]


@pytest.mark.rule("A3")
def test_a_role_without_permission_to_invoke_fails_the_action(target, world, isolated_codepipeline):
    # given
    isolated_codepipeline.access.denied.add("lambda:InvokeFunction")
    pipeline = target(stage("Ask", function()))

    # when
    pipeline.start()
    world.run()

    # then
    assert isolated_codepipeline.functions.events == []
    details = pipeline.action("Ask")["output"]["executionResult"]["errorDetails"]
    assert details["code"] == "PermissionError"
    assert f"{ROLE} is not authorized to perform: lambda:InvokeFunction" in details["message"]


def test_a_pipeline_role_that_no_longer_trusts_codepipeline_fails_the_action(
    target, world, isolated_codepipeline
):
    # given
    pipeline = target(stage("Ask", function()))
    isolated_codepipeline.access.untrusting.add(ROLE)

    # when
    pipeline.start()
    world.run()

    # then
    assert isolated_codepipeline.functions.events == []
    details = pipeline.action("Ask")["output"]["executionResult"]["errorDetails"]
    assert details == {"code": "PermissionError", "message": ROLE}


@pytest.mark.rule("A3")
def test_the_pipelines_role_must_be_allowed_to_assume_the_actions_role(
    target, world, isolated_codepipeline
):
    # given
    isolated_codepipeline.access.denied.add("sts:AssumeRole")
    role = "arn:aws:iam::222233334444:role/invoker"
    pipeline = target(stage("Ask", function(roleArn=role)))

    # when
    pipeline.start()
    world.run()

    # then
    assert isolated_codepipeline.functions.events == []
    details = pipeline.action("Ask")["output"]["executionResult"]["errorDetails"]
    assert details["code"] == "PermissionError"
    assert f"{ROLE} is not authorized to perform: sts:AssumeRole" in details["message"]


@pytest.mark.parametrize("lost", ["permission", "trust"])
def test_the_role_is_checked_again_for_the_next_job(
    client, pipeline, world, isolated_codepipeline, lost
):
    # given
    client.put_job_success_result(
        jobId=isolated_codepipeline.functions.job_id, continuationToken="t"
    )
    if lost == "permission":
        isolated_codepipeline.access.denied.add("lambda:InvokeFunction")
    else:
        isolated_codepipeline.access.untrusting.add(ROLE)

    # when
    world.run()

    # then
    assert len(isolated_codepipeline.functions.events) == 1
    details = pipeline.action("Ask")["output"]["executionResult"]["errorDetails"]
    assert details["code"] == "PermissionError"
    assert world.now < ASKED.timestamp() + 60


@pytest.mark.rule("A7")
def test_a_function_that_does_not_exist_fails_the_action(target, world, isolated_codepipeline):
    # given
    isolated_codepipeline.functions.missing.add(FUNCTION)
    pipeline = target(stage("Ask", function()))

    # when
    execution_id = pipeline.start()
    world.run()

    # then
    assert pipeline.status(execution_id) == "Failed"
    details = pipeline.action("Ask")["output"]["executionResult"]["errorDetails"]
    assert f"Function not found: {FUNCTION}" in details["message"]
    assert world.now < ASKED.timestamp() + 60


@pytest.mark.rule("A13")
@pytest.mark.parametrize(
    "name, arn",
    [
        ("ask", FUNCTION),
        ("my-function:live", f"{FUNCTION.removesuffix('ask')}my-function:live"),
        ("ask:7", f"{FUNCTION}:7"),
        (FUNCTION, FUNCTION),
        (f"{FUNCTION}:live", f"{FUNCTION}:live"),
        (f"{ACCOUNT}:function:ask", FUNCTION),
        ("222233334444:function:ask:live", f"{FUNCTION.replace(ACCOUNT, '222233334444')}:live"),
    ],
)
def test_a_function_can_be_named_in_every_way_that_lambda_supports(
    target, world, isolated_codepipeline, name, arn
):
    ask = action("Ask", "Invoke", "Lambda", configuration={"FunctionName": name})
    pipeline = target(stage("Ask", ask))

    pipeline.start()
    world.run(ASKED.timestamp())

    [(invoked, event)] = isolated_codepipeline.functions.events
    sent = event["CodePipeline.job"]["data"]["actionConfiguration"]["configuration"]
    assert (invoked, sent["FunctionName"]) == (arn, name)
    assert isolated_codepipeline.access.asked == [(ROLE, "lambda:InvokeFunction", arn)]


@pytest.mark.rule("A13")
def test_a_function_in_another_region_fails_the_action(target, world, isolated_codepipeline):
    arn = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:ask"
    ask = action("Ask", "Invoke", "Lambda", configuration={"FunctionName": arn})
    pipeline = target(stage("Ask", ask))

    execution_id = pipeline.start()
    world.run(ASKED.timestamp())

    assert pipeline.status(execution_id) == "Failed"
    assert isolated_codepipeline.functions.events == []


def test_an_actions_role_may_be_in_another_account(target, world, isolated_codepipeline):
    # given
    role = "arn:aws:iam::222233334444:role/invoker"
    pipeline = target(stage("Ask", function(roleArn=role)))

    # when
    pipeline.start()
    world.run(ASKED.timestamp())

    # then
    arn = f"arn:aws:lambda:{REGION}:222233334444:function:ask"
    assert isolated_codepipeline.access.asked == [
        (ROLE, "sts:AssumeRole", role),
        (role, "lambda:InvokeFunction", arn),
    ]
    assert [each for each, _ in isolated_codepipeline.functions.events] == [arn]


@pytest.mark.rule("J7")
def test_job_details_show_which_pipeline_stage_and_action_the_job_belongs_to(
    client, pipeline, isolated_codepipeline
):
    # given
    [run] = [each for each in pipeline.actions() if each["actionName"] == "Ask"]

    # when
    details = client.get_job_details(jobId=isolated_codepipeline.functions.job_id)["jobDetails"]

    # then
    assert details["id"] == isolated_codepipeline.functions.job_id
    assert details["accountId"] == ACCOUNT
    assert details["data"]["actionTypeId"]["provider"] == "Lambda"
    assert details["data"]["artifactCredentials"]["accessKeyId"].startswith("ASIACANARY")
    assert details["data"]["pipelineContext"] == {
        "pipelineName": "target",
        "stage": {"name": "Ask"},
        "action": {"name": "Ask", "actionExecutionId": run["actionExecutionId"]},
        "pipelineArn": f"arn:aws:codepipeline:{REGION}:{ACCOUNT}:target",
        "pipelineExecutionId": run["pipelineExecutionId"],
    }


@pytest.mark.rule("J7")
@pytest.mark.parametrize(
    "variant, missing",
    [
        ("without_arn", {"pipelineArn"}),
        ("without_execution", {"pipelineExecutionId"}),
        ("without_arn_and_execution", {"pipelineArn", "pipelineExecutionId"}),
    ],
)
def test_the_context_of_a_lambda_job_can_lack_members(
    client, pipeline, isolated_codepipeline, behave, variant, missing
):
    # given
    job_id = isolated_codepipeline.functions.job_id
    full = client.get_job_details(jobId=job_id)["jobDetails"]["data"]["pipelineContext"]

    # when
    behave(lambda_job_context=variant)

    # then
    context = client.get_job_details(jobId=job_id)["jobDetails"]["data"]["pipelineContext"]
    assert context == {name: value for name, value in full.items() if name not in missing}


@pytest.mark.rule("J7")
def test_the_context_of_a_lambda_job_can_have_only_names(
    client, pipeline, isolated_codepipeline, behave
):
    behave(lambda_job_context="names")

    details = client.get_job_details(jobId=isolated_codepipeline.functions.job_id)["jobDetails"]

    names = {"pipelineName": "target", "stage": {"name": "Ask"}, "action": {"name": "Ask"}}
    assert details["data"]["pipelineContext"] == names


@pytest.mark.rule("J7")
def test_a_lambda_job_can_have_no_details(client, pipeline, isolated_codepipeline, behave, refused):
    behave(lambda_jobs_have_details=False)

    with refused("JobNotFoundException"):
        client.get_job_details(jobId=isolated_codepipeline.functions.job_id)


@pytest.mark.rule("J7")
def test_job_details_match_the_jobs_event(client, pipeline, world, isolated_codepipeline):
    # given
    functions = isolated_codepipeline.functions
    client.put_job_success_result(jobId=functions.job_id, continuationToken="again")
    world.run(world.now + 60)

    # when
    details = client.get_job_details(jobId=functions.job_id)["jobDetails"]

    # then
    asked = functions.jobs[-1]
    assert details["accountId"] == asked["accountId"] == ACCOUNT
    assert details["data"]["continuationToken"] == "again"
    for member in ("actionConfiguration", "continuationToken", "artifactCredentials"):
        assert details["data"][member] == asked["data"][member]
    configuration = {"FunctionName": "ask", "UserParameters": "what"}
    assert details["data"]["actionConfiguration"] == {"configuration": configuration}


@pytest.mark.rule("J7")
def test_a_lambda_job_can_have_no_context(client, pipeline, isolated_codepipeline, behave):
    behave(lambda_job_context="none")

    data = client.get_job_details(jobId=isolated_codepipeline.functions.job_id)["jobDetails"][
        "data"
    ]
    assert "pipelineContext" not in data


@pytest.mark.rule("J8")
def test_a_success_ends_the_action_with_its_variables_and_details(
    client, pipeline, world, isolated_codepipeline
):
    # when
    client.put_job_success_result(
        jobId=isolated_codepipeline.functions.job_id,
        executionDetails={"summary": "Done", "externalExecutionId": "x-1", "percentComplete": 100},
        outputVariables={"Color": "red"},
    )
    world.run()

    # then
    run = pipeline.action("Ask")
    assert run["status"] == "Succeeded"
    assert run["output"]["outputVariables"] == {"Color": "red"}
    result = {"externalExecutionId": "x-1", "externalExecutionSummary": "Done"}
    assert run["output"]["executionResult"] == result
    assert pipeline.summaries()[0]["status"] == "Succeeded"


@pytest.mark.rule("J9")
def test_a_failure_ends_the_action_with_its_type_as_the_code(
    client, pipeline, world, isolated_codepipeline
):
    # when
    client.put_job_failure_result(
        jobId=isolated_codepipeline.functions.job_id,
        failureDetails={
            "type": "ConfigurationError",
            "message": "No such pipeline",
            "externalExecutionId": "x-1",
        },
    )
    world.run()

    # then
    assert pipeline.summaries()[0]["status"] == "Failed"
    error = {"code": "ConfigurationError", "message": "No such pipeline"}
    latest = pipeline.stages()["Ask"]["actionStates"][0]["latestExecution"]
    assert latest["errorDetails"] == error
    assert latest["externalExecutionId"] == "x-1"
    assert pipeline.action("Ask")["output"]["executionResult"]["errorDetails"] == error


@pytest.mark.rule("J4")
def test_a_continuation_token_comes_back_with_a_new_job(
    client, pipeline, world, isolated_codepipeline
):
    # given
    first = isolated_codepipeline.functions.job_id

    # when
    client.put_job_success_result(
        jobId=first,
        continuationToken="token-1",
        executionDetails={"summary": "Half", "externalExecutionId": "x-1", "percentComplete": 50},
    )
    world.run(world.now + 29.9)
    before = len(isolated_codepipeline.functions.jobs)
    world.run(world.now + 0.2)

    # then
    assert before == 1
    second = isolated_codepipeline.functions.jobs[1]
    assert second["id"] != first
    assert second["data"]["continuationToken"] == "token-1"
    assert second["data"]["actionConfiguration"]["configuration"]["UserParameters"] == "what"
    latest = pipeline.stages()["Ask"]["actionStates"][0]["latestExecution"]
    assert latest["status"] == "InProgress"
    assert (latest["summary"], latest["externalExecutionId"], latest["percentComplete"]) == (
        "Half",
        "x-1",
        50,
    )
    client.put_job_success_result(jobId=second["id"])
    world.run()
    assert pipeline.action("Ask")["output"]["executionResult"]["externalExecutionId"] == "x-1"


@pytest.mark.rule("J4")
def test_the_interval_between_jobs_is_a_setting(
    client, pipeline, world, isolated_codepipeline, behave
):
    # given
    behave(continuation_interval=5)

    # when
    client.put_job_success_result(
        jobId=isolated_codepipeline.functions.job_id, continuationToken="t"
    )
    world.run(world.now + 5)

    # then
    assert pipeline.action("Ask")["status"] == "InProgress"
    assert len(isolated_codepipeline.functions.jobs) == 2


@pytest.mark.rule("J11")
def test_a_job_can_be_answered_only_once(client, pipeline, world, isolated_codepipeline, refused):
    # given
    job_id = isolated_codepipeline.functions.job_id
    client.put_job_success_result(jobId=job_id, continuationToken="t")

    # when, then
    with refused("InvalidJobStateException", job_id):
        client.put_job_success_result(jobId=job_id)
    with refused("InvalidJobStateException", job_id):
        client.put_job_failure_result(
            jobId=job_id, failureDetails={"type": "JobFailed", "message": "late"}
        )
    world.run(world.now + 60)
    assert pipeline.action("Ask")["status"] == "InProgress"


@pytest.mark.rule("J11")
def test_an_unknown_job_is_not_found(client, isolated_codepipeline, refused):
    unknown = isolated_codepipeline.world.uuid()
    with refused("JobNotFoundException", unknown):
        client.get_job_details(jobId=unknown)
    with refused("JobNotFoundException", unknown):
        client.put_job_success_result(jobId=unknown)


@pytest.mark.rule("J5", "J9")
def test_the_action_times_out_after_twenty_minutes_without_an_answer(
    client, pipeline, world, isolated_codepipeline, refused
):
    # when
    world.run()

    # then
    run = pipeline.action("Ask")
    assert run["status"] == "Failed"
    assert run["lastUpdateTime"] == ASKED + timedelta(minutes=20)
    message = run["output"]["executionResult"]["errorDetails"]["message"]
    assert message == (
        "The AWS Lambda function ask failed to return a result. Check the function to verify that "
        "it has permission to call the PutJobSuccessResult action and that it made a call to "
        "PutJobSuccessResult."
    )
    with refused("InvalidJobStateException", "TimedOut"):
        client.put_job_success_result(jobId=isolated_codepipeline.functions.job_id)


@pytest.mark.rule("J5")
@pytest.mark.parametrize("counts_from,later", [("answer", 0), ("job", 30)])
def test_an_answer_restarts_the_twenty_minutes(
    pipeline, isolated_codepipeline, behave, counts_from, later
):
    # given
    behave(silence_counts_from=counts_from)
    answered = isolated_codepipeline.world.now + 19 * 60
    isolated_codepipeline.world.run(answered)

    # when
    pipeline.client.put_job_success_result(
        jobId=isolated_codepipeline.functions.job_id, continuationToken="t"
    )
    isolated_codepipeline.world.run()

    # then
    run = pipeline.action("Ask")
    assert run["lastUpdateTime"].timestamp() == answered + 20 * 60 + later


@pytest.mark.rule("J6")
def test_an_action_may_take_at_most_one_day(
    client, pipeline, world, isolated_codepipeline, refused
):
    # when
    while pipeline.action("Ask")["status"] == "InProgress":
        client.put_job_success_result(
            jobId=isolated_codepipeline.functions.job_id, continuationToken="t"
        )
        world.run(world.now + 600)

    # then
    run = pipeline.action("Ask")
    assert run["lastUpdateTime"] == ASKED + timedelta(days=1)
    assert "24 hours" in run["output"]["executionResult"]["errorDetails"]["message"]
    with refused("InvalidJobStateException"):
        client.put_job_success_result(jobId=isolated_codepipeline.functions.job_id)


@pytest.mark.rule("J7")
def test_a_finished_job_can_have_no_details(
    client, pipeline, isolated_codepipeline, behave, refused
):
    # given
    job_id = isolated_codepipeline.functions.job_id
    client.put_job_success_result(jobId=job_id)
    assert pipeline.action("Ask")["status"] == "Succeeded"

    # when, then
    assert client.get_job_details(jobId=job_id)["jobDetails"]["id"] == job_id
    behave(finished_jobs_have_details=False)
    with refused("JobNotFoundException", job_id):
        client.get_job_details(jobId=job_id)


@pytest.mark.rule("R1")
@pytest.mark.parametrize(
    "answer,words",
    [
        ({"continuationToken": "t" * 2049}, "less than or equal to 2048"),
        ({"executionDetails": {"summary": "s" * 2049}}, "less than or equal to 2048"),
        ({"executionDetails": {"externalExecutionId": "e" * 1501}}, "less than or equal to 1500"),
        ({"executionDetails": {"percentComplete": 101}}, "value less than or equal to 100"),
        ({"outputVariables": {"a b": "c"}}, r"[A-Za-z0-9@\-_]+"),
        ({"outputVariables": {"a": "b"}, "continuationToken": "t"}, "continuation token"),
        ({"jobId": "not-a-job"}, "[0-9a-f]{8}-"),
    ],
)
def test_answers_beyond_the_limits_are_refused_and_the_job_stays_open(
    pipeline, isolated_codepipeline, refused, answer, words
):
    with refused("ValidationException", words):
        pipeline.client.put_job_success_result(
            **{"jobId": isolated_codepipeline.functions.job_id, **answer}
        )
    assert pipeline.action("Ask")["status"] == "InProgress"
    pipeline.client.put_job_success_result(jobId=isolated_codepipeline.functions.job_id)


@pytest.mark.rule("R1")
@pytest.mark.parametrize(
    "details,words",
    [
        ({"type": "JobFailed", "message": "m" * 5001}, "less than or equal to 5000"),
        ({"type": "Unknown", "message": "m"}, "enum value set: [JobFailed, ConfigurationError"),
        (
            {"type": "JobFailed", "message": "m", "externalExecutionId": "e" * 1501},
            "less than or equal to 1500",
        ),
    ],
)
def test_failures_beyond_the_limits_are_refused(
    pipeline, isolated_codepipeline, refused, details, words
):
    with refused("ValidationException", words):
        pipeline.client.put_job_failure_result(
            jobId=isolated_codepipeline.functions.job_id, failureDetails=details
        )
    assert pipeline.action("Ask")["status"] == "InProgress"


@pytest.mark.rule("J10")
def test_output_variables_have_a_combined_limit(client, pipeline, isolated_codepipeline, refused):
    # given
    fitting = {"a": "x" * 61_439, "b": "y" * 61_439}

    # when, then
    with refused("OutputVariablesSizeExceededException", "122880"):
        client.put_job_success_result(
            jobId=isolated_codepipeline.functions.job_id, outputVariables={**fitting, "c": "z"}
        )
    client.put_job_success_result(
        jobId=isolated_codepipeline.functions.job_id, outputVariables=fitting
    )
    assert pipeline.action("Ask")["status"] == "Succeeded"


@pytest.mark.rule("J8")
def test_a_current_revision_is_shown(client, pipeline, isolated_codepipeline):
    # when
    client.put_job_success_result(
        jobId=isolated_codepipeline.functions.job_id,
        currentRevision={"revision": "r1", "changeIdentifier": "c1"},
    )

    # then
    [state] = pipeline.stages()["Ask"]["actionStates"]
    assert state["currentRevision"] == {"revisionId": "r1", "revisionChangeId": "c1"}


@pytest.mark.rule("J13")
def test_the_event_can_have_more_members(client, target, world, isolated_codepipeline, behave):
    # given
    behave(credentials_tell_lifetime=3600, artifacts_tell_revision=True)
    ask = function(inputArtifacts=[{"name": "App"}], outputArtifacts=[{"name": "Answer"}])
    pipeline = target(stage("Ask", ask))

    # when
    execution_id = pipeline.start()
    world.run(ASKED.timestamp())

    # then
    [job] = isolated_codepipeline.functions.jobs
    [revision] = pipeline.execution(execution_id)["artifactRevisions"]
    assert job["data"]["inputArtifacts"][0]["revision"] == revision["revisionId"]
    assert job["data"]["outputArtifacts"][0]["revision"] is None
    expires = job["data"]["artifactCredentials"]["expirationTime"]
    assert expires == (ASKED.timestamp() + 3600) * 1000
    details = client.get_job_details(jobId=job["id"])["jobDetails"]["data"]
    assert details["inputArtifacts"][0]["revision"] == revision["revisionId"]
    assert "expirationTime" not in details["artifactCredentials"]


@pytest.mark.rule("J2")
def test_the_event_omits_undeclared_user_parameters_and_keys(target, world, isolated_codepipeline):
    # given
    ask = {**function(), "configuration": {"FunctionName": "ask"}}

    # when
    target(stage("Ask", ask)).start()
    world.run(ASKED.timestamp())

    # then
    [job] = isolated_codepipeline.functions.jobs
    assert job["data"]["actionConfiguration"]["configuration"] == {"FunctionName": "ask"}
    assert set(job["data"]) == {
        "actionConfiguration",
        "inputArtifacts",
        "outputArtifacts",
        "artifactCredentials",
    }
