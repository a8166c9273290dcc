"""What CodePipeline accepts as a pipeline."""
