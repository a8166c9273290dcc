from __future__ import annotations

import json
import re

import pytest

from benchmarks.waiting import results
from benchmarks.waiting.page import PAGE as WAITING
from codepipeline_sandbox.cloudformation.artifacts import load
from docs.generate import SCALING
from tests.pages.blocks import PAGES, ROOT

README = (ROOT / "README.md").read_text("utf-8")
COMMITTED = [
    each for each in json.loads(results.FIGURES.read_text("utf-8")) if each["world"] == "history"
]
DELAYS = re.compile(r"(\d+\.\d) seconds")


def mean_delay(policy):
    measured = next(each for each in COMMITTED if each["policy"] == policy)
    return f"{measured['mean_delay_s']:.1f}"


def test_the_delays_in_the_readme_match_the_committed_results():
    (sentence,) = re.findall(r"^- \*\*It is fast\.\*\*.*\n(?:  .*\n)*", README, re.MULTILINE)
    policies = ("orchestrator", "orchestrator-polls", "waiter")

    assert DELAYS.findall(sentence) == [mean_delay(policy) for policy in policies]
    assert DELAYS.findall(README) == DELAYS.findall(sentence)


@pytest.mark.parametrize(
    "text, command",
    [
        (WAITING.read_text("utf-8"), "make bench"),
        (SCALING.read_text("utf-8"), "make bench-scale"),
    ],
    ids=["waiting", "scaling"],
)
def test_a_page_with_figures_names_the_command_that_prints_them(text, command):
    assert f"`{command}`" in text


def test_the_defaults_on_the_pages_match_the_template():
    defaults = {
        name: str(parameter.get("Default"))
        for name, parameter in load(ROOT / "template.yaml")["Parameters"].items()
    }
    found = [
        (name, value)
        for page in PAGES
        for name, value in re.findall(
            r"`(\w+)` \(([\d.]+)(?: by default)?[,)]", page.read_text("utf-8")
        )
        if name in defaults
    ]

    assert found
    assert [each for each in found if each not in defaults.items()] == []
