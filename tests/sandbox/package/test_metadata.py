"""sandbox/pyproject.toml lists everything that the package needs, and why."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib import import_module
from importlib.metadata import packages_distributions
from pathlib import Path

import codepipeline_sandbox

ROOT = Path(__file__).parents[3]
PROJECT = ROOT / "sandbox" / "pyproject.toml"
SANDBOX = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
# Needed only by some functions, by the pytest plugin, and for type annotations.
OPTIONAL = {"aws_lambda_powertools", "pytest", "mypy_boto3_codepipeline"}


def name(requirement):
    return re.split(r"[^\w-]", requirement)[0]


def imported():
    for path in (ROOT / "sandbox" / "codepipeline_sandbox").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield str(node.module).partition(".")[0]


def test_the_package_requires_exactly_what_it_imports():
    known = {"codepipeline_sandbox", *OPTIONAL, *sys.stdlib_module_names}
    distributions = packages_distributions()
    needed = {distributions[each][0].lower() for each in set(imported()) - known}

    assert {name(each) for each in SANDBOX["dependencies"]} == needed


def test_every_requirement_has_a_reason():
    *_, block = PROJECT.read_text("utf-8").partition("\ndependencies = [\n")
    previous = ""
    for line in block.partition("\n]")[0].splitlines():
        assert line.strip().startswith("#") or "  #" in line or previous.strip().startswith("#")
        previous = line


def test_the_plugin_that_pytest_loads_exists():
    [(_, module)] = SANDBOX["entry-points"]["pytest11"].items()

    assert import_module(module).pytest_addoption


def test_the_public_names_exist_and_are_in_the_readme():
    readme = (ROOT / "sandbox" / "README.md").read_text("utf-8")
    public = codepipeline_sandbox.__all__

    assert [each for each in public if not hasattr(codepipeline_sandbox, each)] == []
    assert [each for each in public if not re.search(rf"\b{each}\b", readme)] == []


def test_the_package_has_the_version_and_license_of_the_project():
    product = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

    assert SANDBOX["version"] == product["version"]
    assert SANDBOX["license"] == product["license"]
    assert (ROOT / "sandbox" / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
