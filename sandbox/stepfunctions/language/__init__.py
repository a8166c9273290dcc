"""The language of definitions: fields, expressions, assignments, retries and errors."""
