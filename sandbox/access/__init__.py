"""Identity, resource and trust policies. The sandbox denies what AWS would deny.

`install` puts the guard in front of moto. `Access` makes the decisions for the sandbox's services
and the guard.
"""

from sandbox.access.access import Access
from sandbox.access.guard import install
from sandbox.services import Credentials

__all__ = ["Access", "Credentials", "install"]
