"""How long a function takes from nothing to its first answer, beside one with boto3 alone."""
