"""How pipelines run."""
