"""Prepare the packaged template for the Serverless Application Repository."""
