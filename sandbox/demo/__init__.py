"""The demonstration that `make demo` runs: pipelines in three accounts start and follow others."""
