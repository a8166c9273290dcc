"""Example requests with all members, for the operations on action types and for job workers."""

from __future__ import annotations

from typing import Any

from tests.sandbox.codepipeline import declarations
from tests.sandbox.codepipeline.declarations import REGION, action, stage

Request = dict[str, Any]

KEY = {"category": "Build", "provider": "Mill", "version": "1"}
ID = {**KEY, "owner": "Custom"}
DETAILS = {"minimumCount": 0, "maximumCount": 5}


class WorkerExamples:
    _cloud: Any
    _client: Any

    def create_custom_action_type(self) -> Request:
        mill = "https://mill.example"
        made = {
            "name": "Project",
            "required": True,
            "key": True,
            "secret": False,
            "queryable": True,
            "description": "What to grind",
            "type": "String",
        }
        return {
            **KEY,
            "settings": {
                "thirdPartyConfigurationUrl": mill,
                "entityUrlTemplate": f"{mill}/{{Config:Project}}",
                "executionUrlTemplate": f"{mill}/{{Config:Project}}/{{ExternalExecutionId}}",
                "revisionUrlTemplate": f"{mill}/revisions",
            },
            "configurationProperties": [made],
            "inputArtifactDetails": DETAILS,
            "outputArtifactDetails": DETAILS,
            "tags": [{"key": "team", "value": "platform"}],
        }

    def delete_custom_action_type(self) -> Request:
        self._client.create_custom_action_type(**self.create_custom_action_type())
        return KEY

    def list_action_types(self) -> Request:
        for number in range(26):
            kind = {**self.create_custom_action_type(), "version": f"{number:02}"}
            self._client.create_custom_action_type(**kind)
        query = {"actionOwnerFilter": "Custom", "regionFilter": REGION}
        return {**query, "nextToken": self._client.list_action_types(**query)["nextToken"]}

    def poll_for_jobs(self) -> Request:
        self._client.create_custom_action_type(**self.create_custom_action_type())
        grind = action("Grind", "Build", "Mill", configuration={"Project": "web"})
        grind["actionTypeId"] = ID
        self._client.create_pipeline(pipeline=declarations.pipeline(stage("Build", grind)))
        self._client.start_pipeline_execution(name="target")
        self._cloud.world.run(self._cloud.world.now + 60)
        return {"actionTypeId": ID, "maxBatchSize": 1, "queryParam": {"Project": "web"}}

    def acknowledge_job(self) -> Request:
        [job] = self._client.poll_for_jobs(**self.poll_for_jobs())["jobs"]
        return {"jobId": job["id"], "nonce": job["nonce"]}
