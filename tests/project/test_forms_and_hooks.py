from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FORMS = ROOT / ".github" / "ISSUE_TEMPLATE"


def hooks():
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    assert [repo["repo"] for repo in config["repos"]] == ["local"]
    return {hook["id"]: hook for repo in config["repos"] for hook in repo["hooks"]}


@pytest.mark.parametrize("name", ["wrong", "idea"])
def test_an_issue_form_has_the_fields_that_github_requires(name):
    form = yaml.safe_load((FORMS / f"{name}.yml").read_text("utf-8"))
    fields = [field for field in form["body"] if field["type"] != "markdown"]

    assert form["name"]
    assert form["description"]
    assert {field["type"] for field in fields} <= {"textarea", "input", "dropdown"}
    assert len({field["id"] for field in fields}) == len(fields)
    assert all(field["attributes"]["label"] for field in fields)
    assert any(field["validations"]["required"] for field in fields if "validations" in field)


def test_the_hooks_use_the_tools_of_the_gate():
    pinned = (ROOT / "requirements" / "dev.txt").read_text("utf-8")
    entries = {name: hook["entry"] for name, hook in hooks().items()}

    assert entries.pop("audit") == "make audit"
    assert {"format", "lint", "types", "cfn-lint"} <= entries.keys()
    for entry in entries.values():
        tool = re.match(r"\.venv/bin/([\w-]+)", entry)
        assert tool
        assert f"\n{tool[1]}==" in pinned


def test_the_hooks_check_all_existing_templates():
    pattern = hooks()["cfn-lint"]["files"]

    seen = {path.name for path in ROOT.glob("*.yaml") if re.search(pattern, path.name)}

    assert seen == {"template.yaml", "target-role.yaml", "target-events.yaml"}
