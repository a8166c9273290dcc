from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

import pytest
import yaml

from codepipeline_orchestrator.errors import OURS, InvalidInput, failure_type
from codepipeline_orchestrator.input.parsing import parse_input, parse_user_parameters
from codepipeline_orchestrator.model.documents import json_name
from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.result.document import Result
from docs.generate import INPUT, ROOT
from docs.input_tables import with_tables

ALL_PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
RESULTS = (ROOT / "docs" / "results.md").read_text("utf-8")


def test_the_tables_of_the_input_are_generated_from_the_model():
    text = INPUT.read_text("utf-8")
    assert "made by `make generate`" in text
    assert with_tables(text) == text, "run `make generate`"


class _Template(yaml.SafeLoader):
    """Loads YAML and reads CloudFormation's short forms as plain strings."""


_Template.add_multi_constructor("!", lambda _loader, _tag, node: str(node.value))


def inputs_in(page):
    blocks = re.findall(r"```(json|yaml)\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    for kind, text in blocks:
        if kind == "yaml":
            yield from _inputs(yaml.load(text, _Template))  # noqa: S506 - a SafeLoader
        elif '"outcome"' not in text:
            yield text
    for text in re.findall(r"--input '(\{.*?\})'", page.read_text("utf-8")):
        # The examples in docs/outcomes.md have numbers in place of execution ids.
        yield re.sub(r'"#[0-9]+"', '"aaaaaaaa-1111-2222-3333-444444444444"', text)


def _inputs(node: Any) -> Any:
    if isinstance(node, dict):
        for name, value in node.items():
            if name in {"UserParameters", "Input"} and isinstance(value, str):
                yield value
            else:
                yield from _inputs(value)
    elif isinstance(node, list):
        for each in node:
            yield from _inputs(each)


MISTAKE = '{"pipelineNam": "MyFirstPipeline"}'  # the deliberate mistake in docs/getting-started.md
EXAMPLES = [(page.name, text) for page in ALL_PAGES for text in inputs_in(page) if text != MISTAKE]


def test_the_pages_contain_examples_of_input():
    assert {name for name, _ in EXAMPLES} >= {"README.md", "input.md"}
    assert len(EXAMPLES) >= 8


@pytest.mark.parametrize("page, text", EXAMPLES, ids=[f"{n} {t[:40]}" for n, t in EXAMPLES])
def test_every_example_of_input_is_valid(page, text):
    run_input = parse_user_parameters(text)
    assert len(text) <= 1_000
    assert parse_input(run_input.to_document()) == run_input


def test_the_mistake_in_getting_started_is_reported_with_the_intended_name():
    with pytest.raises(InvalidInput, match="did you mean pipelineName"):
        parse_user_parameters(MISTAKE)


def test_the_index_links_to_every_page():
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    pages = {page.name for page in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert sorted(name for name in pages if f"]({name}" not in index) == []


def rows(heading):
    section = RESULTS.partition(f"\n{heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def test_every_error_of_a_run_is_listed_with_the_failure_type_of_its_action():
    outcomes = {one.error for one in Outcome if not one.succeeded and one is not Outcome.ERROR}
    listed = {row[0].strip("`"): row[1] for row in rows("## Errors")}
    assert listed == {name: failure_type(name) for name in {*OURS, *outcomes}}


def test_every_field_of_the_result_is_listed():
    listed = {
        name for row in rows("## The result document") for name in re.findall(r"`(\w+)`", row[0])
    }
    assert {json_name(each.name) for each in fields(Result)} == listed
