"""Scenarios: pipelines, how they act and what happens when, in a short YAML file."""
