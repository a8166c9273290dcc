"""The error that is raised for a policy that the sandbox cannot evaluate."""


class UnsupportedPolicy(Exception):
    """The policy contains an element that the sandbox does not evaluate.

    AWS might evaluate the element or reject the policy. Change the policy, or add the element to
    the sandbox.
    """
