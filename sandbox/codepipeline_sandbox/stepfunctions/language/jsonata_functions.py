"""Step Functions' own JSONata functions, and functions that differ from the library's.

https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from jsonata.functions import Functions
from jsonata.jexception import JException
from jsonata.jsonata import Jsonata

from codepipeline_sandbox.stepfunctions.language.java_random import first_double
from codepipeline_sandbox.stepfunctions.language.jsonata import to_jsonata

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codepipeline_sandbox.kernel.world import World

# Library functions that raise Python errors, and the codes of the corresponding JSONata errors.
CODES = {"number": "D3030", "power": "D3061", "sort": "D3070", "toMillis": "D3110"}
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
    added = {name: Jsonata.JLambda(function) for name, function in implementations.items()}
    return {**_CODED, **added}


class _Coded(Jsonata.JNativeFunction):  # type: ignore[misc]
    """A library function whose Python errors become JSONata errors."""

    def __init__(self, name: str, code: str) -> None:
        self.__dict__.update(vars(Jsonata.static_frame.lookup(name)))
        self._code = code

    def call(self, input: Any, args: Any) -> Any:  # noqa: A002 - the library's name
        try:
            return super().call(input, args)
        except (ArithmeticError, TypeError, ValueError) as error:
            raise JException(self._code, -1, *args[:2]) from error


_CODED = {name: _Coded(name, code) for name, code in CODES.items()}


def _partition(items: Any, size: int) -> Any:
    if items is None:
        return None
    if not isinstance(items, list) or not isinstance(size, int) or size < 1:
        raise ValueError("$partition takes an array and a positive whole number")
    return [items[start : start + size] for start in range(0, len(items), size)]


def _range(start: int, end: int, step: int) -> list[int]:
    if not all(isinstance(bound, int) for bound in (start, end, step)) or step == 0:
        raise ValueError("$range takes three whole numbers, and the last one must not be zero")
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
    raise JException("T1006", -1)  # Step Functions does not have this function


def _random(world: World, seed: Any) -> float:
    return world.random.random() if seed is None else first_double(int(seed))


def _shuffle(world: World, items: Any) -> Any:
    if not isinstance(items, list):
        return items
    return world.random.sample(items, len(items))


def _millis(world: World) -> int:
    return int(world.now * 1000)
