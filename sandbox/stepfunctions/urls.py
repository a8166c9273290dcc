"""The URLs of the Step Functions API."""

from __future__ import annotations

from sandbox.stepfunctions.responses import StepFunctionsResponse

url_bases = [r"https?://states\.(.+)\.amazonaws.com"]

url_paths = {"{0}/$": StepFunctionsResponse.dispatch}
