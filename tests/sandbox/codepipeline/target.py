from __future__ import annotations

from typing import Any


class Target:
    def __init__(self, client: Any, declaration: dict[str, Any]) -> None:
        self.client = client
        self.declaration = declaration
        self.name = declaration["name"]
        client.create_pipeline(pipeline=declaration)

    def start(self, **more: Any) -> str:
        answer = self.client.start_pipeline_execution(name=self.name, **more)
        return str(answer["pipelineExecutionId"])

    def stop(self, execution_id: str, **more: Any) -> None:
        self.client.stop_pipeline_execution(
            pipelineName=self.name, pipelineExecutionId=execution_id, **more
        )

    def retry(self, execution_id: str, stage: str, mode: str = "FAILED_ACTIONS") -> str:
        answer = self.client.retry_stage_execution(
            pipelineName=self.name,
            stageName=stage,
            pipelineExecutionId=execution_id,
            retryMode=mode,
        )
        return str(answer["pipelineExecutionId"])

    def execution(self, execution_id: str) -> dict[str, Any]:
        answer = self.client.get_pipeline_execution(
            pipelineName=self.name, pipelineExecutionId=execution_id
        )
        return dict(answer["pipelineExecution"])

    def status(self, execution_id: str) -> str:
        return str(self.execution(execution_id)["status"])

    def summaries(self, **more: Any) -> list[dict[str, Any]]:
        answer = self.client.list_pipeline_executions(pipelineName=self.name, **more)
        return list(answer["pipelineExecutionSummaries"])

    def actions(self, execution_id: str | None = None) -> list[dict[str, Any]]:
        only = {"filter": {"pipelineExecutionId": execution_id}} if execution_id else {}
        answer = self.client.list_action_executions(pipelineName=self.name, **only)
        return list(reversed(answer["actionExecutionDetails"]))

    def action(self, name: str) -> dict[str, Any]:
        return next(each for each in reversed(self.actions()) if each["actionName"] == name)

    def stages(self) -> dict[str, dict[str, Any]]:
        states = self.client.get_pipeline_state(name=self.name)["stageStates"]
        return {state["stageName"]: state for state in states}

    def roll_back(self, stage: str, target: str) -> str:
        answer = self.client.rollback_stage(
            pipelineName=self.name, stageName=stage, targetPipelineExecutionId=target
        )
        return str(answer["pipelineExecutionId"])

    def override(self, execution_id: str, stage: str, condition: str) -> None:
        self.client.override_stage_condition(
            pipelineName=self.name,
            stageName=stage,
            pipelineExecutionId=execution_id,
            conditionType=condition,
        )

    def rules(self, **only: Any) -> list[dict[str, Any]]:
        answer = self.client.list_rule_executions(pipelineName=self.name, filter=only)
        return list(reversed(answer["ruleExecutionDetails"]))

    def condition(self, stage: str, kind: str) -> str:
        state = self.stages()[stage][f"{kind}ConditionState"]
        assert (
            state["conditionStates"][0]["latestExecution"]["status"]
            == (state["latestExecution"]["status"])
        )
        return str(state["latestExecution"]["status"])
