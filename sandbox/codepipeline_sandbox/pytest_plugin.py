"""A pytest plugin: a fresh cloud for each test, and the seed that replays a failure."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

from codepipeline_sandbox.cloud import Cloud
from codepipeline_sandbox.kernel import here

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from codepipeline_sandbox.kernel.world import World


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option --sandbox-seed."""
    parser.getgroup("codepipeline-sandbox").addoption(
        "--sandbox-seed", type=int, default=0, metavar="N", help="the clouds' seed (default: 0)"
    )


@pytest.fixture(scope="session")
def sandbox_seed(request: pytest.FixtureRequest) -> int:
    """The value of --sandbox-seed, for fixtures that open a cloud with other options."""
    seed: int = request.config.getoption("sandbox_seed")
    return seed


@pytest.fixture
def cloud(sandbox_seed: int) -> Iterator[Cloud]:
    """An empty AWS with its own clock, for one test."""
    with Cloud(seed=sandbox_seed) as cloud:
        yield cloud


@pytest.fixture
def world(cloud: Cloud) -> World:
    """The clock and the queue of events of the test's cloud."""
    return cloud.world


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add a section to the report of a test that fails while a cloud is open."""
    report = yield
    cloud = here.current_or_none()
    if report.failed and isinstance(cloud, Cloud):
        report.sections.append(("sandbox", _replay(item, cloud)))
    return report


def _replay(item: pytest.Item, cloud: Cloud) -> str:
    return "\n".join(
        [
            f"The cloud's time is {cloud.world.datetime():%Y-%m-%dT%H:%M:%SZ}.",
            *(f"A fault struck: {strike}" for strike in cloud.faults.log),
            f"Replay: pytest {shlex.quote(item.nodeid)} --sandbox-seed {cloud.seed}",
        ]
    )
