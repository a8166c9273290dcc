"""For each operation, a request that CodePipeline accepts, with most of the possible members."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from codepipeline_sandbox import codepipeline
from codepipeline_sandbox.codepipeline import Act
from tests.sandbox.codepipeline import declarations
from tests.sandbox.codepipeline.declarations import (
    ACCOUNT,
    REGION,
    action,
    condition,
    function,
    rule,
    stage,
)
from tests.sandbox.codepipeline.worker_examples import WorkerExamples

NAME = "target"
ARN = f"arn:aws:codepipeline:{REGION}:{ACCOUNT}:{NAME}"
TAGS = [{"key": "team", "value": "platform"}]

Request = dict[str, Any]


class Examples(WorkerExamples):
    def __init__(self, cloud: Any, client: Any) -> None:
        self._cloud = cloud
        self._client = client

    def create_pipeline(self) -> Request:
        return {"pipeline": _rich("another"), "tags": TAGS}

    def update_pipeline(self) -> Request:
        self._create()
        return {"pipeline": {**_rich(), "version": 1}}

    def get_pipeline(self) -> Request:
        self._create()
        return {"name": NAME, "version": 1}

    def get_pipeline_state(self) -> Request:
        self._start(_checked(), stage("Ask", function()), _gate())
        return {"name": NAME}

    def delete_pipeline(self) -> Request:
        self._create()
        return {"name": NAME}

    def list_pipelines(self) -> Request:
        self._create()
        self._client.create_pipeline(pipeline=declarations.pipeline(name="another"))
        token = self._client.list_pipelines(maxResults=1)["nextToken"]
        return {"maxResults": 1, "nextToken": token}

    def start_pipeline_execution(self) -> Request:
        self._create(variables=[{"name": "color"}])
        revision = {
            "actionName": "Checkout",
            "revisionType": "COMMIT_ID",
            "revisionValue": "0123456789abcdef0123456789abcdef01234567",
        }
        return {
            "name": NAME,
            "variables": [{"name": "color", "value": "green"}],
            "sourceRevisions": [revision],
            "clientRequestToken": "once-and-no-more",
        }

    def stop_pipeline_execution(self) -> Request:
        execution_id = self._start(_gate())
        return {**_named(execution_id), "abandon": True, "reason": "a better one comes"}

    def retry_stage_execution(self) -> Request:
        execution_id = self._failed()
        return {**_named(execution_id), "stageName": "Build", "retryMode": "FAILED_ACTIONS"}

    def rollback_stage(self) -> Request:
        target = self._start()
        self._cloud.world.run()
        return {
            "pipelineName": NAME,
            "stageName": "Build",
            "targetPipelineExecutionId": target,
        }

    def override_stage_condition(self) -> Request:
        codepipeline.rule_script(
            ACCOUNT, REGION, NAME, "Build", "beforeEntry", "Check", [Act(1, "Failed")]
        )
        execution_id = self._start(_checked())
        return {**_named(execution_id), "stageName": "Build", "conditionType": "BEFORE_ENTRY"}

    def list_rule_executions(self) -> Request:
        latest = {"pipelineExecutionId": self._start(_checked()), "startTimeRange": "All"}
        wanted = {"latestInPipelineExecution": latest}
        return _second_page(self._client.list_rule_executions, wanted)

    def list_rule_types(self) -> Request:
        return {"ruleOwnerFilter": "AWS", "regionFilter": REGION}

    def get_pipeline_execution(self) -> Request:
        return _named(self._start())

    def list_pipeline_executions(self) -> Request:
        for _ in range(2):
            self._start()
            self._cloud.world.run()
        wanted = {"succeededInStage": {"stageName": "Build"}}
        return _second_page(self._client.list_pipeline_executions, wanted)

    def list_action_executions(self) -> Request:
        latest = {"pipelineExecutionId": self._failed(), "startTimeRange": "All"}
        wanted = {"latestInPipelineExecution": latest}
        return _second_page(self._client.list_action_executions, wanted)

    def get_job_details(self) -> Request:
        return {"jobId": self._job()}

    def put_job_success_result(self) -> Request:
        return {
            "jobId": self._job(),
            "currentRevision": {
                "revision": "4f2a",
                "changeIdentifier": "17",
                "created": 1_767_603_600,
                "revisionSummary": "Fix the door",
            },
            "executionDetails": {
                "summary": "done",
                "externalExecutionId": "run-1",
                "percentComplete": 100,
            },
            "outputVariables": {"color": "green"},
        }

    def put_job_failure_result(self) -> Request:
        details = {"type": "JobFailed", "message": "no room", "externalExecutionId": "run-1"}
        return {"jobId": self._job(), "failureDetails": details}

    def put_action_revision(self) -> Request:
        self._create()
        return {
            "pipelineName": NAME,
            "stageName": "Source",
            "actionName": "Checkout",
            "actionRevision": {
                "revisionId": "4f2a",
                "revisionChangeId": "17",
                "created": 1_767_603_600,
            },
        }

    def put_approval_result(self) -> Request:
        self._start(_gate())
        stages = self._client.get_pipeline_state(name=NAME)["stageStates"]
        return {
            "pipelineName": NAME,
            "stageName": "Gate",
            "actionName": "Approve",
            "result": {"status": "Approved", "summary": "looks fine"},
            "token": stages[1]["actionStates"][0]["latestExecution"]["token"],
        }

    def disable_stage_transition(self) -> Request:
        return {**self.enable_stage_transition(), "reason": "freeze"}

    def enable_stage_transition(self) -> Request:
        self._create()
        return {"pipelineName": NAME, "stageName": "Build", "transitionType": "Inbound"}

    def tag_resource(self) -> Request:
        self._create()
        return {"resourceArn": ARN, "tags": TAGS}

    def untag_resource(self) -> Request:
        self._create()
        return {"resourceArn": ARN, "tagKeys": ["team"]}

    def list_tags_for_resource(self) -> Request:
        tags = [{"key": f"k{number:02}", "value": "v"} for number in range(50)]
        self._client.create_pipeline(pipeline=_rich(), tags=tags)
        return {"resourceArn": ARN, "maxResults": 1}

    def _create(self, *stages: Request, **more: Any) -> None:
        declaration = {**_rich(), **declarations.pipeline(*stages, **more)}
        self._client.create_pipeline(pipeline=declaration)

    def _start(self, *stages: Request) -> str:
        if NAME not in [each["name"] for each in self._client.list_pipelines()["pipelines"]]:
            self._create(*stages)
        answer = self._client.start_pipeline_execution(name=NAME)
        self._cloud.world.run(self._cloud.world.now + 60)
        return str(answer["pipelineExecutionId"])

    def _failed(self) -> str:
        codepipeline.script(ACCOUNT, REGION, NAME, "Build", "Compile", [Act(1, "Failed")])
        return self._start()

    def _job(self) -> str:
        self._start(stage("Ask", function()))
        return str(self._cloud.functions.job_id)


def _named(execution_id: str) -> Request:
    return {"pipelineName": NAME, "pipelineExecutionId": execution_id}


def _second_page(ask: Callable[..., Any], wanted: Request) -> Request:
    query = {"pipelineName": NAME, "maxResults": 1, "filter": wanted}
    return {**query, "nextToken": ask(**query)["nextToken"]}


def _checked() -> Request:
    return stage(
        "Build",
        action("Compile"),
        beforeEntry=condition("FAIL"),
        onSuccess=condition("ROLLBACK", _rule(), rule("Other")),
        onFailure={"result": "RETRY", "retryConfiguration": {"retryMode": "ALL_ACTIONS"}},
    )


def _rule() -> Request:
    return rule(
        provider="Commands",
        configuration={},
        commands=["ls"],
        inputArtifacts=[{"name": "App"}],
        region=REGION,
        roleArn=f"arn:aws:iam::{ACCOUNT}:role/check",
        timeoutInMinutes=60,
    )


def _gate() -> Request:
    asking = {"CustomData": "Is the design good?"}
    return stage("Gate", action("Approve", "Approval", "Manual", configuration=asking))


def _rich(name: str = NAME) -> Request:
    build = action(
        "Compile",
        configuration={"ProjectName": "app"},
        runOrder=1,
        region=REGION,
        roleArn=f"arn:aws:iam::{ACCOUNT}:role/build",
        namespace="Compiled",
        inputArtifacts=[{"name": "App"}],
        outputArtifacts=[{"name": "Built"}],
    )
    key = {"id": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/k", "type": "KMS"}
    gate = action("Approve", "Approval", "Manual", timeoutInMinutes=60)
    return {
        **declarations.pipeline({**_checked(), "actions": [build]}, stage("Gate", gate), name=name),
        "artifactStore": {"type": "S3", "location": "artifact-bucket", "encryptionKey": key},
        "pipelineType": "V2",
        "executionMode": "QUEUED",
        "variables": [{"name": "color", "defaultValue": "blue", "description": "of the door"}],
    }
