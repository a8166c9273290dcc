"""The result document and the metrics of a run's end."""
