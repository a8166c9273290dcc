"""Pictures of runs on terminals. The files in pictures/ show them for people to look at.

`python -m tests.pipeline_run.pictures` writes the files.
"""

from __future__ import annotations

import io
import json
import os
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from rich.console import Console

from codepipeline_orchestrator.model.progress import (
    DisabledTransition,
    PendingApproval,
    Progress,
    RunningAction,
    RunningRule,
)
from codepipeline_orchestrator.model.snapshot import Snapshot
from pipeline_run.picture import picture
from pipeline_run.snapshots import TimedSnapshot
from pipeline_run.stages import Stage
from pipeline_run.views import View
from tests.pipeline_run.described import START, run_of

FILES = Path(__file__).parent / "pictures"
WIDTHS = (40, 80, 120)
ZONE = "CET-1CEST,M3.5.0,M10.5.0/3"  # a POSIX zone, which needs no database
HEIGHT = 40
ID = "3f0c9a51-8a0e-4c4b-9e0b-6f1f6a9f3f10"
LINK = (
    "https://eu-west-1.console.aws.amazon.com/codesuite/codepipeline/pipelines/shop/executions/"
    f"{ID}/timeline?region=eu-west-1"
)


def after(seconds):
    return START + timedelta(seconds=seconds)


def run(status="RUNNING", name="7d20be14-54a5-4f1c-8f0e-0d6a3a1f9c22", **described):
    return run_of(name, status, **{"input": '{"pipelineName": "shop"}', **described})


def ended(outcome, seconds, **more):
    """A run that has ended with a result."""
    error = {} if outcome == "Succeeded" else {"error": f"Pipeline{outcome}"}
    result = json.dumps({"outcome": outcome, "message": "The message.", **error, **more})
    about = {"stopDate": after(seconds), "output": result}
    if error:
        about |= {"cause": result, "error": error["error"]}
    return run("FAILED" if error else "SUCCEEDED", **about)


def view(progress=None, *, seconds=200, stages=(), of=None, status="InProgress", **more):
    """The view of a run some seconds after its start. The last poll was 20 seconds earlier."""
    target = "shop (account 222233334444, eu-west-1)"
    snapshot = Snapshot(target, status, ID, LINK, progress)
    timed = TimedSnapshot(snapshot, taken=after(seconds - 20), **more)
    return View(of or run(), timed, after(seconds), stages)


def with_percent(shown, percent, typical):
    """The view of a target with a known usual duration."""
    snapshot = replace(shown.snapshot.snapshot, percent=percent)
    timed = replace(shown.snapshot, snapshot=snapshot, typical_seconds=typical)
    return replace(shown, snapshot=timed)


_USUAL = {"Source": 4, "Build": 180, "Approve": 600, "Production": 240}
_STAGES = (
    Stage("Source", "Succeeded", START, after(4)),
    Stage("Build", "Succeeded", after(4), after(120)),
    Stage("Approve", "InProgress", after(120)),
    Stage("Production", None),
)
_WEB = Progress("Build", ("Compile",), latest=RunningAction("Compile", after(60)))
RUNNING = with_percent(
    view(_WEB, stages=[Stage("Source", "Succeeded"), Stage("Build", "InProgress")]), 20, 400
)
_ASK = Progress("Approve", ("Ask",), approval=PendingApproval("Ask", after(140)))
APPROVAL = with_percent(view(_ASK, stages=_STAGES, stage_seconds=_USUAL), 14, 1024)
_RULE = Progress(
    "Live", (), rule=RunningRule("BEFORE_ENTRY", "Office hours", after(-90_000)), read_at=after(100)
)
_CLOSED = DisabledTransition("arn:aws:iam::222233334444:user/ann", "not on Fridays", after(-60))
_LONG = "a-very-long-name-that-somebody-gave-to-a-stage-" * 3
_FAILURE = {"stage": "Approve", "action": "Ask", "message": "the smoke test is red\n✓ forged"}
_FAILED = replace(_STAGES[2], status="Failed", end=after(150))

SCENES = {
    "The run is starting": [View(run(), TimedSnapshot(), START - timedelta(seconds=40))],
    "An action is running": [RUNNING],
    "The target waits for an approval": [APPROVAL],
    "The target waits for a condition": [view(_RULE, stages=[Stage("Live", "InProgress")])],
    "The target waits for a transition": [view(Progress("Live", transition=_CLOSED))],
    "The target has failed": [
        view(
            status="Failed",
            of=ended("Failed", 155, failure=_FAILURE),
            stages=[*_STAGES[:2], _FAILED, _STAGES[3]],
        )
    ],
    "The target has succeeded": [
        with_percent(
            view(
                status="Succeeded",
                of=ended("Succeeded", 1100),
                stages=[Stage("Build", "Succeeded"), Stage("Deploy", "Succeeded")],
            ),
            99,
            1024,
        )
    ],
    "Several runs": [
        APPROVAL,
        RUNNING,
        view(status="Superseded", of=ended("Superseded", 75, supersededBy=ID), stages=_STAGES[:2]),
    ],
    "Long names, and more stages than lines": [
        view(
            Progress(_LONG, (_LONG,)),
            stages=[
                Stage(_LONG, "Succeeded"),
                *(Stage(f"Stage{n}", None) for n in range(HEIGHT)),
            ],
        )
    ],
    "Long names in a table": [
        view(
            Progress(_LONG, (_LONG,)),
            stages=[Stage(_LONG, "InProgress", START), Stage("B", None)],
            stage_seconds={_LONG: 300},
        )
    ],
}


def console(width, **more):
    """A terminal that keeps what it shows."""
    return Console(
        width=width,
        height=HEIGHT,
        file=io.StringIO(),
        force_terminal=True,
        record=True,
        highlight=False,
        **{"color_system": "truecolor", **more},
    )


def all_pictures(on):
    """All scenes on one terminal, each below its title."""
    for title, views in SCENES.items():
        on.print(f"== {title}\n", style="reverse")
        on.print(picture(views, on.width, HEIGHT))
        on.print()
    return on


def text_of(width):
    """The text of all scenes, without colors."""
    lines = all_pictures(console(width)).export_text().splitlines()
    return "".join(f"{line.rstrip()}\n" for line in lines)


if __name__ == "__main__":
    os.environ["TZ"] = ZONE
    time.tzset()
    for each in WIDTHS:
        (FILES / f"{each}.txt").write_text(text_of(each), encoding="utf-8")
