"""How a request flows, as a Mermaid sequence diagram of what a run in the sandbox really does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sandbox.cloud import Cloud
from sandbox.codepipeline import Act
from sandbox.company import SECOND, Action, Company

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.access.authorization import Decision

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
    """Who asks whom for what."""

    sender: str
    receiver: str
    text: str


def picture() -> str:
    """An action that asks for a target of four minutes in another account, until it ends."""
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
    """The task states of the one run, in the order in which it came to them."""
    stepfunctions = company.stepfunctions()
    (run,) = stepfunctions.list_executions(stateMachineArn=company.state_machine)["executions"]
    pages = stepfunctions.get_paginator("get_execution_history")
    for page in pages.paginate(executionArn=run["executionArn"]):
        for event in page["events"]:
            if event["type"] == "TaskStateEntered":
                yield event["stateEnteredEventDetails"]["name"]


def _messages(decisions: list[Decision], states: Iterator[str]) -> Iterator[Message]:
    """The calls among the parts, of all that was permitted."""
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
    """With what one part asks of another in a row as one message."""
    joined: list[Message] = []
    for message in messages:
        if joined and joined[-1][:2] == message[:2] and message.text not in joined[-1].text:
            joined[-1] = message._replace(text=f"{joined[-1].text}, {message.text}")
        else:
            joined.append(message)
    return joined


def _lines(messages: list[Message]) -> Iterator[str]:
    """The messages; looks at the target that follow each other as one loop."""
    position = 0
    while position < len(messages):
        looks = _looks(messages[position:])
        if len(looks) > 1:
            yield "loop until the target has ended"
            yield f"  {_line(messages[position])}"
            yield f"  {_line(_all_of(looks))}"
            yield "end"
            position += 2 * len(looks)
        else:
            yield _line(messages[position])
            position += 1


def _looks(messages: list[Message]) -> list[Message]:
    """What the looks that come first ask of the target, one after the other."""
    found: list[Message] = []
    for look, asked in zip(messages[::2], messages[1::2], strict=False):
        if look.text != "GetState" or asked[:2] != ("F", "T"):
            break
        found.append(asked)
    return found


def _all_of(looks: list[Message]) -> Message:
    texts: dict[str, Any] = dict.fromkeys(", ".join(look.text for look in looks).split(", "))
    return looks[0]._replace(text=", ".join(texts))


def _line(message: Message) -> str:
    return f"{message.sender}->>{message.receiver}: {message.text}"
