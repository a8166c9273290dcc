"""Measure each function's cold start against a bare handler that uses only boto3."""
