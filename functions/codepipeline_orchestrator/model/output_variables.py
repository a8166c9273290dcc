"""Names of the output variables that a run hands back, as CodePipeline allows them."""

from __future__ import annotations

import re

# The namespace under which a run hands back the revisions of the target's source artifacts.
REVISIONS = "revision"
# The pattern of OutputVariablesKey:
# https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PutJobSuccessResult.html
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9@\-_]")


def flat_name(dotted: str) -> str:
    """The name under which `namespace.name` is handed back: `namespace_name`."""
    return _NOT_IN_A_NAME.sub("_", dotted)


def revision_name(artifact: str) -> str:
    """The name under which the revision of a source artifact is handed back."""
    return flat_name(f"{REVISIONS}.{artifact}")


def is_reserved(flat: str) -> bool:
    """Whether a run may hand back a variable of its own under this name.

    A flat name has an underscore. The names of the run's own variables have none, except those of
    revisions.
    """
    return "_" not in flat or flat.startswith(revision_name(""))
