"""Check inputs in files and templates before they are used."""
