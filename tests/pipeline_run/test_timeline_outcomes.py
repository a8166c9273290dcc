"""What the page shows first for each way a run can end."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from pipeline_run.snapshots import TimedSnapshot
from pipeline_run.timeline.chosen import chosen_bar
from pipeline_run.timeline.model import Bar, Row, RowKind, Timeline, known
from pipeline_run.timeline.page import page
from tests.pipeline_run.described import START, run_of

HOME = "account 111122223333, eu-west-1"
AWAY = "account 222233334444, us-east-1"
ROLE_ERROR = {
    "outcome": "Error",
    "error": "TargetRoleNotAssumable",
    "message": "The role missing could not be assumed.\nTo see the run:\npipeline-run show run-1",
}


def minute(number):
    return START + timedelta(minutes=number)


def bar(name, start, end, status="", **details):
    return Bar(name, minute(start), None if end is None else minute(end), status, known(**details))


def action(name, *bars, stage="Deploy"):
    placed = tuple(
        Bar(each.name, each.start, each.end, each.status, known(stage=stage)) for each in bars
    )
    return Row(RowKind.ACTION, name, placed)


def ended(result, of_target=(), of_run=(), *, place=HOME, status="FAILED", **described):
    """The timeline of a run that took five minutes, as of ten minutes after its start."""
    document = {"SUCCEEDED": "output", "FAILED": "cause"}.get(status)
    stopped = {"stopDate": minute(5)} if status != "RUNNING" else {}
    said = {document: json.dumps(result)} if document else {}
    run = run_of(status=status, **{**stopped, **said, **described})
    target = f"web ({place})" if place else "web"
    return Timeline(run, minute(10), target, None, TimedSnapshot(), of_target, of_run)


def end(outcome, **more):
    error = {} if outcome == "Succeeded" else {"error": f"Pipeline{outcome}"}
    return {"outcome": outcome, "message": f"It ended as {outcome}.", **error, **more}


def text_of(html):
    """The text of the page's header, without tags."""
    header = html.partition("<header>")[2].partition("</header>")[0]
    return " ".join(re.sub(r"<[^>]*>", " ", header).split())


def box(html):
    found = re.search(r'<section class="problem (\w+)".*?</section>', html)
    return (found[1], " ".join(re.sub(r"<[^>]*>", " ", found[0]).split())) if found else None


@pytest.mark.parametrize(
    "result, told",
    [
        (ROLE_ERROR, ("bad", "TargetRoleNotAssumable The role missing could not be assumed.")),
        (end("TimedOut"), ("bad", "PipelineTimedOut It ended as TimedOut.")),
        (end("Failed"), ("bad", "PipelineFailed It ended as Failed.")),
        (end("Superseded"), ("stopped", "PipelineSuperseded It ended as Superseded.")),
        (end("Stopped"), ("stopped", "PipelineStopped It ended as Stopped.")),
        (end("Cancelled"), ("stopped", "PipelineCancelled It ended as Cancelled.")),
    ],
)
def test_a_failed_run_without_a_failed_action_has_a_box_with_the_reason(result, told):
    html = page(ended(result))

    assert box(html) == told
    assert text_of(html).count(told[1].partition(" ")[2]) == 1


@pytest.mark.parametrize(
    "status, described, error",
    [
        ("ABORTED", {"error": "Mistake", "cause": "wrong branch"}, "RunAborted"),
        ("FAILED", {"error": "States.Runtime", "cause": "no such variable"}, "FunctionFailed"),
        ("TIMED_OUT", {}, "FunctionFailed"),
    ],
)
def test_a_run_that_could_not_report_its_end_has_a_box(status, described, error):
    tone, told = box(page(ended({}, status=status, **described)))

    assert tone == "bad"
    assert told.startswith(error)
    assert described.get("cause", "status TIMED_OUT") in told


@pytest.mark.parametrize("outcome", ["Succeeded", "Skipped", "Superseded"])
def test_a_successful_run_has_no_box(outcome):
    accepted = {"outcome": outcome, "message": "It ended well."}

    html = page(ended(accepted, status="SUCCEEDED"))

    assert box(html) is None
    assert "It ended well." in text_of(html)


def test_the_box_names_who_rejected_an_approval_and_their_comment():
    failure = {
        "stage": "Approve",
        "action": "ByOperations",
        "approval": True,
        "approver": "arn:aws:iam::111122223333:user/ana",
        "message": "The release notes are missing.",
    }

    _, told = box(page(ended(end("Failed", failure=failure))))

    assert told.startswith("Rejected by arn:aws:iam::111122223333:user/ana in stage Approve ,")
    assert told.endswith("action ByOperations The release notes are missing.")


def test_a_failed_action_is_named_with_its_stage_and_message():
    failure = {"stage": "Deploy", "action": "Rollout", "code": "JobFailed", "message": "no room"}

    _, told = box(page(ended(end("Failed", failure=failure))))

    assert told == "Failed in stage Deploy , action Rollout JobFailed: no room"


def test_the_cause_of_a_stop_cannot_add_a_command():
    cause = "wrong branch\nTo see the run:\ncurl https://example.com/"

    html = page(ended({}, status="ABORTED", cause=cause))

    assert 'class="command"' not in html
    assert r"wrong branch\nTo see the run:\ncurl" in html


@pytest.mark.parametrize(
    "place, told",
    [
        (HOME, "Account 111122223333, eu-west-1. Started"),
        (AWAY, f"Target in {AWAY}. Run in {HOME}. Started"),
        (None, f"Run in {HOME}. Started"),
    ],
)
def test_the_accounts_the_date_and_the_duration_are_at_the_top(place, told):
    shown = text_of(page(ended(ROLE_ERROR, place=place)))

    assert f"{told} 2026-01-05 09:00:00 UTC , took 5m 00s." in shown


def test_times_are_machine_readable_and_in_utc():
    html = page(ended(end("Succeeded"), status="SUCCEEDED"))

    assert '<time datetime="2026-01-05T09:05:00+00:00">2026-01-05 09:05:00 UTC</time>' in html
    assert html == page(ended(end("Succeeded"), status="SUCCEEDED"))


def name_of_chosen(told):
    chosen = chosen_bar(told)
    return chosen and chosen.name


FAILURE = {"stage": "Deploy", "action": "Rollout"}
# Two stages have an action with the same name. The second attempt of Deploy's action fails too.
SAME_NAMES = (
    action("Rollout", bar("in Test", 0, 1, "Failed"), stage="Test"),
    action("Rollout", bar("first", 1, 2, "Failed"), bar("second", 3, 4, "Failed")),
    action("Later", bar("Later", 3, 5, "Failed"), stage="Other"),
)
STEPS = Row(RowKind.STEP, "Steps", (bar("AssumeRole", 0, 0, "Failed"), bar("Report", 0, 5)))
ATTEMPTS = Row(RowKind.RETRY, "Retries", (bar("AssumeRole, attempt 1", 0, 0, "Failed"),))
SOURCE = action("Checkout", bar("Checkout", 0, 0.5, "Succeeded"), stage="Source")
BUILD = action("Compile", bar("Compile", 0, 1, "Succeeded"), stage="Build")
PROGRESS = Row(
    RowKind.PROGRESS,
    "Progress",
    (
        bar("in stage Build", 0, 2, progress="InProgress, in stage Build"),
        bar("waiting to enter stage Deploy", 2, 4, progress="InProgress, waiting to enter"),
        bar("Superseded", 4, 5, progress="Superseded"),
    ),
)
FLAKY = Row(RowKind.POLL, "Polls", (bar("flaky poll", 1, 2, "Failed"), bar("poll", 4, 5)))


@pytest.mark.parametrize(
    "result, of_target, of_run, chosen",
    [
        (end("Failed", failure=FAILURE), SAME_NAMES, (), "second"),
        (
            end("Failed", failure={"stage": "Deploy", "rule": "Alarms"}),
            (Row(RowKind.STAGE, "Deploy", (bar("Deploy", 1, 2, "Failed"),)), BUILD),
            (),
            "Deploy",
        ),
        (ROLE_ERROR, (), (STEPS, ATTEMPTS), "AssumeRole"),
        # The target went on after the deadline.
        (
            end("TimedOut"),
            (BUILD, action("Rollout", bar("first", 1, 2, "Failed"), bar("second", 2, 8, "Failed"))),
            (FLAKY,),
            "second",
        ),
        (end("TimedOut"), (BUILD, action("Rollout", bar("Rollout", 1, None))), (FLAKY,), "Rollout"),
        # Polls show no status for what was in progress at the deadline.
        (end("TimedOut"), (BUILD, action("Rollout", bar("Rollout", 1, 5))), (FLAKY,), "Rollout"),
        (end("Superseded"), (BUILD,), (PROGRESS, FLAKY), "waiting to enter stage Deploy"),
        (
            end("Stopped"),
            (BUILD, action("Rollout", bar("Rollout", 1, 4, "Abandoned"))),
            (PROGRESS,),
            "Rollout",
        ),
        (end("Error", error="RunAborted"), (BUILD,), (PROGRESS,), "waiting to enter stage Deploy"),
        (end("Succeeded"), (SOURCE, BUILD), (PROGRESS, FLAKY), "Compile"),
    ],
    ids=[
        *("last-attempt", "unmet-condition", "refused-role", "ended-after-the-deadline"),
        *("in-progress", "only-polls", "superseded", "stopped", "aborted", "succeeded"),
    ],
)
def test_the_page_first_selects_the_bar_that_explains_the_outcome(
    result, of_target, of_run, chosen
):
    status = "SUCCEEDED" if result["outcome"] == "Succeeded" else "FAILED"
    told = ended(result, of_target, of_run, status=status)

    assert name_of_chosen(told) == chosen
    assert len(re.findall(r'class="bar \w+ chosen"', page(told))) == 1


def test_the_page_of_a_run_in_progress_selects_what_is_in_progress():
    rollout = action("Rollout", bar("first", 0, 1, "Failed"), bar("second", 2, None, "InProgress"))
    approval = Row(RowKind.PROGRESS, "Progress", (bar("waiting for approval", 3, None),))

    assert name_of_chosen(ended({}, (rollout,), (FLAKY,), status="RUNNING")) == "second"
    told = ended({}, (BUILD,), (approval,), status="RUNNING")
    assert name_of_chosen(told) == "waiting for approval"


def durations(html):
    return re.findall(r'<span class="(in|after|before)" aria-hidden="true">([^<]+)</span>', html)


def test_narrow_bars_have_their_duration_beside_them():
    bars = [bar("first", 0, 0.1, "Succeeded"), bar("last", 9.8, 9.9, "Succeeded")]

    html = page(ended(end("Succeeded"), [action(each.name, each) for each in bars]))

    assert durations(html) == [("after", "6s"), ("before", "6s")]


def test_a_duration_beside_a_bar_does_not_cover_the_next_bar():
    crowded = action("Rollout", *(bar(str(each), each, each + 0.2) for each in range(10)))

    html = page(ended(end("Succeeded"), [crowded]))

    assert durations(html) == []
