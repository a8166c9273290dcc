"""The names under which a run returns output variables, in the form that CodePipeline allows."""

from __future__ import annotations

import re

# The namespace under which a run returns the revisions of the target's source artifacts.
REVISIONS = "revision"
# The pattern of OutputVariablesKey:
# https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PutJobSuccessResult.html
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9@\-_]")


def flat_name(dotted: str) -> str:
    """The name under which `namespace.name` is returned: `namespace_name`."""
    return _NOT_IN_A_NAME.sub("_", dotted)


def revision_name(artifact: str) -> str:
    """The name under which the revision of a source artifact is returned."""
    return flat_name(f"{REVISIONS}.{artifact}")


def is_reserved(flat: str) -> bool:
    """Whether this name is reserved for the run's own variables.

    A target's variable always has an underscore in its name. Among the run's own variables, only
    revisions have one.
    """
    return "_" not in flat or flat.startswith(revision_name(""))
