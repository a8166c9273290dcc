"""Loads and plays scenarios: YAML files that define pipelines and what happens to them."""
