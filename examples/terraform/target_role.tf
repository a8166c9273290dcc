# The role that lets runs start and follow deploy-shop, in that pipeline's account. List the role's ARN
# in the orchestrator's parameter AllowedTargetRoleArns.

resource "aws_iam_role" "target" {
  provider = aws.shop

  name               = "codepipeline-orchestrator-target"
  assume_role_policy = data.aws_iam_policy_document.target_trust.json
}

data "aws_iam_policy_document" "target_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.tools.account_id}:root"]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:PrincipalArn"
      values   = [data.aws_cloudformation_export.target_access_role_arn.value]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = ["codepipeline-orchestrator"]
    }
  }
}

resource "aws_iam_role_policy" "target" {
  provider = aws.shop

  name   = "TargetPipelines"
  role   = aws_iam_role.target.id
  policy = data.aws_iam_policy_document.target.json
}

data "aws_caller_identity" "shop" {
  provider = aws.shop
}

# `pipeline-run role --input FILE` prints the actions that an input needs.
data "aws_iam_policy_document" "target" {
  statement {
    actions = [
      "codepipeline:StartPipelineExecution",
      "codepipeline:GetPipelineExecution",
      "codepipeline:ListPipelineExecutions",
      "codepipeline:ListActionExecutions",
      "codepipeline:GetPipelineState",
      "codepipeline:StopPipelineExecution", # for onTimeout
    ]
    resources = ["arn:aws:codepipeline:*:${data.aws_caller_identity.shop.account_id}:deploy-shop"]
  }
}
