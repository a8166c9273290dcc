"""Starts pipelines for EventBridge rules and schedules.

https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-trigger-source-overrides.html
"""

from __future__ import annotations

import json
from typing import Any

from codepipeline_sandbox import api_model
from codepipeline_sandbox.codepipeline.engine import requests
from codepipeline_sandbox.codepipeline.models import codepipeline_backends
from codepipeline_sandbox.kernel import here

_MEMBERS = ("sourceRevisions", "variables")


class Pipelines:
    """CodePipeline in all accounts. Implements `protocols.Pipelines`."""

    def start_for_rule(self, pipeline_arn: str, rule_arn: str, input_json: str) -> None:
        """Start an execution for a rule, with the variables and revisions in the target's input."""
        document = json.loads(input_json)
        given = document if isinstance(document, dict) else {}
        request = {name: given[name] for name in _MEMBERS if given.get(name) is not None}
        trigger = {"triggerType": "CloudWatchEvent", "triggerDetail": rule_arn}
        _start(pipeline_arn, request, trigger)

    def start_for_schedule(self, pipeline_arn: str, role_arn: str) -> None:
        """Start an execution for EventBridge Scheduler, which calls the API with its role."""
        session = role_arn.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/")
        caller = f"{session}/{here.current().world.uuid().replace('-', '')}"
        trigger = {"triggerType": "StartPipelineExecution", "triggerDetail": caller}
        _start(pipeline_arn, {}, trigger)


def _start(pipeline_arn: str, request: dict[str, Any], trigger: dict[str, str]) -> None:
    _, _, _, region, account, name = pipeline_arn.split(":", 5)
    api_model.check_request("codepipeline", "StartPipelineExecution", {"name": name, **request})
    pipeline = codepipeline_backends[account][region].pipeline(name)
    pipeline.start(
        trigger,
        requests.variables_of(pipeline, request.get("variables", ())),
        requests.source_revisions_of(pipeline, request.get("sourceRevisions", ())),
    )
