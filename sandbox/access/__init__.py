"""IAM: the sandbox denies every request that AWS would deny.

`install` puts the guard in front of moto. `Access` checks the permissions for the guard and for the
sandbox's own services.
"""

from sandbox.access.access import Access
from sandbox.access.guard import install
from sandbox.services import Credentials

__all__ = ["Access", "Credentials", "install"]
