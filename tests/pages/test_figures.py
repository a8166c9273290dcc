"""The figures on the pages: whence they come, and which command prints them."""

from __future__ import annotations

import json
import re

import pytest

from benchmarks.waiting import results
from benchmarks.waiting.page import PAGES as WAITING
from benchmarks.waiting.worlds import MEDIAN_MINUTES
from docs.generate import SCALING
from sandbox.deployment.artifacts import load
from tests.pages.blocks import PAGES, ROOT

README = (ROOT / "README.md").read_text("utf-8")
(SECTION,) = re.findall(r"\n## Delay and cost\n(.*?)(?=\n## )", README, re.DOTALL)
COLUMNS = {"99", "1,000"}  # percent; hours
COMMITTED = [
    each for each in json.loads(results.FIGURES.read_text("utf-8")) if each["world"] == "history"
]
NUMBER = re.compile(r"(?<![\w.,-])\d[\d,]*(?:\.\d+)?(?![\w-])")


def measured(policy):
    return next(each for each in COMMITTED if each["policy"] == policy)


def test_every_number_of_the_readmes_figures_is_in_the_committed_results():
    # given what was measured, as a page may round it
    values = [value for row in COMMITTED for value in row.values() if not isinstance(value, str)]
    known = {form.format(value) for value in values for form in ("{:,}", "{:,.1f}", "{:,.2f}")}
    ours, waiters = (measured(name)["aws_calls_per_hour"] for name in ("orchestrator", "waiter"))
    share = f"{ours / waiters:.0%}".removesuffix("%")

    # when the section is read, without names and links
    text = re.sub(r"`[^`]*`|\([^()\s]*\)|<!--.*?-->", " ", SECTION)
    told = set(NUMBER.findall(text))

    # then there is no other number
    assert len(told) > 20
    assert told - known == {share, f"{MEDIAN_MINUTES:.0f}", *COLUMNS}


def test_every_row_of_the_readmes_figures_is_of_the_policy_that_it_names():
    rows = re.findall(r"^\| `([\w-]+)` \| (.+) \|$", SECTION, re.MULTILINE)
    names = ("mean_delay_s", "p99_delay_s", "aws_calls_per_hour", "usd_per_1000_hours")

    assert [policy for policy, _ in rows] == [each["policy"] for each in COMMITTED]
    for policy, cells in rows:
        found = [float(cell.replace(",", "")) for cell in cells.split(" | ")]
        assert found == [round(measured(policy)[name], 2) for name in names]


@pytest.mark.parametrize(
    "text, command",
    [
        (SECTION, "make bench"),
        *((page.read_text("utf-8"), "make bench") for page in WAITING),
        (SCALING.read_text("utf-8"), "make bench-scale"),
    ],
    ids=["section", "README", "waiting", "scaling"],
)
def test_the_command_that_prints_figures_is_named_beside_them(text, command):
    assert f"`{command}`" in text


def test_a_default_that_a_page_names_is_the_templates():
    defaults = {
        name: str(parameter.get("Default"))
        for name, parameter in load(ROOT / "template.yaml")["Parameters"].items()
    }
    told = [
        (name, value)
        for page in PAGES
        for name, value in re.findall(
            r"`(\w+)` \(([\d.]+)(?: by default)?[,)]", page.read_text("utf-8")
        )
        if name in defaults
    ]

    assert told
    assert [each for each in told if each not in defaults.items()] == []
