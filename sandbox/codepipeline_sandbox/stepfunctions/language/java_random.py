"""The random numbers of java.util.Random, which `$random(seed)` returns."""

from __future__ import annotations

_MULTIPLIER, _INCREMENT, _BITS = 0x5DEECE66D, 0xB, 48
_MASK = (1 << _BITS) - 1
_HIGH, _LOW = 26, 27  # the numbers of bits in the two parts of a double


def first_double(seed: int) -> float:
    """The first number between 0 and 1 that a generator with this seed returns."""
    state = (seed ^ _MULTIPLIER) & _MASK
    state, high = _next(state, _HIGH)
    state, low = _next(state, _LOW)
    return ((high << _LOW) + low) / (1 << (_HIGH + _LOW))


def _next(state: int, bits: int) -> tuple[int, int]:
    state = (state * _MULTIPLIER + _INCREMENT) & _MASK
    return state, state >> (_BITS - bits)
