"""CodePipeline's jobs: reading them, and answering them."""
