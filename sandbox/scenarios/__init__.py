"""Scenarios: YAML files with pipelines, the behavior of their actions, and what happens when."""
