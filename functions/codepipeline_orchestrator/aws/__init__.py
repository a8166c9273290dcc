"""Connects to AWS, reads its responses, and translates its errors."""
