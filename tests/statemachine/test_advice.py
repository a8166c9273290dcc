from __future__ import annotations

import json
import shlex
from functools import partial

import pytest
from botocore import xform_name
from click.testing import CliRunner

from pipeline_run.program import program
from playground.accounts import TOOLS
from playground.scenarios.loading import find
from playground.scenarios.play import cloud_for, play
from tests.pipeline_run.place import environment_in
from tests.statemachine.scenarios import SCENARIOS, played_once, shown

_OPTIONS_OF_THE_COMMAND = {"region", "max-items"}
_COMMANDS = ("aws ", "pipeline-run ")
_RETRY = "retry the stage of the waiting pipeline"
# A run that is stopped in Step Functions writes no message.
_ENDS = {"SUCCEEDED", "FAILED", "TIMED_OUT"}


def different_messages():
    rows = [(each, shown(str(each.id))) for each in SCENARIOS]
    first = {row.outcome: each for each, row in reversed(rows)}
    return [each for each, row in rows if "aws " in row.message or first[row.outcome] is each]


@pytest.mark.parametrize("path", different_messages())
def test_aws_accepts_every_command_in_a_message(path):
    ended = [answer for answer in played_once(path).answers if answer.status in _ENDS]

    for number, _ in enumerate(ended):
        commands = type_commands_of(path, number)
        assert commands[-1].startswith("pipeline-run show ")


def type_commands_of(path, number):
    scenario = find(str(path))
    typed: list[str] = []
    with cloud_for(scenario) as cloud:
        playing = play(scenario, cloud)
        ends = []

        def see(event):
            if event["source"] != "aws.states" or event["detail"]["status"] not in _ENDS:
                return
            ends.append(event["detail"])
            if len(ends) == number + 1:
                # The caller of the run sees the message only after this event.
                cloud.world.after(0.001, partial(type_all, cloud, playing, ends[-1], typed))

        cloud.events.watch(see)
        # Stop here because the rest of a retried stage could take days.
        cloud.world.run_until(lambda: bool(typed))
    return typed


def type_all(cloud, playing, detail, typed):
    document = json.loads(detail["output"] or detail["cause"])
    if _RETRY in document["message"]:
        retry_the_waiting_stage(cloud, playing)
    for line in document["message"].splitlines():
        program_name, *words = shlex.split(line) if line.startswith(_COMMANDS) else ("",)
        if program_name == "aws":
            type_aws(cloud, document, *words)
        elif program_name:
            type_ours(cloud, *words)
        typed += [line] if program_name else []


def type_ours(cloud, *words):
    environment = environment_in(cloud)
    result = CliRunner().invoke(program, words, obj=environment, prog_name="pipeline-run")
    assert (result.exit_code, result.exception) == (0, None), result.output


def type_aws(cloud, document, service, operation, *options):
    given = dict(zip((each[2:] for each in options[::2]), options[1::2], strict=True))
    account = TOOLS if service == "stepfunctions" else document["target"]["account"]
    client = cloud.session(account, given["region"]).client(service)
    method = operation.replace("-", "_")
    members = client.meta.service_model.operation_model(
        client.meta.method_to_api_mapping[method]
    ).input_shape.members
    names = {xform_name(member, "-"): member for member in members}
    getattr(client, method)(
        **{
            names[name]: value
            for name, value in given.items()
            if name not in _OPTIONS_OF_THE_COMMAND
        }
    )


def retry_the_waiting_stage(cloud, playing):
    for pipeline in playing.scenario.pipelines:
        client = cloud.session(pipeline.key.account, pipeline.key.region).client("codepipeline")
        for stage, _ in pipeline.runs:
            state = client.get_pipeline_state(name=pipeline.key.name)
            (latest,) = [
                each["latestExecution"]
                for each in state["stageStates"]
                if each["stageName"] == stage
            ]
            client.retry_stage_execution(
                pipelineName=pipeline.key.name,
                stageName=stage,
                pipelineExecutionId=latest["pipelineExecutionId"],
                retryMode="FAILED_ACTIONS",
            )
