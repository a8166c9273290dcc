"""Check inputs in files and templates before AWS sees them."""
