"""The demonstration (`make demo`), in which pipelines in three accounts start each other."""
