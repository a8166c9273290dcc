"""How IAM evaluates the statements of policies."""
