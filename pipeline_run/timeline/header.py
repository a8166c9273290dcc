"""The top of the page, with everything that people on call need to know first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from codepipeline_orchestrator.model.target import Place
from pipeline_run.output import duration
from pipeline_run.timeline.markup import Markup, element, timestamp
from pipeline_run.timeline.model import Timeline, linked

_TONES = {"Running": "going", "Succeeded": "good", "Started": "good", "Idle": "good"}
_TONES |= {"Skipped": "good", "Failed": "bad", "Error": "bad", "TimedOut": "bad"}


def header(timeline: Timeline) -> Markup:
    """The outcome, where and when, what went wrong and what to do."""
    tone = _TONES.get(timeline.run.outcome, "stopped")
    text, commands = timeline.advice
    problem = _problem(timeline, text)
    return element(
        "header",
        element(
            "h1",
            element("span", timeline.run.outcome, class_=f"outcome {tone}"),
            element("span", timeline.run.pipeline, class_="pipeline"),
        ),
        element("p", _place_and_time(timeline), class_="when"),
        element("section", problem, class_=f"problem {tone}", aria_label="What went wrong")
        if problem
        else "",
        element("p", _links(timeline), class_="links"),
        element("p", text, class_="told") if timeline.run.failure or not problem else "",
        [
            [element("p", intro), element("pre", command, class_="command")]
            for intro, command in commands
        ],
        element("p", timeline.note, class_="note") if timeline.note else "",
    )


def _place_and_time(timeline: Timeline) -> Iterator[str]:
    """The accounts, when the run started, and how long it took."""
    run, home = timeline.run, Place.of(timeline.run.arn)
    of_run = f"account {home.account}, {home.region}"
    # The target's text is its name, account and Region, or only its name if no more is known.
    of_target = timeline.target.removeprefix(run.pipeline).strip(" ()")
    if of_target == of_run:
        yield f"{of_run.capitalize()}. "
    else:
        yield f"Target in {of_target}. " if of_target else ""
        yield f"Run in {of_run}. "
    yield from ("Started ", timestamp(run.started), f", took {duration_of_run(timeline)}.")


def duration_of_run(timeline: Timeline) -> str:
    """How long the run took, or has taken so far."""
    run = timeline.run
    took = duration(((run.stopped or timeline.now) - run.started).total_seconds())
    return took if run.stopped else f"{took} so far"


def _problem(timeline: Timeline, text: str) -> list[Markup]:
    """What failed, or else the error and message of a run that did not succeed."""
    failure, error = timeline.run.failure, timeline.run.result.get("error")
    if failure:
        said = [str(failure[each]) for each in ("code", "message") if failure.get(each)]
        place = element("p", _failed(failure))
        return [place, element("pre", ": ".join(said))] if said else [place]
    if error:
        return [element("p", element("b", str(error))), element("p", text, class_="told")]
    return []


def _failed(failure: Mapping[str, Any]) -> Iterator[str]:
    """Where the target failed, or who rejected an approval and where."""
    approver = failure.get("approver")
    if approver:
        yield from ("Rejected by ", element("b", str(approver)))
    places = [name for name in ("stage", "action", "rule") if failure.get(name)]
    yield " in " if approver else "Failed in "
    for number, name in enumerate(places):
        yield f"{', ' if number else ''}{name} "
        yield element("b", str(failure[name]))


def _links(timeline: Timeline) -> Iterator[Markup]:
    failure = timeline.run.failure
    pairs = linked(
        ("Failed action", failure.get("link")),
        ("Log", failure.get("logLink")),
        ("Execution", timeline.link),
        ("Run", timeline.page_of_run),
    )
    return (link(name, url) for name, url in pairs)


def link(name: str, url: str) -> Markup:
    """A link that opens in a new tab and sends no referrer."""
    return element("a", name, class_="link", href=url, target="_blank", rel="noopener noreferrer")
