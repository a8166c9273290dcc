"""CodePipeline's API operations and their responses."""
