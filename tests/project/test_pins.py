from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PINS = sorted((ROOT / "requirements").glob("*.txt"))


def packages(path):
    return path.read_text("utf-8").replace("\\\n", " ").splitlines()


@pytest.mark.parametrize("path", PINS, ids=lambda path: path.stem)
def test_every_package_is_pinned_and_no_registry_is_named(path):
    name_and_version = r"[a-z0-9.-]+(\[[a-z,]+\])?==[\w.+!]+"
    for package in packages(path):
        assert re.match(name_and_version, package), package
        assert "://" not in package


def test_packages_used_for_deployments_are_pinned_with_hashes():
    found = packages(ROOT / "requirements" / "sam.txt")
    assert found
    assert [one for one in found if not re.search(r" --hash=sha256:[0-9a-f]{64}", one)] == []


@pytest.mark.parametrize("environment, checked", [("sam", True), ("runtime", False)])
def test_the_deployment_environment_is_installed_only_with_hashes(environment, checked):
    pins, made = f"requirements/{environment}.txt", f".venv-{environment}/installed"
    installs = re.findall(r"(?:pip sync|install) .*", recipe("-W", pins, made))
    assert len(installs) == 2
    assert all(("--require-hashes" in one) == checked for one in installs)
    # The file lists every package, so pip must not resolve dependencies.
    assert "--no-deps" in installs[1]


def test_each_file_is_audited_separately():
    # pip-audit requires hashes in all of its files if one of them has hashes.
    assert re.search(
        r"for pins in requirements/\*\.txt.*--requirement \$pins ", recipe("audit"), re.DOTALL
    )


def recipe(*words):
    make = shutil.which("make")
    assert make
    old = [f"--old-file=.venv{which}/installed" for which in ("", "-audit")]
    return subprocess.run(  # noqa: S603 - our own Makefile, which runs nothing with -n
        [make, "-n", *old, *words], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout


def test_hashes_are_updated_with_the_pins():
    recipe = (ROOT / "Makefile").read_text("utf-8")
    assert re.search(r"\(LOCK\) --generate-hashes .*--output-file requirements/sam.txt", recipe)


def test_dependabot_updates_the_pins():
    text = (ROOT / ".github" / "dependabot.yml").read_text("utf-8")
    updates = {each["package-ecosystem"]: each for each in yaml.safe_load(text)["updates"]}
    assert updates["pip"]["directory"] == "/requirements"
    # Grouping keeps the version of a package the same in every file.
    assert updates["pip"]["groups"] == {"python": {"patterns": ["*"]}}
    assert {path.parent.name for path in PINS} == {"requirements"}
