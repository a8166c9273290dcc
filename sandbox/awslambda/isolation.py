"""Gives each Lambda container its own copy of the process's global state.

This state consists of the environment, standard output, clock, randomness, loggers, default boto3
session and the variables of Powertools' modules. It is swapped in when the container's task
continues and swapped out when the task pauses. The class `datetime` is not replaced.
"""

from __future__ import annotations

import logging
import os
import random
import secrets
import sys
import time
import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
from aws_lambda_powertools.logging import logger as powertools_logger
from aws_lambda_powertools.metrics import Metrics
from aws_lambda_powertools.metrics import base as powertools_metrics
from aws_lambda_powertools.metrics.provider import cold_start
from aws_lambda_powertools.metrics.provider.cloudwatch_emf import cloudwatch

from sandbox.virtual import datetime_module

if TYPE_CHECKING:
    from io import TextIOBase

    from sandbox.world import World


_CHANCE = ("choice", "choices", "getrandbits", "randint", "random", "randrange", "uniform")


class _Place(NamedTuple):
    owner: Any
    name: str


class _ContainerLogHandler(logging.StreamHandler[Any]):
    """The handler that the Lambda runtime adds to the root logger."""

    def __init__(self, stream: TextIOBase) -> None:
        super().__init__(stream)
        self.setFormatter(logging.Formatter("[%(levelname)s]\t%(asctime)s\t%(message)s"))


class Isolation:
    """One container's values for the process's global state."""

    def __init__(self, world: World, environment: dict[str, str], stdout: TextIOBase) -> None:
        root = logging.RootLogger(logging.WARNING)
        root.addHandler(_ContainerLogHandler(stdout))
        self._values: dict[_Place, Any] = {
            _Place(os, "environ"): environment,
            _Place(sys, "stdout"): stdout,
            _Place(sys, "stderr"): stdout,
            _Place(time, "time"): lambda: world.now,
            _Place(time, "time_ns"): lambda: round(world.now * 1e9),
            _Place(time, "sleep"): world.sleep,
            _Place(secrets, "token_hex"): lambda size: world.random.randbytes(size).hex(),
            _Place(uuid, "uuid4"): lambda: uuid.UUID(world.uuid()),
            **{_Place(random, name): getattr(world.random, name) for name in _CHANCE},
            _Place(cloudwatch, "dt"): datetime_module(world),
            _Place(powertools_metrics, "dt"): datetime_module(world),
            _Place(boto3, "DEFAULT_SESSION"): None,
            _Place(logging, "root"): root,
            _Place(logging.Logger, "root"): root,
            _Place(logging.Logger, "manager"): logging.Manager(root),
            _Place(powertools_logger, "is_cold_start"): True,
            _Place(powertools_metrics, "is_cold_start"): True,
            _Place(cold_start, "is_cold_start"): True,
            _Place(Metrics, "_metrics"): {},
            _Place(Metrics, "_dimensions"): {},
            _Place(Metrics, "_metadata"): {},
            _Place(Metrics, "_default_dimensions"): {},
        }

    def swap(self) -> None:
        """Swap the container's values with the current ones. A second call undoes the swap."""
        for place, value in self._values.items():
            self._values[place] = getattr(place.owner, place.name)
            setattr(place.owner, place.name, value)
