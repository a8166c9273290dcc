"""Compute DynamoDB's charge for a call on one item, in request units.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
"""

from __future__ import annotations

import math

from benchmarks.waiting.prices import Billed

_WRITING = frozenset({"PutItem", "UpdateItem", "DeleteItem"})
_WRITE_BYTES, _READ_BYTES = 1_024, 4_096  # item bytes per unit


class NotPriced(Exception):
    """Raised for a DynamoDB call without a known price, which would otherwise not be charged."""


def billed(operation: str, *, before: int, after: int, consistent: bool) -> Billed:
    """The units of a call, which are the same whether or not its condition holds.

    `before` and `after` are the item's sizes in bytes, or 0 if the item does not exist. A write is
    charged for the larger size. Raises NotPriced for a call that is not on a single item.
    """
    if operation in _WRITING:
        return Billed(writes=_units(max(before, after), _WRITE_BYTES))
    if operation == "GetItem":
        return Billed(reads=_units(before, _READ_BYTES) * (1 if consistent else 0.5))
    raise NotPriced(operation)


def _units(size: int, per_unit: int) -> int:
    return max(1, math.ceil(size / per_unit))
