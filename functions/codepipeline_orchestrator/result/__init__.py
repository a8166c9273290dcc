"""The result document and the metrics that a run produces when it ends."""
