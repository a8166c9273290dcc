"""The default first stage of a pipeline."""

from __future__ import annotations

from typing import Any

SOURCE: dict[str, Any] = {
    "name": "Source",
    "actions": [
        {
            "name": "Checkout",
            "actionTypeId": {
                "category": "Source",
                "owner": "AWS",
                "provider": "CodeCommit",
                "version": "1",
            },
            "configuration": {"RepositoryName": "app", "BranchName": "main"},
            "outputArtifacts": [{"name": "App"}],
        }
    ],
}
