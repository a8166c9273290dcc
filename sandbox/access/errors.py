"""An error in a policy, as opposed to a denial by a policy."""


class UnsupportedPolicy(Exception):
    """A policy has something that the sandbox does not evaluate.

    AWS may evaluate it or refuse to save it. The sandbox cannot tell, so either the policy or the
    sandbox has to change.
    """
