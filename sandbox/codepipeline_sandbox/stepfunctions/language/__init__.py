"""The language of state machine definitions: fields, expressions, assignments, retries, errors."""
