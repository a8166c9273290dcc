from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


def steps(path):
    for job in yaml.safe_load(path.read_text("utf-8"))["jobs"].values():
        yield from job["steps"]


def made(command):
    words = re.split(r"[;&|\n]+", re.sub(r"\$\(\(.*?\)\)", "0", command))
    return [word for line in words for word in line.split()[1:] if re.fullmatch(r"[a-z-]+", word)]


def test_workflows_exist_for_the_gate_mutation_tests_and_a_nightly_soak():
    assert {path.stem for path in WORKFLOWS} >= {"gate", "mutation", "nightly"}


@each_workflow
def test_an_action_is_pinned_by_its_commit_next_to_its_version(path):
    uses = re.findall(r"uses: (.*)", path.read_text("utf-8"))
    assert uses
    assert [
        one for one in uses if not re.fullmatch(r"actions/\S+@[0-9a-f]{40}  # v[\d.]+", one)
    ] == []


def test_an_action_is_pinned_to_the_same_commit_everywhere():
    uses = [
        re.split(r"[@ ]+", step["uses"])
        for path in WORKFLOWS
        for step in steps(path)
        if "uses" in step
    ]
    assert len({name for name, _ in uses}) == len({tuple(one) for one in uses})


@each_workflow
def test_a_workflow_may_only_read_the_code(path):
    text = path.read_text("utf-8")
    workflow = yaml.safe_load(text)

    assert workflow["permissions"] == {"contents": "read"}
    assert [job for job in workflow["jobs"].values() if "permissions" in job] == []
    assert "secrets" not in text
    assert "pull_request_target" not in text
    checkouts = [
        step for step in steps(path) if step.get("uses", "").startswith("actions/checkout@")
    ]
    assert [step["with"]["persist-credentials"] for step in checkouts] == [False] * len(
        workflow["jobs"]
    )


@each_workflow
def test_a_workflow_has_a_time_limit_and_does_not_run_concurrently(path):
    workflow = yaml.safe_load(path.read_text("utf-8"))

    assert "group" in workflow["concurrency"]
    assert all(job["timeout-minutes"] <= 240 for job in workflow["jobs"].values())


@each_workflow
def test_a_workflow_runs_existing_make_targets_with_the_python_that_it_set_up(path):
    commands = [step["run"] for step in steps(path) if "run" in step]

    assert commands
    assert [each for each in commands if not each.startswith("make ")] == []
    assert [each for each in commands if " PYTHON=python" not in each] == []
    assert {target for each in commands for target in made(each)} <= TARGETS


@each_workflow
def test_no_command_contains_untrusted_text(path):
    assert [step["run"] for step in steps(path) if "${{" in step.get("run", "")] == []


def test_the_gate_runs_on_each_supported_python_version():
    gate = yaml.safe_load((GITHUB / "workflows" / "gate.yml").read_text("utf-8"))
    pythons = gate["jobs"]["check"]["strategy"]["matrix"]["python"]
    oldest = PYPROJECT["project"]["requires-python"].removeprefix(">=")

    assert pythons == [f"3.{minor}" for minor in range(11, 15)]
    assert pythons[0] == oldest


def test_the_gate_runs_everything_that_the_script_runs():
    gate = {
        target
        for step in steps(GITHUB / "workflows" / "gate.yml")
        for target in made(step.get("run", ""))
    }
    script = re.findall(
        r"^make ([a-z-]+)$", (ROOT / ".ci" / "run").read_text("utf-8"), re.MULTILINE
    )

    assert len(script) >= 5
    assert set(script) <= gate


def test_jobs_with_a_single_python_use_the_python_version_of_the_functions():
    runtime = re.search(r"Runtime: python([\d.]+)", (ROOT / "template.yaml").read_text("utf-8"))
    assert runtime
    gate = yaml.safe_load((GITHUB / "workflows" / "gate.yml").read_text("utf-8"))

    setup = gate["jobs"]["deployed"]["steps"][1]

    assert setup["with"]["python-version"] == runtime[1]
