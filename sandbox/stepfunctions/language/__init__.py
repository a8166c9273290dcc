"""What a definition is written in: fields, expressions, assignments, retries and errors."""
