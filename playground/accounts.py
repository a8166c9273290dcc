"""The sandbox's account IDs and the product's directory. Importing this module is fast."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]
REGION = "eu-west-1"
TOOLS = "111122223333"  # the product and the invoking pipelines
SECOND = "222233334444"
THIRD = "333344445555"
TARGET_ROLE = "codepipeline-orchestrator-target"
