"""The demonstration that `make demo` runs. Pipelines in three accounts start and follow others."""
