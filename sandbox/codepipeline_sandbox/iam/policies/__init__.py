"""How IAM evaluates policy statements."""
