"""What people ask for: the fields, the parser, and what is wrong with an input."""
