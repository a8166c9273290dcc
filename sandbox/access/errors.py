"""An error in a policy, as opposed to a denial by a policy."""


class UnsupportedPolicy(Exception):
    """The policy contains something that the sandbox does not evaluate.

    AWS might evaluate it or refuse to save it. The sandbox cannot know, so either the policy or the
    sandbox has to change.
    """
