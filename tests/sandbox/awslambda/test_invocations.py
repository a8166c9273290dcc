import json

import pytest
from botocore.exceptions import ClientError


def test_the_handler_gets_the_event_and_a_context(function, invoke):
    source = """
def handler(event, context):
    return [event, context.function_name, context.memory_limit_in_mb,
            context.invoked_function_arn, context.get_remaining_time_in_millis()]
"""
    arn = function(source, Timeout=7, MemorySize=256)

    payload, error = invoke(arn, {"a": "ä"})

    assert error is None
    assert payload == [{"a": "ä"}, arn.split(":")[-1], "256", arn, 7000]


def test_an_exception_is_reported_with_type_message_and_the_functions_stack(
    function, invoke, texts
):
    source = """
class TargetNotFound(Exception):
    pass

def handler(event, context):
    raise TargetNotFound("no such pipeline")
"""

    payload, error = invoke(function(source))

    assert error == "Unhandled"
    assert payload["errorType"] == "TargetNotFound"
    assert payload["errorMessage"] == "no such pipeline"
    (frame,) = payload["stackTrace"]
    assert frame.splitlines() == [
        '  File "/var/task/app.py", line 6, in handler',
        '    raise TargetNotFound("no such pipeline")',
    ]
    assert texts()[0] == "[ERROR] TargetNotFound: no such pipeline"


def test_a_function_that_takes_too_long_is_stopped_at_its_timeout(cloud, function, invoke):
    source = """
import time

def handler(event, context):
    try:
        time.sleep(3600)
    except Exception:
        return "survived"
"""
    start = cloud.world.now

    payload, error = invoke(function(source, Timeout=30))

    assert cloud.world.now == start + 30
    assert error == "Unhandled"
    assert payload["errorType"] == "Sandbox.Timedout"
    assert payload["errorMessage"].endswith("Error: Task timed out after 30.00 seconds")


def test_after_a_timeout_the_next_invocation_starts_cold(function, invoke):
    source = """
import time
calls = 0

def handler(event, context):
    global calls
    calls += 1
    time.sleep(event)
    return calls
"""
    arn = function(source, Timeout=5)
    invoke(arn, 60)

    assert invoke(arn, 0)[0] == 1


@pytest.mark.parametrize(
    "source, kind",
    [
        ("import nowhere", "Runtime.ImportModuleError"),
        ("def handler(:", "Runtime.UserCodeSyntaxError"),
        ("x = 1", "Runtime.HandlerNotFound"),
        ("def handler(e, c): return {1, 2}", "Runtime.MarshalError"),
        ("def handler(e, c): raise SystemExit", "Runtime.ExitError"),
        ("def handler(e, c): return 'x' * 6_300_000", "Function.ResponseSizeTooLarge"),
    ],
)
def test_runtime_errors_have_their_own_types(function, invoke, source, kind):
    payload, error = invoke(function(source))

    assert error == "Unhandled"
    assert payload["errorType"] == kind


def test_the_api_returns_the_payload_the_error_and_the_tail_of_the_log(function, api):
    arn = function("def handler(event, context):\n    print('hello')\n    return event")

    answer = api.invoke(FunctionName=arn, Payload=b'{"a": 1}', LogType="Tail")

    assert json.loads(answer["Payload"].read()) == {"a": 1}
    assert answer["StatusCode"] == 200
    assert "FunctionError" not in answer
    assert answer["LogResult"]


def test_a_dry_run_does_not_run_the_function(cloud, function, api):
    arn = function("def handler(event, context):\n    print('ran')")

    assert api.invoke(FunctionName=arn, InvocationType="DryRun")["StatusCode"] == 204
    cloud.world.run()
    assert cloud.functions.log_lines == []


@pytest.mark.parametrize("kind, size", [("RequestResponse", 6_291_457), ("Event", 1_048_577)])
def test_a_payload_above_the_limit_is_refused(function, api, kind, size):
    arn = function("def handler(event, context): pass")

    with pytest.raises(ClientError, match="RequestTooLargeException"):
        api.invoke(FunctionName=arn, InvocationType=kind, Payload=b'"' + b"x" * (size - 2) + b'"')


def test_a_role_that_does_not_trust_lambda_cannot_be_used(cloud, function, api):
    arn = function("def handler(event, context): pass")
    role = api.get_function_configuration(FunctionName=arn)["Role"].split("/")[-1]
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "states.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    iam = cloud.session("111122223333", "eu-west-1").client("iam")
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(trust))

    with pytest.raises(ClientError, match="cannot be assumed by Lambda"):
        api.invoke(FunctionName=arn)


def test_reserved_concurrency_limits_concurrent_invocations(cloud, function, api):
    source = "import time\n\ndef handler(event, context):\n    time.sleep(60)"
    arn = function(source, Timeout=90, ReservedConcurrentExecutions=1)
    cloud.functions.invoke(arn, "{}")

    with pytest.raises(ClientError, match="TooManyRequestsException"):
        api.invoke(FunctionName=arn)


def test_a_defect_in_the_sandbox_is_never_the_functions_outcome(function, invoke, monkeypatch):
    arn = function("def handler(event, context):\n    return 1\n")

    def broken(*_):
        raise RuntimeError("a defect")

    monkeypatch.setattr("codepipeline_sandbox.awslambda.container.context_of", broken)

    with pytest.raises(RuntimeError, match="a defect"):
        invoke(arn)
