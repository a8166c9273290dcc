"""Simulates a waiter that follows the same target in the same world by its own rule."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from playground.accounts import REGION
from playground.outcomes.waiter_rule import Verdict, judge

if TYPE_CHECKING:
    from playground.scenarios.model import PipelineKey
    from playground.scenarios.play import Play

_EVERY = 30.0  # seconds between two polls
_AFTER_THE_START = 1.0  # seconds until the first poll
_DAY = 24 * 3600.0  # CodePipeline itself fails the waiter's action after this time.
_SLOWLY = 20  # intervals between two polls while nothing happens


class Waiter:
    """Polls every 30 seconds, but skips most polls while nothing happens."""

    def __init__(self, play: Play, target: PipelineKey, *, triggers: bool) -> None:
        """Create a waiter. With `triggers`, it starts when the product has started the target."""
        self.verdict: Verdict | None = None
        self.waited: list[str] = []  # what each poll waited for
        self.shown: list[Mapping[str, Any]] = []  # the stages in the last poll
        self.statuses: dict[
            str, str
        ] = {}  # the target's executions at the time of the verdict, oldest first
        self.began: float | None = None
        self.followed: str | None = None  # the execution that the waiter should follow
        self._play = play
        self._target = target
        self._triggers = triggers
        self._next: float | None = None
        play.cloud.events.watch(self._see)

    def _see(self, event: Mapping[str, Any]) -> None:
        if self.began is None:
            if self._begins(event):
                self.began = self._play.cloud.world.now + _AFTER_THE_START
                self._look_at(self.began)
                self._look_slowly()
        elif event["source"] == "aws.codepipeline" and _of(event, self._target):
            self._look_soon()

    def _begins(self, event: Mapping[str, Any]) -> bool:
        detail = event["detail"]
        if not self._triggers:
            executions = self._play.executions[self._target]
            self.followed = executions[-1] if executions else None
            return bool(event["source"] == "aws.states" and detail["status"] == "RUNNING")
        by = str(detail.get("execution-trigger", {}).get("trigger-detail"))
        started = (
            _of(event, self._target)
            and event["detail-type"] == "CodePipeline Pipeline Execution State Change"
            and detail["state"] == "STARTED"
            and ":assumed-role/" in by
        )
        self.followed = detail["execution-id"] if started else None
        return started

    def _look_soon(self) -> None:
        assert self.began is not None
        looks = max(0, -(-(self._play.cloud.world.now - self.began) // _EVERY))
        self._look_at(self.began + looks * _EVERY)

    def _look_at(self, time: float) -> None:
        assert self.began is not None
        if self._next is not None or self.verdict is not None or time > self.began + _DAY:
            return
        self._next = time
        self._play.cloud.world.at(time, self._look)

    def _look_slowly(self) -> None:
        """Poll occasionally even without events, because not every change causes one."""
        world = self._play.cloud.world
        self._look_soon()
        world.at(world.now + _SLOWLY * _EVERY, self._look_slowly, background=True)

    def _look(self) -> None:
        self._next = None
        found = self._judged()
        if found.says == "waits":
            self.waited.append(found.because)
            return
        self.verdict, self.statuses = found, self._statuses()

    def _judged(self) -> Verdict:
        if not self._may_look():
            return Verdict("failure", "AssumeRole was denied")
        try:
            state: Any = self._client().get_pipeline_state(name=self._target.name)
        except ClientError as error:
            return Verdict("failure", error.response["Error"]["Code"])
        self.shown = state.get("stageStates", [])
        return judge(self.shown)

    def _may_look(self) -> bool:
        """Whether the target's role can still be assumed. A scenario may change that."""
        roles = [
            each.details["role"] for each in self._play.scenario.happens if "role" in each.details
        ]
        if not roles:
            return True
        role: str = roles[0]
        iam = self._play.cloud.session(self._target.account, REGION).client("iam")
        trust: Any = iam.get_role(RoleName=role.rpartition("/")[2])["Role"][
            "AssumeRolePolicyDocument"
        ]
        return any(each["Effect"] == "Allow" for each in trust["Statement"])

    def _statuses(self) -> dict[str, str]:
        try:
            pages = (
                self._client()
                .get_paginator("list_pipeline_executions")
                .paginate(pipelineName=self._target.name)
            )
            listed = [each for page in pages for each in page["pipelineExecutionSummaries"]]
        except ClientError:
            return {}
        return {each["pipelineExecutionId"]: each["status"] for each in reversed(listed)}

    def _client(self) -> Any:
        key = self._target
        return self._play.cloud.session(key.account, key.region).client("codepipeline")


def _of(event: Mapping[str, Any], key: PipelineKey) -> bool:
    detail = event["detail"]
    named = (detail.get("pipeline"), event["account"], event["region"])
    return named == (key.name, key.account, key.region)


def knows(asked: Mapping[str, Any]) -> bool:
    """Whether the waiter supports this input. It can only start a target or follow the latest."""
    if "targetname" in asked:
        return True
    return (
        asked.get("mode", "start") in {"start", "latest"}
        and asked.get("ifRunning", "start") == "start"
        and asked.get("wait", True) is True
        and "pipelineExecutionId" not in asked
    )


def triggers(asked: Mapping[str, Any]) -> bool:
    """Whether the waiter would have to start the target."""
    if "targetname" in asked:
        return json.dumps(asked.get("trigger", False)).strip('"').lower() == "true"
    return bool(asked.get("mode", "start") == "start")
