from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
PAGES = [
    *(
        ROOT / name
        for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md")
    ),
    ROOT / ".github" / "pull_request_template.md",
]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@each_page
def test_every_make_target_that_a_page_names_exists(page):
    code = re.findall(r"`([^`]+)`|^ {4}(make .*)$", page.read_text("utf-8"), re.MULTILINE)
    commands = [" ".join((quoted or block).split()) for quoted, block in code]
    named = {
        re.sub(r'\b[A-Z]+=("[^"]*"|\S+) ?', "", one).split()[1]
        for one in commands
        if one.startswith("make ")
    }
    assert named <= TARGETS


def test_every_path_that_contributing_names_exists():
    named = re.findall(
        r"`((?:functions|tests|docs|statemachine|sandbox|playground|requirements)/[\w/.]*)`",
        CONTRIBUTING,
    )
    plain = re.findall(r"(?<![\w`(/])((?:tests|docs)/[\w/]+\.\w+)", CONTRIBUTING)

    assert len(named) > 8
    assert [name for name in [*named, *plain] if not (ROOT / name).exists()] == []


def test_the_version_is_in_the_changelog_or_still_unreleased():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)

    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    assert headings[0] == "Unreleased"
    assert headings[1:] == [] or headings[1].startswith(f"{version} - ")


def test_the_license_file_matches_the_project_metadata():
    text = (ROOT / "LICENSE").read_text("utf-8")
    license_id = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["license"]

    assert license_id == "Apache-2.0"
    assert "Apache License\n                           Version 2.0" in text
