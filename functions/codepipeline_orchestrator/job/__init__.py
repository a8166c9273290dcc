"""Reads, files and answers CodePipeline's jobs."""
