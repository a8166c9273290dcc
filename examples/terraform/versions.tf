terraform {
  required_version = ">= 1.3"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.33" # pipelines of type V2
    }
  }
}

# The account in which codepipeline-orchestrator is deployed.
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

# The account of the target deploy-shop.
provider "aws" {
  alias               = "shop"
  region              = "eu-west-1"
  allowed_account_ids = ["222233334444"]
  profile             = "shop"
}
