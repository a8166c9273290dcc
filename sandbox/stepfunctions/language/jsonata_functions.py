"""Step Functions' own JSONata functions, and JSONata functions whose results depend on the world.

https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

from __future__ import annotations

import hashlib
import json
import random
from typing import TYPE_CHECKING, Any

from jsonata.functions import Functions
from jsonata.jsonata import Jsonata

from sandbox.stepfunctions.language.jsonata import to_jsonata

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.world import World

ALGORITHMS = {
    "MD5": "md5",
    "SHA-1": "sha1",
    "SHA-256": "sha256",
    "SHA-384": "sha384",
    "SHA-512": "sha512",
}


def functions(world: World) -> Mapping[str, Any]:
    """The bindings for every expression. Times and random numbers come from the world."""
    implementations: dict[str, Callable[..., Any]] = {
        "partition": _partition,
        "range": _range,
        "hash": _hash,
        "parse": _parse,
        "eval": _eval,
        "random": lambda seed=None: _random(world, seed),
        "uuid": world.uuid,
        "millis": lambda: _millis(world),
        "now": lambda picture=None, zone=None: Functions.datetime_from_millis(
            _millis(world), picture, zone
        ),
        "shuffle": lambda items: _shuffle(world, items),
    }
    return {name: Jsonata.JLambda(function) for name, function in implementations.items()}


def _partition(items: Any, size: int) -> Any:
    if items is None:
        return None
    if not isinstance(items, list) or not isinstance(size, int) or size < 1:
        raise ValueError("$partition takes an array and a positive whole number")
    return [items[start : start + size] for start in range(0, len(items), size)]


def _range(start: int, end: int, step: int) -> list[int]:
    if not all(isinstance(bound, int) for bound in (start, end, step)) or step == 0:
        raise ValueError("$range takes three whole numbers, the last one not zero")
    return list(range(start, end + (1 if step > 0 else -1), step))


def _hash(text: Any, algorithm: Any) -> str | None:
    if text is None:
        return None
    if not isinstance(text, str) or algorithm not in ALGORITHMS:
        raise ValueError(f"$hash takes a string and one of {', '.join(ALGORITHMS)}")
    return hashlib.new(ALGORITHMS[algorithm], text.encode(), usedforsecurity=False).hexdigest()


def _parse(text: Any) -> Any:
    return None if text is None else to_jsonata(json.loads(text))


def _eval(*_: Any) -> Any:
    raise ValueError("Step Functions does not support $eval. Use $parse to read JSON")


def _random(world: World, seed: Any) -> float:
    source = world.random if seed is None else random.Random(seed)  # noqa: S311 - as on AWS
    return source.random()


def _shuffle(world: World, items: Any) -> Any:
    if not isinstance(items, list):
        return items
    return world.random.sample(items, len(items))


def _millis(world: World) -> int:
    return int(world.now * 1000)
