# A schedule that starts MyFirstPipeline every weekday at six.

resource "aws_scheduler_schedule" "every_morning" {
  name                         = "every-morning"
  schedule_expression          = "cron(0 6 ? * MON-FRI *)"
  schedule_expression_timezone = "Europe/Berlin"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = data.aws_cloudformation_export.state_machine_arn.value
    role_arn = aws_iam_role.every_morning.arn

    # The token prevents a second start if Scheduler delivers an invocation twice. Do not use jsonencode
    # here, because it escapes the angle brackets of the placeholders.
    input = <<-JSON
      {
        "pipelineName": "MyFirstPipeline",
        "clientRequestToken": "<aws.scheduler.schedule-arn> <aws.scheduler.scheduled-time>"
      }
    JSON
  }
}

resource "aws_iam_role" "every_morning" {
  name               = "every-morning"
  assume_role_policy = data.aws_iam_policy_document.every_morning_trust.json
}

data "aws_iam_policy_document" "every_morning_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.tools.account_id]
    }
  }
}

resource "aws_iam_role_policy" "every_morning" {
  name   = "start-runs"
  role   = aws_iam_role.every_morning.id
  policy = data.aws_iam_policy_document.every_morning.json
}

data "aws_iam_policy_document" "every_morning" {
  statement {
    actions   = ["states:StartExecution"]
    resources = [data.aws_cloudformation_export.state_machine_arn.value]
  }
}
