"""The URLs of the Step Functions API."""

from __future__ import annotations

import re

from codepipeline_sandbox.stepfunctions.responses import StepFunctionsResponse

# SDKs put `sync-` in front of the host for TestState and StartSyncExecution.
SYNCHRONOUS = re.compile(r"https?://sync-states\.(.+)\.amazonaws.com")

url_bases = [r"https?://(?:sync-)?states\.(.+)\.amazonaws.com"]

url_paths = {"{0}/$": StepFunctionsResponse.dispatch}
