from __future__ import annotations

import re
from pathlib import Path
from xml.etree.ElementTree import parse

import pytest
import yaml

from codepipeline_orchestrator.input.fields import (
    DEFAULT_MINUTES,
    MOST_MINUTES,
    MOST_MINUTES_WITH_A_JOB,
)

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
COMPARISON = (ROOT / "docs" / "comparison.md").read_text("utf-8")
NOTES = dict(re.findall(r"^\[\^(\w+)\]:(.*(?:\n    .*)*)", COMPARISON, re.MULTILINE))
TABLES = [
    [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()]
    for table in re.findall(r"(?:^\| .+\n)+", COMPARISON, re.MULTILINE)
]
PICTURES = sorted((ROOT / "docs" / "pictures").glob("*.svg"))

each_table = pytest.mark.parametrize("table", TABLES, ids=["tools", "AWS"])


def test_the_readme_is_short_and_has_no_tables():
    lines = README.splitlines()

    assert len(lines) <= 120
    assert [line for line in lines if line.startswith("|")] == []


def test_the_pictures_of_the_readme_have_alternative_text():
    shown = re.findall(r"!\[[^\]]{20,}\]\((docs/[^)]+\.svg)\)", README)

    assert shown == ["docs/pictures/watch.svg"]
    assert README.count("![") == len(shown)


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_a_picture_supports_light_and_dark_mode_and_loads_nothing(picture):
    text = picture.read_text("utf-8")
    nodes = list(parse(picture).iter())  # noqa: S314 - our own
    tags = {node.tag.rpartition("}")[2] for node in nodes}
    values = [value for node in nodes for value in node.attrib.values()]

    assert "prefers-color-scheme: dark" in text
    assert "title" in tags
    assert tags.isdisjoint({"script", "image", "foreignObject", "use", "a"})
    assert [value for value in values if "http" in value] == []
    assert not re.search(r"url\((?!#)|@import", text)


def test_the_overview_names_existing_states_and_functions():
    drawn = re.findall(
        r'class="state">(\w+)<', (ROOT / "docs" / "pictures" / "overview.svg").read_text("utf-8")
    )
    states = yaml.safe_load((ROOT / "statemachine" / "pipeline_run.asl.yaml").read_text("utf-8"))

    functions = {path.stem for path in (ROOT / "functions").glob("*.py")}
    assert drawn
    assert set(drawn) <= {*states["States"], *functions}


def test_every_footnote_of_the_comparison_is_used_and_links_to_its_source():
    used = re.findall(r"\[\^(\w+)\](?!:)", COMPARISON)

    assert set(used) == set(NOTES)
    assert [name for name, text in NOTES.items() if "](https://" not in text] == []


@each_table
def test_every_alternative_in_the_comparison_has_a_footnote(table):
    what_it_is = table[2]

    assert what_it_is[0] == "what it is"
    assert [cell for cell in what_it_is[2:] if "[^" not in cell] == []


@each_table
def test_the_comparison_has_no_empty_cells(table):
    assert len(table) >= 10
    assert {len(row) for row in table} == {len(table[0])}
    assert [row for row in table[2:] if not all(row)] == []


def test_both_comparisons_have_the_same_rows_and_the_same_entries_for_the_product():
    tools, aws = ([row[:2] for row in table] for table in TABLES)

    assert tools == aws


@each_table
def test_the_limits_in_the_comparison_match_the_input(table):
    line = next(row for row in table if row[0].startswith("longest wait"))

    assert line[1] == "23 h 40 min; 7 days in a Step Functions action; a year without CodePipeline"
    assert 23 * 60 < MOST_MINUTES_WITH_A_JOB < 24 * 60
    assert DEFAULT_MINUTES == 7 * 24 * 60
    assert 364 < MOST_MINUTES / (24 * 60) < 365
