"""A container's environment variables, including credentials for the execution role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codepipeline_sandbox.awslambda.errors import RoleNotAssumable
from codepipeline_sandbox.kernel.protocols import AccessDenied

if TYPE_CHECKING:
    from codepipeline_sandbox.awslambda.function import Function
    from codepipeline_sandbox.kernel.protocols import Access

CREDENTIAL_SECONDS = 12 * 3600  # exceeds the lifetime of any container


def role_session(function: Function, access: Access) -> dict[str, str]:
    """Return credentials for a session of the execution role, named after the function.

    Raises RoleNotAssumable if the role does not trust Lambda.
    """
    try:
        session = access.service_session(
            function.role,
            "lambda.amazonaws.com",
            function.function_name,
            context={"aws:SourceArn": function.function_arn},
            seconds=CREDENTIAL_SECONDS,
        )
    except AccessDenied as error:
        raise RoleNotAssumable(str(error)) from error
    return {
        "AWS_ACCESS_KEY_ID": session.access_key_id,
        "AWS_SECRET_ACCESS_KEY": session.secret_access_key,
        "AWS_SESSION_TOKEN": session.session_token or "",
    }


def variables(
    function: Function, log_stream_name: str, credentials: dict[str, str]
) -> dict[str, str]:
    """Return the environment variables that Lambda sets, and those of the function.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
    """
    return {
        "AWS_DEFAULT_REGION": function.region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.run_time}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
        "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
        "AWS_LAMBDA_FUNCTION_VERSION": str(function.version),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": function.logs_group_name,
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream_name,
        "AWS_REGION": function.region,
        "LAMBDA_TASK_ROOT": "/var/task",
        "LANG": "en_US.UTF-8",
        "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
        "TZ": ":UTC",
        "_HANDLER": str(function.handler),
        **{name: str(value) for name, value in function.environment_vars.items()},
        **credentials,
    }
