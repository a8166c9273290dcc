"""Direct calls to moto for deployments, because calls through the API take twice as long."""

from __future__ import annotations

from moto.utilities.aws_headers import gen_amzn_requestid_long


def requested() -> None:
    """Generate the id that a request would have, so the same seed gives the same names."""
    gen_amzn_requestid_long()
