"""Throwaway pipelines, and the jobs of their custom actions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from tests.contract import shared
from tests.contract.aws import Aws, NotObserved, refusal

RUNNING = {"InProgress", "Stopping"}
Declared = dict[str, Any]


def action(name: str, category: str, provider: str, **more: Any) -> Declared:
    type_id = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
    return {"name": name, "actionTypeId": type_id, **more}


def work(name: str = "Work", text: str | None = None, **more: Any) -> Declared:
    """A custom action. The test answers its jobs."""
    return {"name": name, "text": text, **more}


def ask(name: str = "Ask", parameters: str = "record", **more: Any) -> Declared:
    """A Lambda action. The function records the job."""
    return {"name": name, "parameters": parameters, **more}


def approval(name: str = "Approve", **more: Any) -> Declared:
    return action(name, "Approval", "Manual", **more)


def stage(name: str, *actions: Declared, **more: Any) -> Declared:
    return {"name": name, "actions": list(actions), **more}


def check(variable: str, value: str, operator: str = "EQ") -> Declared:
    return {
        "name": "Compare",
        "ruleTypeId": {
            "category": "Rule",
            "owner": "AWS",
            "provider": "VariableCheck",
            "version": "1",
        },
        "configuration": {"Variable": variable, "Operator": operator, "Value": value},
    }


def condition(result: str, *rules: Declared) -> Declared:
    return {"conditions": [{"result": result, "rules": list(rules)}]}


def variable(name: str, default: str | None = None) -> Declared:
    return {"name": name} if default is None else {"name": name, "defaultValue": default}


@dataclass
class Job:
    """The job of a custom action, after a worker has acknowledged it."""

    pipeline: Pipeline
    id: str
    data: dict[str, Any]

    @property
    def text(self) -> str:
        """The resolved text of the action's configuration."""
        return str(self.data["actionConfiguration"]["configuration"]["Text"])

    def succeed(self, **more: Any) -> None:
        self.pipeline.client.put_job_success_result(jobId=self.id, **more)

    def fail(self, kind: str = "JobFailed", message: str = "no room") -> None:
        details = {"type": kind, "message": message}
        self.pipeline.client.put_job_failure_result(jobId=self.id, failureDetails=details)


class Pipeline:
    """A new pipeline. The execution that AWS starts on creation has already been stopped."""

    def __init__(self, aws: Aws, *stages: Declared, heard: bool = False, **more: Any) -> None:
        self.aws = aws
        self.client = aws.client("codepipeline")
        if heard:
            shared.listening(aws)
        self.name = aws.name("heard" if heard else "pipeline")
        self.declared = self.declaration(*stages, **more)
        create(aws, self.declared)
        self.first: str | None = None  # the execution that AWS started on creation
        self.latest: str | None = None  # the newest execution that the test has started
        self._end_first_execution()

    def declaration(self, *stages: Declared, **more: Any) -> Declared:
        return declaration(self.aws, self.name, *stages, **more)

    def _end_first_execution(self) -> None:
        if self.aws.shared.get("creation starts") is False:
            return
        try:
            first = self.aws.until(self.executions, within=30)[0]["pipelineExecutionId"]
        except NotObserved:
            self.aws.shared["creation starts"] = False
            return
        self.aws.shared["creation starts"] = True
        self.first = first
        refusal(lambda: self.stop(first, abandon=True))
        self.ended(first)

    def start(self, *, variables: dict[str, str] | None = None, **more: Any) -> str:
        given = [{"name": name, "value": value} for name, value in (variables or {}).items()]
        both = {"variables": given, **more} if given else more
        started = self.client.start_pipeline_execution(name=self.name, **both)
        self.latest = str(started["pipelineExecutionId"])
        return self.latest

    def stop(self, execution: str, *, abandon: bool = False, **more: Any) -> None:
        self.client.stop_pipeline_execution(
            pipelineName=self.name, pipelineExecutionId=execution, abandon=abandon, **more
        )

    def retry(self, execution: str, stage_name: str, mode: str = "FAILED_ACTIONS") -> None:
        self.client.retry_stage_execution(
            pipelineName=self.name,
            stageName=stage_name,
            pipelineExecutionId=execution,
            retryMode=mode,
        )

    def roll_back(self, stage_name: str, target: str) -> str:
        started = self.client.rollback_stage(
            pipelineName=self.name, stageName=stage_name, targetPipelineExecutionId=target
        )
        return str(started["pipelineExecutionId"])

    def update(self, **more: Any) -> None:
        """Update the definition. The default is to add a variable."""
        variables = [*self.declared.get("variables", ()), variable(self.aws.name("v"), "x")]
        self.declared = {**self.declared, **(more or {"variables": variables})}
        self.client.update_pipeline(pipeline=self.declared)

    def transition(self, stage_name: str, *, open_: bool, kind: str = "Inbound") -> None:
        place = {"pipelineName": self.name, "stageName": stage_name, "transitionType": kind}
        if open_:
            self.client.enable_stage_transition(**place)
        else:
            self.client.disable_stage_transition(**place, reason="contract")

    def execution(self, execution: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get_pipeline_execution(
            pipelineName=self.name, pipelineExecutionId=execution
        )["pipelineExecution"]
        return found

    def status(self, execution: str) -> str | None:
        """The status of an execution, or None while it cannot be found."""
        try:
            return str(self.execution(execution)["status"])
        except ClientError as error:
            if error.response["Error"]["Code"] != "PipelineExecutionNotFoundException":
                raise
            return None

    def ended(self, execution: str, *, within: float = 180) -> str:
        def end() -> str | None:
            status = self.status(execution)
            return None if status in RUNNING else status

        return self.aws.until(end, within=within, what=f"{self.name} ends")

    def executions(self) -> list[dict[str, Any]]:
        listed = self.client.list_pipeline_executions(pipelineName=self.name)
        return list(listed["pipelineExecutionSummaries"])

    def actions(self, execution: str, name: str | None = None) -> list[dict[str, Any]]:
        """The action executions of an execution, newest first."""
        listed = self.client.list_action_executions(
            pipelineName=self.name, filter={"pipelineExecutionId": execution}
        )["actionExecutionDetails"]
        return [each for each in listed if name in {None, each["actionName"]}]

    def action(self, execution: str, name: str, status: str | None = None) -> dict[str, Any]:
        """Wait until an action's newest execution has ended, or has this status if one is given."""

        def run() -> dict[str, Any] | None:
            newest = next(iter(self.actions(execution, name)), None)
            if newest is None:
                return None
            fits = newest["status"] == status if status else newest["status"] not in RUNNING
            return newest if fits else None

        return self.aws.until(run, within=180, what=f"{name} {status or 'ends'}")

    def code(self, execution: str, name: str) -> str | None:
        run = self.action(execution, name)
        assert run["status"] == "Failed", run
        result = run.get("output", {}).get("executionResult", {})
        return (result.get("errorDetails") or {}).get("code")

    def rules(self, execution: str) -> list[dict[str, Any]]:
        """The rule executions of an execution, newest first."""
        listed = self.client.list_rule_executions(
            pipelineName=self.name, filter={"pipelineExecutionId": execution}
        )
        return list(listed["ruleExecutionDetails"])

    def state(self, stage_name: str) -> dict[str, Any]:
        stages = self.client.get_pipeline_state(name=self.name)["stageStates"]
        found: dict[str, Any] = next(each for each in stages if each["stageName"] == stage_name)
        return found

    def polled(self) -> list[dict[str, Any]]:
        jobs = self.client.poll_for_jobs(
            actionTypeId=shared.work_type(self.aws),
            maxBatchSize=20,
            queryParam={"Pipeline": self.name},
        )["jobs"]
        return [each for each in jobs if not self.first or _execution_of(each) != self.first]

    def job(self) -> Job:
        job = self.aws.until(self.polled, within=180, what="a job arrives")[0]
        self.client.acknowledge_job(jobId=job["id"], nonce=job["nonce"])
        return Job(self, job["id"], job["data"])

    def asked(self, number: int = 1) -> tuple[float, dict[str, Any]]:
        """Wait for the n-th job that the function has received from the latest execution."""

        def jobs() -> tuple[float, dict[str, Any]] | None:
            found = [
                (at, document["CodePipeline.job"])
                for at, document in shared.recorded(self.aws, f" {self.latest}")
                if "CodePipeline.job" in document
            ]
            return found[number - 1] if len(found) >= number else None

        return self.aws.until(jobs, within=180, every=5, what="the function receives a job")

    def events(self, execution: str) -> list[tuple[float, dict[str, Any]]]:
        """The events of an execution, each with the time at which it arrived."""
        return [
            (at, event)
            for at, event in shared.recorded(self.aws, execution)
            if event.get("detail", {}).get("execution-id") == execution
        ]

    def heard(self, execution: str, state: str, kind: str = "Pipeline") -> Any:
        def event() -> Any:
            return next(
                (
                    (at, each)
                    for at, each in self.events(execution)
                    if each["detail-type"].startswith(f"CodePipeline {kind} ")
                    and each["detail"]["state"] == state
                ),
                None,
            )

        return self.aws.until(event, every=4, what=f"the event {kind} {state}")


def _execution_of(job: dict[str, Any]) -> str | None:
    context = job["data"].get("pipelineContext", {})
    return str(context["pipelineExecutionId"]) if "pipelineExecutionId" in context else None


def create(aws: Aws, declared: Declared) -> None:
    tags = aws.tags("key", "value")
    client = aws.client("codepipeline")
    aws.accepted(lambda: client.create_pipeline(pipeline=declared, tags=tags))


def declaration(aws: Aws, name: str, *stages: Declared, **more: Any) -> Declared:
    """The declaration of a pipeline with a source stage and the given stages."""
    bucket = shared.bucket(aws)
    configuration = {
        "S3Bucket": bucket,
        "S3ObjectKey": shared.OBJECT,
        "PollForSourceChanges": "false",
    }
    outputs = [{"name": "App"}]
    source = action(
        "Checkout", "Source", "S3", configuration=configuration, outputArtifacts=outputs
    )
    declared = {
        "name": name,
        "roleArn": shared.pipeline_role(aws),
        "artifactStore": {"type": "S3", "location": bucket},
        "pipelineType": "V2",
        "stages": [stage("Source", source), *(_filled_in(aws, name, each) for each in stages)],
        **more,
    }
    return {key: value for key, value in declared.items() if value is not None}


def _filled_in(aws: Aws, name: str, declared: Declared) -> Declared:
    actions = [_filled_in_action(aws, name, each) for each in declared["actions"]]
    return {**declared, "actions": actions}


def _filled_in_action(aws: Aws, name: str, declared: Declared) -> Declared:
    rest = {key: value for key, value in declared.items() if key not in {"text", "parameters"}}
    if "text" in declared:
        configuration = {"Pipeline": name}
        if declared["text"] is not None:
            configuration["Text"] = declared["text"]
        return {**rest, "actionTypeId": shared.work_type(aws), "configuration": configuration}
    if "parameters" in declared:
        given = {
            "FunctionName": shared.recorder(aws),
            "UserParameters": f"{declared['parameters']} #{{codepipeline.PipelineExecutionId}}",
        }
        invoke = action(declared["name"], "Invoke", "Lambda", configuration=given)
        return {**invoke, **rest}
    return declared
