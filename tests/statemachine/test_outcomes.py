from __future__ import annotations

import re

import pytest

from playground.outcomes import page
from playground.outcomes.comparison import contradictions, waiter_word
from playground.outcomes.paths import path as path_of
from playground.outcomes.row import FOLDER, outcome, row
from playground.outcomes.waiter_rule import judge
from playground.scenarios.loading import find
from tests.statemachine.scenarios import SCENARIOS, played_once

COMMITTED = page.PAGE.read_text("utf-8")


@pytest.mark.parametrize("path", SCENARIOS)
def test_each_scenario_ends_as_its_file_and_the_page_specify(path):
    played = played_once(path)

    assert played.problems == []
    assert contradictions(played) == []
    actual = {"outcome": outcome(played), "waiter": waiter_word(played)}
    assert actual == played.scenario.expects
    assert (row(path, played), page.way(path, path_of(played))) == committed(path), (
        "run `make generate`, and review the changes"
    )


def committed(path):
    lines = COMMITTED.splitlines()
    rows = [line for line in lines if f"](outcomes/{page.name(path)}.yaml) |" in line]
    ways = [line for line in lines if line.startswith(f"| {page.name(path)} |")]
    return "".join(rows), "".join(ways)


def test_the_page_lists_exactly_these_scenarios_in_order():
    rows = {path: committed(path) for path in page.files()}

    assert page.page(rows) == COMMITTED, "run `make generate`"


def test_no_two_scenarios_take_the_same_path():
    ways = re.findall(r"^\| \S+/\S+ \| (.*) \|$", COMMITTED, re.MULTILINE)

    assert len(ways) == len(page.files())
    assert len(set(ways)) == len(ways)


def test_every_scenario_belongs_to_a_section_and_states_its_expectations():
    found = sorted(FOLDER.rglob("*.yaml"))

    assert found == sorted(page.files())
    assert {key for path in found for key in find(str(path)).expects} == {"outcome", "waiter"}


def test_the_page_shows_the_old_rule_as_right_in_some_scenarios_and_wrong_in_others():
    words = re.findall(r"(?:success|failure|crash|hangs), \*{0,2}(right|wrong)", COMMITTED)

    assert {"right", "wrong"} == set(words)


def stage(name, status=None, execution="new"):
    latest = {"status": status, "pipelineExecutionId": execution}
    return {"stageName": name, **({"latestExecution": latest} if status else {})}


@pytest.mark.parametrize(
    "stages, says",
    [
        ([stage("Source", "Succeeded"), stage("Deploy", "Succeeded")], "success"),
        ([stage("Source", "Succeeded"), stage("Deploy", "Succeeded", "old")], "waits"),
        ([stage("Source", "Succeeded"), stage("Deploy", "InProgress")], "waits"),
        ([stage("Source", "Succeeded"), stage("Deploy", "Failed", "old")], "failure"),
        ([stage("Source", "InProgress"), stage("Deploy", "Failed", "old")], "waits"),
        ([stage("Source", "Succeeded"), stage("Deploy", "Stopped")], "failure"),
        ([stage("Source", "Succeeded"), stage("Deploy", "Stopping")], "success"),
        ([stage("Source", "Succeeded"), stage("Deploy", "Cancelled")], "success"),
        ([stage("Source", "Succeeded"), stage("Deploy")], "crash"),
        ([], "crash"),
        (
            [
                stage("Source", "Succeeded"),
                stage("Build", "Succeeded", "old"),
                stage("Deploy", "Failed"),
            ],
            "failure",
        ),
        (
            [stage("Source", "Succeeded"), stage("Build", "Succeeded", "old"), stage("Deploy")],
            "crash",
        ),
    ],
)
def test_the_old_waiter_judges_stages_in_order(stages, says):
    assert judge(stages).says == says
