"""The package in a fresh process: its changes to other packages, its README.md and its plugin."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pages.blocks import blocks
from tests.sandbox.package import fresh_process

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("fresh process")]

README = fresh_process.ROOT / "sandbox" / "README.md"
FAILING = """
from codepipeline_sandbox import CallFault

def test_that_passes(cloud, world, sandbox_seed):
    assert cloud.world is world
    assert cloud.seed == sandbox_seed == 5
    assert cloud.session().client("ssm").describe_parameters()["Parameters"] == []

def test_that_fails(cloud):
    cloud.faults.add(CallFault("throttled", "ssm:DescribeParameters", callers="everybody", times=1))
    cloud.session().client("ssm").describe_parameters()
    cloud.world.sleep(60)
    assert not "this"

def test_without_a_cloud():
    assert not "that"
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """The output of `fresh_process`, which runs the test in README.md and the tests above."""
    project = tmp_path_factory.mktemp("project")
    (project / "action").mkdir()
    files = ["action/gate.py", "template.yaml", "test_gate.py"]
    code = [block.text for block in blocks(README) if block.language in {"python", "yaml"}]
    for name, text in zip([*files, "test_plugin.py"], [*code, FAILING], strict=True):
        (project / name).write_text(text, encoding="utf-8")
    script = str(Path(fresh_process.__file__))
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, script, "-p", "no:cacheprovider", "-v", "--sandbox-seed", "5"],
        cwd=project,
        env={
            **os.environ,
            "PYTHONPATH": str(fresh_process.ROOT / "sandbox"),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTEST_ADDOPTS": "",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_importing_the_sandbox_changes_nothing(found):
    assert found["import"] == []


def test_an_open_cloud_lists_all_of_its_changes(found):
    assert {"dataclasses.exec", "botocore.endpoint.time"} < set(found["listed"])
    assert found["open"] == found["listed"]


def test_a_closed_cloud_leaves_nothing_behind(found):
    assert found["closed"] == []


def test_the_test_in_the_readme_passes(found):
    assert "test_gate.py::test_the_release_waits_until_the_gate_opens PASSED" in found["tests"]
    assert len(readme_test().splitlines()) == 10


def readme_test():
    *_, text = [block.text for block in blocks(README) if block.language == "python"]
    return text.partition("(cloud):\n")[2]


def test_each_test_gets_an_empty_cloud_with_the_chosen_seed(found):
    assert "test_plugin.py::test_that_passes PASSED" in found["tests"]


def test_the_report_of_a_failure_shows_how_to_replay_it(found):
    report = found["tests"].partition("_ test_that_fails _")[2].partition("_ test_without_")[0]
    section = report.partition("- sandbox -")[2].partition("\n")[2]
    assert section.splitlines()[:3] == [
        "The cloud's time is 2026-01-05T09:01:00Z.",
        (
            "A fault struck: 2026-01-05T09:00:00.000+00:00 throttled: ssm:DescribeParameters"
            " (111122223333 eu-west-1)"
        ),
        "Replay: pytest test_plugin.py::test_that_fails --sandbox-seed 5",
    ]


def test_a_failure_without_a_cloud_has_no_such_section(found):
    assert "test_plugin.py::test_without_a_cloud FAILED" in found["tests"]
    assert found["tests"].count("- sandbox -") == 1
