"""Gives each Lambda container its own copy of the process's global state.

The state consists of the environment, standard output, clock, randomness, loggers, default boto3
session and, if Powertools is installed, the variables of its modules. It is swapped in when the
container's task continues and swapped out when the task pauses. The class `datetime` is not
replaced.
"""

from __future__ import annotations

import logging
import os
import random
import secrets
import sys
import time
import uuid
from typing import TYPE_CHECKING, Any

import boto3
from botocore import configprovider

from codepipeline_sandbox.awslambda import powertools
from codepipeline_sandbox.awslambda.places import Place

if TYPE_CHECKING:
    from io import TextIOBase

    from codepipeline_sandbox.kernel.world import World


_CHANCE = ("choice", "choices", "getrandbits", "randint", "random", "randrange", "uniform")

# A container has no configuration files, but this machine may have some.
_WITHOUT_FILES = {
    **configprovider.BOTOCORE_DEFAUT_SESSION_VARIABLES,
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}


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
        self._values: dict[Place, Any] = {
            Place(os, "environ"): environment,
            Place(sys, "stdout"): stdout,
            Place(sys, "stderr"): stdout,
            Place(time, "time"): lambda: world.now,
            Place(time, "time_ns"): lambda: round(world.now * 1e9),
            Place(time, "sleep"): world.sleep,
            Place(secrets, "token_hex"): lambda size: world.random.randbytes(size).hex(),
            Place(uuid, "uuid4"): lambda: uuid.UUID(world.uuid()),
            **{Place(random, name): getattr(world.random, name) for name in _CHANCE},
            Place(boto3, "DEFAULT_SESSION"): None,
            Place(configprovider, "BOTOCORE_DEFAUT_SESSION_VARIABLES"): _WITHOUT_FILES,
            Place(logging, "root"): root,
            Place(logging.Logger, "root"): root,
            Place(logging.Logger, "manager"): logging.Manager(root),
            **powertools.values(world),
        }

    def swap(self) -> None:
        """Swap the container's values with the current ones. A second call undoes the swap."""
        for place, value in self._values.items():
            self._values[place] = getattr(place.owner, place.name)
            setattr(place.owner, place.name, value)
