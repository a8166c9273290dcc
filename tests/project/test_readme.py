"""The README's pictures and its comparison."""

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
NOTES = dict(re.findall(r"^\[\^(\w+)\]:(.*(?:\n    .*)*)", README, re.MULTILINE))
TABLE = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in README.partition("\n## Other ways\n")[2].partition("\n\n[^")[0].splitlines()
    if line.startswith("| ")
]
PICTURES = re.findall(r"!\[[^\]]{20,}\]\((docs/[^)]+\.svg)\)", README)


def test_the_readme_has_pictures_that_say_in_words_what_they_show():
    assert PICTURES[:2] == ["docs/pictures/overview.svg", "docs/pictures/demonstration.svg"]
    assert README.count("![") == len(PICTURES)


@pytest.mark.parametrize("picture", PICTURES)
def test_a_picture_is_for_light_and_dark_and_loads_nothing(picture):
    text = (ROOT / picture).read_text("utf-8")
    tags = {node.tag.rpartition("}")[2] for node in parse(ROOT / picture).iter()}  # noqa: S314 - our own

    assert "prefers-color-scheme: dark" in text
    assert "title" in tags
    assert tags.isdisjoint({"script", "image", "foreignObject", "use", "a"})
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")


def test_the_overview_names_states_and_a_function_that_there_are():
    drawn = re.findall(
        r'class="state">(\w+)<', (ROOT / "docs" / "pictures" / "overview.svg").read_text("utf-8")
    )
    states = yaml.safe_load((ROOT / "statemachine" / "pipeline_run.asl.yaml").read_text("utf-8"))

    functions = {path.stem for path in (ROOT / "functions").glob("*.py")}
    assert drawn
    assert set(drawn) <= {*states["States"], *functions}


def test_every_way_in_the_comparison_has_a_note_that_names_its_source():
    used = re.findall(r"\[\^(\w+)\](?!:)", README)

    assert set(used) == set(NOTES)
    assert [name for name, text in NOTES.items() if "](https://" not in text] == []
    what_it_is = TABLE[2]
    assert what_it_is[0] == "what it is"
    assert [cell for cell in what_it_is[2:] if "[^" not in cell] == []


def test_the_comparison_says_something_of_every_way_in_every_line():
    assert len(TABLE) >= 10
    assert {len(row) for row in TABLE} == {len(TABLE[0])}
    assert [row for row in TABLE[2:] if not all(row)] == []


def test_the_comparison_s_limits_are_those_of_the_input():
    line = next(row for row in TABLE if row[0].startswith("waits at most"))

    assert line[1] == "23 h 40 min; 7 days in a Step Functions action; a year without CodePipeline"
    assert 23 * 60 < MOST_MINUTES_WITH_A_JOB < 24 * 60
    assert DEFAULT_MINUTES == 7 * 24 * 60
    assert 364 < MOST_MINUTES / (24 * 60) < 365
