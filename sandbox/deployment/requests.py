"""What deploying asks of moto itself: through the API the same takes twice as long."""

from __future__ import annotations

from moto.utilities.aws_headers import gen_amzn_requestid_long


def requested() -> None:
    """Draw the id that the request would have had: the same seed goes on to the same names."""
    gen_amzn_requestid_long()
