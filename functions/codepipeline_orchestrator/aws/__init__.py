"""The AWS clients, and what AWS's refusals mean."""
