# codepipeline-orchestrator is a CloudFormation stack. Deploy it first, with `make deploy`.

data "aws_cloudformation_export" "function_name" {
  name = "codepipeline-orchestrator-CodePipelineJobFunctionName"
}

data "aws_cloudformation_export" "function_arn" {
  name = "codepipeline-orchestrator-CodePipelineJobFunctionArn"
}

data "aws_cloudformation_export" "state_machine_arn" {
  name = "codepipeline-orchestrator-StateMachineArn"
}

data "aws_cloudformation_export" "target_access_role_arn" {
  name = "codepipeline-orchestrator-TargetAccessRoleArn"
}

data "aws_caller_identity" "tools" {}
