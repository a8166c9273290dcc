"""Accounts for deployment steps that call moto directly, which is twice as fast as the API."""

from __future__ import annotations

from moto.utilities.aws_headers import gen_amzn_requestid_long


def requested() -> None:
    """Draw the random id that an API request would draw, so that generated names stay the same."""
    gen_amzn_requestid_long()
