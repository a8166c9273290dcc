"""What all tests share."""

from __future__ import annotations

import gc
import json
from datetime import timedelta

import pytest
from hypothesis import settings

pytest_plugins = ["tests.time_limit"]

# The same examples in every run, however slow the machine; a failure says how to repeat it.
settings.register_profile("repeatable", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("repeatable")


@pytest.hookimpl(trylast=True)  # whoever shuffles has done so
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that the workers come to their ends together."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_collection_finish() -> None:
    """Let the libraries remember, and spare the collector what the imports have made."""
    from sandbox import remembering  # noqa: PLC0415 - only who runs tests needs moto

    remembering.install()
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)


@pytest.fixture(scope="session", autouse=True)
def _namespace():
    """Let what a test calls of the functions count, as the template does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Tests")
        yield


@pytest.fixture
def cloud():
    """A sandbox of the test's own, with nothing in it."""
    from sandbox.cloud import Cloud  # noqa: PLC0415 - as above

    with Cloud(seed=7) as cloud:
        yield cloud


@pytest.fixture(scope="module")
def shared_cloud():
    """A sandbox that all tests of a module share, to save the time of setting up one for each."""
    from sandbox.cloud import Cloud  # noqa: PLC0415 - as above

    with Cloud(seed=7) as cloud:
        yield cloud


@pytest.fixture
def world(cloud):
    """The virtual time of the sandbox."""
    return cloud.world


@pytest.fixture(scope="module")
def deployment():
    """Keywords for Company. Modules and tests that need another deployment override this."""
    return {"LocalPipelineNames": "local,web,MyFirst*"}


@pytest.fixture
def company(cloud, deployment):
    """The product, deployed from its template, and the target roles beside it."""
    from sandbox.company import Company  # noqa: PLC0415 - as above

    return Company(cloud, **deployment)


@pytest.fixture(scope="module")
def shared_company(shared_cloud, deployment):
    """The product as `company` has it, for all tests of a module."""
    from sandbox.company import Company  # noqa: PLC0415 - as above

    return Company(shared_cloud, **deployment)


@pytest.fixture
def at(monkeypatch):
    """Sets the functions' time, in seconds after the run's start; a minute if nothing is said."""
    from codepipeline_orchestrator import clock  # noqa: PLC0415 - only who tests functions needs them
    from tests.function.runs import START  # noqa: PLC0415 - the same

    def set_time(seconds):
        monkeypatch.setattr(clock, "_source", (START + timedelta(seconds=seconds)).timestamp)

    set_time(60)
    return set_time


@pytest.fixture
def counted(capsys):
    """The names of the metrics that were written."""

    def names():
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return [
            line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"]
            for line in lines
            if "_aws" in line
        ]

    return names
