"""CodePipeline's API operations and their answers."""
