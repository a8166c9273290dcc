"""What is wrong with a policy, as opposed to what a policy denies."""


class UnsupportedPolicy(Exception):
    """A policy holds something the sandbox does not evaluate.

    AWS might evaluate it or refuse to save it; either way the sandbox has no answer, so the
    policy or the sandbox has to change.
    """
