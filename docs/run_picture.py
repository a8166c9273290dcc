"""Draw the calls of a run in the sandbox as a Mermaid sequence diagram."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from codepipeline_sandbox.cloud import Cloud
from codepipeline_sandbox.codepipeline import Act
from playground.company import SECOND, Action, Company

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codepipeline_sandbox.iam.authorization import Decision

_HEAD = """\
sequenceDiagram
  participant C as CodePipeline
  participant J as codepipeline_job
  participant R as the run
  participant F as its functions
  participant T as the target's account
"""
_ANSWER = "codepipeline:PutJobSuccessResult"


class Message(NamedTuple):
    """A message from one participant to another."""

    sender: str
    receiver: str
    text: str


def picture() -> str:
    """Draw the calls for a Lambda action whose target, in another account, takes four minutes."""
    with Cloud(seed=1) as cloud:
        company = Company(cloud, targets=(SECOND,))
        company.add_pipeline("deploy", {"Deploy": [Action("Rollout", [Act(240)])]}, account=SECOND)
        asked = {"pipelineName": "deploy", "roleArn": company.target_roles[SECOND]}
        company.add_pipeline("release", {"Go": [company.waiting_action("Wait", asked)]})
        before = len(cloud.access.decisions)
        company.start("release")
        cloud.world.run()
        messages = list(_messages(cloud.access.decisions[before:], _states(company)))
    return _HEAD + "".join(f"  {line}\n" for line in _lines(_joined(messages)))


def _states(company: Company) -> Iterator[str]:
    """Yield the task states of the only run, in the order it entered them."""
    stepfunctions = company.stepfunctions()
    (run,) = stepfunctions.list_executions(stateMachineArn=company.state_machine)["executions"]
    pages = stepfunctions.get_paginator("get_execution_history")
    for page in pages.paginate(executionArn=run["executionArn"]):
        for event in page["events"]:
            if event["type"] == "TaskStateEntered":
                yield event["stateEnteredEventDetails"]["name"]


def _messages(decisions: list[Decision], states: Iterator[str]) -> Iterator[Message]:
    """Yield the calls between participants, taken from the AWS calls that were allowed."""
    for one in decisions:
        action = one.action.partition(":")[2]
        if "role/pipeline-service-role" in one.principal and action == "InvokeFunction":
            yield Message("C", "J", "a job")
        elif "PipelineRunRole" in one.principal:
            yield Message("R", "F", next(states))
        elif one.action == _ANSWER:
            yield Message("F", "C", action)
        elif "CodePipelineJobRole" in one.principal and one.action.startswith("states:"):
            yield Message("J", "R", action)
        elif SECOND in one.resource and not one.principal.endswith("amazonaws.com"):
            yield Message("F", "T", action)


def _joined(messages: list[Message]) -> list[Message]:
    """Join consecutive messages between the same participants into one."""
    joined: list[Message] = []
    for message in messages:
        if joined and joined[-1][:2] == message[:2] and message.text not in joined[-1].text:
            joined[-1] = message._replace(text=f"{joined[-1].text}, {message.text}")
        else:
            joined.append(message)
    return joined


def _lines(messages: list[Message]) -> Iterator[str]:
    """Yield the messages as lines, with consecutive polls of the target as a loop."""
    position = 0
    while position < len(messages):
        polls = _polls(messages[position:])
        if len(polls) > 1:
            yield "loop until the target has ended"
            yield f"  {_line(messages[position])}"
            yield f"  {_line(_all_of(polls))}"
            yield "end"
            position += 2 * len(polls)
        else:
            yield _line(messages[position])
            position += 1


def _polls(messages: list[Message]) -> list[Message]:
    """The calls to the target made by the polls at the beginning of `messages`."""
    found: list[Message] = []
    for poll, call in zip(messages[::2], messages[1::2], strict=False):
        if poll.text != "GetState" or call[:2] != ("F", "T"):
            break
        found.append(call)
    return found


def _all_of(polls: list[Message]) -> Message:
    texts: dict[str, Any] = dict.fromkeys(", ".join(poll.text for poll in polls).split(", "))
    return polls[0]._replace(text=", ".join(texts))


def _line(message: Message) -> str:
    return f"{message.sender}->>{message.receiver}: {message.text}"
