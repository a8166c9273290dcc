"""What is measured, and against which limits."""
