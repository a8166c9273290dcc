"""Every rule in docs/sandbox.md has a test, and the listed settings match the code."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import fields
from pathlib import Path

import pytest

from sandbox.codepipeline import Settings

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
