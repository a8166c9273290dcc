"""Compute how many request units DynamoDB charges for a call on one item.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
"""

from __future__ import annotations

import math

from benchmarks.waiting.prices import Billed

_WRITING = frozenset({"PutItem", "UpdateItem", "DeleteItem"})
_WRITE_BYTES, _READ_BYTES = 1_024, 4_096  # item bytes per unit


class NotPriced(Exception):
    """The price of a DynamoDB call is unknown."""


def billed(operation: str, *, before: int, after: int, consistent: bool) -> Billed:
    """Compute the units of a call, which are the same whether or not its condition holds.

    `before` and `after` are the sizes of the item in bytes, or 0 if the item does not exist. A
    write is charged for the larger size. Raises NotPriced for a call on anything but a single
    item.
    """
    if operation in _WRITING:
        return Billed(writes=_units(max(before, after), _WRITE_BYTES))
    if operation == "GetItem":
        return Billed(reads=_units(before, _READ_BYTES) * (1 if consistent else 0.5))
    raise NotPriced(operation)


def _units(size: int, per_unit: int) -> int:
    return max(1, math.ceil(size / per_unit))
