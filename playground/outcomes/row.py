"""Formats a scenario as a row of the table."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playground.accounts import ROOT
from playground.outcomes.comparison import NOTHING, waiter_word
from playground.outcomes.witness import Visit

if TYPE_CHECKING:
    from playground.outcomes.witness import Answer, Played

FOLDER = ROOT / "docs" / "outcomes"
_LINK = re.compile(r"https://\S*console\.\S+")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# the suffix that CloudFormation adds to a name, or the hash in a session's name
_RANDOM = re.compile(r"(?<=Role-|tion-|hine-)[A-Z0-9]{8,}|(?<=/run-)[0-9a-f]{16,}")
_LONGEST_RUN_OF_STATUSES = 4


def row(path: Path, played: Played) -> str:
    """Format a scenario as a row in Markdown."""
    title = f"[{played.scenario.about}](outcomes/{path.relative_to(FOLDER).as_posix()})"
    answers = "<br>".join(reported(answer) for answer in played.answers)
    cells = (title, _shown(played), answers, _said(played), _waiter(played))
    return f"| {' | '.join(cells)} |"


def outcome(played: Played) -> str:
    """List the outcomes of the runs, or the names of their errors, oldest run first."""
    return ", ".join(_outcome(answer) for answer in played.answers)


def reported(answer: Answer) -> str:
    """Describe the outcome, and how the run and the job ended."""
    parts = []
    if answer.status is not None:
        result = answer.result or {}
        error = f" `{result['error']}`" if "error" in result else ""
        parts.append(f"run {answer.status}{error}")
    if answer.action is not None:
        parts.append(_of_job(answer.action["status"], answer))
    return f"**{_outcome(answer)}**: {', '.join(parts)}"


def _of_job(status: str, answer: Answer) -> str:
    if status == "Abandoned":
        return "the action is abandoned"
    failure = _of_action(answer).get("errorDetails", {}).get("code")
    return f"job {f'failure `{failure}`' if failure else 'success'}"


def _outcome(answer: Answer) -> str:
    if answer.status == "ABORTED":
        return "Aborted"
    if answer.result is None:
        return str(_of_action(answer)["errorDetails"]["code"])
    named = answer.result["outcome"] == "Error"
    return str(answer.result["error"] if named else answer.result["outcome"])


def _of_action(answer: Answer) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (answer.action or {}).get("output", {}).get("executionResult", {})
    return found


def _shown(played: Played) -> str:
    seen = [_seen(answer.visits) for answer in played.answers]
    way = "; then ".join(each for each in seen if each)
    end = _statuses([*played.statuses.values()])
    return ". ".join(part for part in (way, f"At the end: {end}") if part)


def _seen(visits: Sequence[Visit]) -> str:
    looks = (visit for visit in visits if visit.state == "GetState" and visit.status)
    words = (f"{look.status}{f' ({look.where})' if look.where else ''}" for look in looks)
    return " → ".join(word for word, _ in groupby(words))


def _statuses(statuses: Sequence[str]) -> str:
    parts, number = [], 0
    for status, group in groupby(statuses):
        first, number = number + 1, number + len(list(group))
        many = number - first >= _LONGEST_RUN_OF_STATUSES
        each = [f"#{first} to #{number}"] if many else [f"#{n}" for n in range(first, number + 1)]
        parts += [f"{name} {status}" for name in each]
    return ", ".join(parts) or "no execution"


def _said(played: Played) -> str:
    return "<br>".join(_plain(_message(answer), played.numbers) for answer in played.answers)


def _message(answer: Answer) -> str:
    result = _of_action(answer)
    of_action = result.get("errorDetails", {}).get("message") or result.get(
        "externalExecutionSummary"
    )
    return str(of_action or (answer.result or {})["message"])


def _plain(text: str, numbers: Mapping[str, str]) -> str:
    """Replace the IDs, names and long links that differ in each world."""
    bare = _LINK.sub("(link)", text)
    bare = _UUID.sub(lambda found: numbers.get(found[0], "(id)"), bare)
    return _RANDOM.sub("…", bare).replace("|", "\\|").replace("\n", " ")


def _waiter(played: Played) -> str:
    word = waiter_word(played)
    if word == NOTHING or played.waiter is None:
        return "no such mode" if played.waiter is None else "nothing was started"
    says, _, judged = word.partition(", ")
    verdict, waited = played.waiter.verdict, played.waiter.waited
    because = f": {verdict.because if verdict else waited[-1]}"
    mark = judged if judged == "right" else f"**{judged}**"
    return f"{says}, {mark}{because}. Stages: {_stages(played)}"


def _stages(played: Played) -> str:
    assert played.waiter is not None
    shown = []
    for stage in played.waiter.shown:
        latest = stage.get("latestExecution")
        number = played.numbers.get(latest["pipelineExecutionId"]) if latest else None
        state = f"{latest['status']} {number}" if latest else "never run"
        shown.append(f"{stage['stageName']} {state}")
    return ", ".join(shown) or "none shown"
