from __future__ import annotations

import re
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codepipeline_sandbox.codepipeline import Act
from playground.scenarios import actions, acts, conditions, faults, loading, moments, pipelines
from playground.scenarios.endings import endings
from playground.scenarios.mistakes import ScenarioMistakes
from playground.scenarios.verbs import VERBS

PAGE = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text("utf-8")
SECTION = PAGE.partition("## Scenarios\n")[2].partition("\n## ")[0]
FAULTS = PAGE.partition("## Faults\n")[2].partition("\n## ")[0]
EXAMPLES = re.findall(r"```yaml\n(.*?)```", SECTION, re.DOTALL)
ODD = ["", "{}", "[]", "~", "''", "-1", "true", "*a", "&a ", "<<", "?", "!!set {}", "!x ", "1:30"]
ODD += [": ", "- ", "\n", "\t", "#", "|", '"', "in", "/", ",", "\x00", "2001-01-01", "[a, {b: c}]"]


def test_the_example_ends_as_documented(played):
    example, _ = EXAMPLES

    with played(example) as play:
        assert (play.refused, play.missed) == ([], [])
        assert [" ".join(line.split()[:4]) for line in endings(play)] == [
            "111122223333 release 1 Succeeded",
            "222233334444 check 1 Failed",
            "222233334444 check 2 Failed",
            "222233334444 check 3 Succeeded",
            "333344445555 deploy 1 Succeeded",
            "333344445555 deploy 2 Stopped",
        ]


def test_the_example_faults_fit_the_example_scenario():
    example, wrong = EXAMPLES

    assert len(loading.load(example + wrong).faults) == 5


def mistaken_lines(text):
    try:
        loading.load(text)
    except ScenarioMistakes as error:
        return [mistake.line for mistake in error.mistakes]
    return []


@given(st.randoms(use_true_random=False))
def test_a_changed_example_is_either_valid_or_has_mistakes_with_line_numbers(random):
    parts = re.findall(r"[\w.-]+|\s+|.", "".join(EXAMPLES))
    for _ in range(random.randint(1, 3)):
        parts[random.randrange(len(parts))] = random.choice(ODD)

    assert all(line >= 1 for line in mistaken_lines("".join(parts)))


@pytest.mark.parametrize(
    "known",
    [
        loading.SECTIONS,
        pipelines.MEMBERS,
        conditions.KINDS,
        actions.MEMBERS,
        acts.MEMBERS,
        moments.MOMENTS,
        VERBS,
        faults.KINDS,
        [member for kind in faults.KINDS for member in faults.members_of(kind)],
        [member for verb in VERBS.values() for member in verb.members],
        ["nth", "after", "says"],
    ],
)
def test_every_key_is_documented(known):
    documented = set().union(*re.findall(r"`(\w+)|\b(\w+):", SECTION + FAULTS))

    assert [key for key in known if key not in documented] == []


def test_a_scenario_can_set_every_field_of_an_act():
    assert len(acts.MEMBERS) + 1 == len(fields(Act))  # `fails` sets two fields


def test_the_example_without_the_product_runs_and_needs_only_the_package(capsys):
    python = PAGE.partition("## Use it from Python\n")[2].partition("\n## ")[0]
    _, example = re.findall(r"```python\n(.*?)```", python, re.DOTALL)
    imported = set(re.findall(r"^(?:from|import) (\w+)", example, re.MULTILINE))

    exec(example, {})  # noqa: S102 - our own page

    assert capsys.readouterr().out == "{'answer': '42'}\n"
    assert imported - sys.stdlib_module_names == {"boto3", "codepipeline_sandbox"}
