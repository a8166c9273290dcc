"""What is done to the packaged template before others can deploy it."""
