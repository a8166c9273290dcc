from pathlib import Path

import pytest
import yaml

from tests.template import expansion
from tests.template.expansion import ROOT


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def template():
    """template.yaml before packaging, with intrinsic functions in their long form."""
    return expansion.as_written("template.yaml")


@pytest.fixture(scope="session")
def target_role_template():
    return expansion.as_written("target-role.yaml")


@pytest.fixture(scope="session")
def target_events_template():
    return expansion.as_written("target-events.yaml")


@pytest.fixture(scope="session")
def expanded(template):
    return expansion.expanded(template)


@pytest.fixture(scope="session")
def resources(expanded):
    return expanded["Resources"]


@pytest.fixture(scope="session")
def definition():
    return yaml.safe_load((ROOT / "statemachine" / "pipeline_run.asl.yaml").read_text())
