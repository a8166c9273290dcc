"""When to poll the target again."""
