from __future__ import annotations

import gc
import json
from datetime import timedelta

import pytest
from _pytest.nodeid import NodeId
from hypothesis import settings

from playground.own_settings import ignore_own_settings

gc.disable()  # until all tests have been collected, because hardly any of their objects is garbage

pytest_plugins = ["tests.time_limit"]

ignore_own_settings()

# Use the same examples in every run. There is no deadline, because machines may be slow.
settings.register_profile("repeatable", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("repeatable")


@pytest.hookimpl(trylast=True)  # Other plugins may shuffle the tests before this hook runs.
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run long tests first so that the workers finish at about the same time."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
    for item in items:
        _name_group(item)


def _name_group(item: pytest.Item) -> None:
    """Append the test's xdist_group to its id so that `--dist loadgroup` keeps the group together.
    pytest-xdist 3.8 does this with an attribute that pytest 9.2 no longer reads.
    """
    mark = item.get_closest_marker("xdist_group")
    if mark and getattr(item.config.option, "loadgroup", False):
        item._id = NodeId.parse(f"{item.nodeid}@{mark.args[0]}")  # there is no public API for this


def pytest_collection_finish() -> None:
    """Cache slow library calls, and keep imported objects out of garbage collection."""
    from codepipeline_sandbox.kernel.patches import Patches  # noqa: PLC0415 - only running tests
    from codepipeline_sandbox.patches import caches  # noqa: PLC0415 - need moto

    caches.install(Patches())  # for the whole process, not only while a cloud is open
    gc.collect()
    gc.freeze()
    gc.set_threshold(1_000_000, 50, 50)
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def _namespace():
    """Set the metrics namespace, which the template sets for deployed functions."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Tests")
        yield


@pytest.fixture
def cloud():
    from codepipeline_sandbox.cloud import Cloud  # noqa: PLC0415 - as above

    with Cloud(seed=7) as cloud:
        yield cloud


@pytest.fixture(scope="module")
def shared_cloud():
    """A sandbox shared by all tests in a module to save setup time."""
    from codepipeline_sandbox.cloud import Cloud  # noqa: PLC0415 - as above

    with Cloud(seed=7) as cloud:
        yield cloud


@pytest.fixture
def world(cloud):
    return cloud.world


@pytest.fixture(scope="module")
def deployment():
    """The arguments for Company. A module or test overrides them to change the deployment."""
    return {"LocalPipelineNames": "local,web,MyFirst*"}


@pytest.fixture
def company(cloud, deployment):
    from playground.company import Company  # noqa: PLC0415 - as above

    return Company(cloud, **deployment)


@pytest.fixture(scope="module")
def shared_company(shared_cloud, deployment):
    from playground.company import Company  # noqa: PLC0415 - as above

    return Company(shared_cloud, **deployment)


@pytest.fixture
def at(monkeypatch):
    """Set the functions' clock to 60 seconds after the run's start.

    Return a function that changes it.
    """
    from codepipeline_orchestrator import clock  # noqa: PLC0415 - only function tests need it
    from tests.function.runs import START  # noqa: PLC0415 - as above

    def set_time(seconds):
        monkeypatch.setattr(clock, "_source", (START + timedelta(seconds=seconds)).timestamp)

    set_time(60)
    return set_time


@pytest.fixture
def counted(capsys):
    """Return a function that returns the names of the metrics written since its last call."""

    def names():
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return [
            line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"]
            for line in lines
            if "_aws" in line
        ]

    return names
