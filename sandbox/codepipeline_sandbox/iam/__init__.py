"""IAM: the sandbox denies every request that AWS would deny.

`install` puts the guard in front of moto. `Access` checks the permissions for the guard and for the
sandbox's own services.
"""

from codepipeline_sandbox.iam.access import Access
from codepipeline_sandbox.iam.guard import install
from codepipeline_sandbox.kernel.protocols import Credentials

__all__ = ["Access", "Credentials", "install"]
