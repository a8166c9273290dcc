"""Scenarios: pipelines, how their actions behave and what happens when, in a YAML file."""
