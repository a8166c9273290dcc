# A pipeline that starts deploy-shop and waits for it.

resource "aws_s3_bucket" "packages" {
  bucket_prefix = "release-"
}

resource "aws_s3_bucket_versioning" "packages" {
  bucket = aws_s3_bucket.packages.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_codepipeline" "release" {
  name          = "release"
  pipeline_type = "V2"
  role_arn      = aws_iam_role.release.arn

  artifact_store {
    type     = "S3"
    location = aws_s3_bucket.packages.bucket
  }

  stage {
    name = "Source"

    action {
      name             = "Package"
      category         = "Source"
      owner            = "AWS"
      provider         = "S3"
      version          = "1"
      output_artifacts = ["Package"]

      configuration = {
        S3Bucket             = aws_s3_bucket.packages.bucket
        S3ObjectKey          = "release.zip"
        PollForSourceChanges = "false"
      }
    }
  }

  stage {
    name = "Deploy"

    action {
      name      = "DeployShop"
      category  = "Invoke"
      owner     = "AWS"
      provider  = "Lambda"
      version   = "1"
      namespace = "Shop"

      configuration = {
        FunctionName = data.aws_cloudformation_export.function_name.value
        # Terraform knows this ARN when it plans, unlike aws_iam_role.target.arn, so `pipeline-run validate`
        # can check the input.
        UserParameters = jsonencode({
          pipelineName   = "deploy-shop"
          roleArn        = "arn:aws:iam::${data.aws_caller_identity.shop.account_id}:role/${aws_iam_role.target.name}"
          timeoutMinutes = 120
          onTimeout      = "stop"
        })
      }
    }
  }
}

resource "aws_iam_role" "release" {
  name               = "release"
  assume_role_policy = data.aws_iam_policy_document.release_trust.json
}

data "aws_iam_policy_document" "release_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["codepipeline.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "release" {
  name   = "release"
  role   = aws_iam_role.release.id
  policy = data.aws_iam_policy_document.release.json
}

data "aws_iam_policy_document" "release" {
  statement {
    actions   = ["lambda:InvokeFunction"]
    resources = [data.aws_cloudformation_export.function_arn.value]
  }

  statement {
    actions = [
      "s3:GetBucketAcl",
      "s3:GetBucketLocation",
      "s3:GetBucketVersioning",
      "s3:ListBucket",
    ]
    resources = [aws_s3_bucket.packages.arn]
  }

  statement {
    actions   = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
    resources = ["${aws_s3_bucket.packages.arn}/*"]
  }
}
