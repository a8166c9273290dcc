"""Every rule in docs/sandbox.md has a test, and the listed settings match the code."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import fields
from pathlib import Path

import pytest

from codepipeline_sandbox.codepipeline import Settings
from docs import rule_evidence
from docs.rule_evidence import RULE, known, with_evidence

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def listing():
    spec = importlib.util.spec_from_file_location("rules", DOCS / "rules.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_rule_is_cited_by_a_test(listing):
    cited = listing.citations()

    assert [rule for rule in listing.rules() if rule not in cited] == []


def test_no_test_cites_a_rule_that_does_not_exist(listing):
    rules = listing.rules()

    assert [rule for rule in listing.citations() if rule not in rules] == []


def test_the_page_lists_every_setting_with_its_default():
    _, settings = (DOCS / "sandbox.md").read_text("utf-8").split("\n### Settings\n")
    shown = dict(re.findall(r"^\| `([a-z_]+)` \| `(.+?)` \|", settings, re.MULTILINE))

    assert shown == {field.name: repr(field.default) for field in fields(Settings)}


def test_the_generated_columns_are_up_to_date():
    page = (DOCS / "sandbox.md").read_text("utf-8")

    assert with_evidence(page) == page, "run `make generate`"


def test_each_rule_shows_how_it_is_known():
    page = (DOCS / "sandbox.md").read_text("utf-8")

    assert [found[1] for found in RULE.finditer(page) if not known(found[2], found[3])] == []


@pytest.mark.parametrize(
    "text, source, kinds",
    [
        ("", "UG limits; M Tag", ["documented"]),
        ("", "not documented", ["assumed"]),
        ("", "LS test_callback (2024-04-29); the last is not documented", ["measured", "assumed"]),
        ("", "UG executions-view; seen in 2022 (aws/aws-cdk#20452)", ["documented", "seen"]),
        ("A *setting* (`x`) decides.", "UG limits", ["documented", "setting"]),
        ("", "sandbox only", ["sandbox only"]),
        ("", "FL 2734", ["measured"]),
    ],
)
def test_how_a_rule_is_known_follows_from_its_source(text, source, kinds):
    assert known(text, source) == kinds


def test_a_run_on_aws_shows_in_the_tables(monkeypatch):
    tests = [
        {"rules": ["E1"], "result": "holds", "settings": {}},
        {"rules": ["M6"], "result": "other value", "settings": {"concurrent_executions": 40}},
    ]
    record = {"endpoint": None, "date": "2026-12-01", "tests": tests}
    monkeypatch.setattr(rule_evidence, "_records", lambda: [record])
    page = with_evidence((DOCS / "sandbox.md").read_text("utf-8"))

    assert re.search(r"^\| E1 .*; held 2026-12-01 \|$", page, re.MULTILINE)
    assert re.search(r"^\| M6 .*; differed 2026-12-01 \|$", page, re.MULTILINE)
    assert "| `concurrent_executions` | `50` | M6 | `40` on 2026-12-01 |" in page
