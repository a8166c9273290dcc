"""What the sandbox changes in moto, botocore and Python."""
