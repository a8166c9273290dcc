"""Concurrent invocations share nothing. Consecutive invocations share a warm container."""

import sys
from types import ModuleType

CORE = "codepipeline_orchestrator"  # a package that every function shares

COUNTING = """
calls = 0

def handler(event, context):
    global calls
    calls += 1
    return calls
"""

SLOW_COUNTING = """
import boto3

calls = 0

def handler(event, context):
    global calls
    calls += 1
    boto3.client("sts").get_caller_identity()
    return calls
"""


def test_a_warm_container_keeps_its_state_from_one_invocation_to_the_next(function, invoke):
    arn = function(COUNTING)

    assert [invoke(arn)[0] for _ in range(3)] == [1, 2, 3]


def test_overlapping_invocations_run_in_separate_containers(cloud, function):
    arn = function(SLOW_COUNTING)

    promises = [cloud.functions.invoke(arn, "{}") for _ in range(3)]

    assert [cloud.world.result_of(promise).payload for promise in promises] == ["1", "1", "1"]


def test_an_idle_container_is_removed_after_some_minutes(cloud, function, invoke):
    arn = function(COUNTING)
    invoke(arn)

    cloud.world.sleep(11 * 60)

    assert invoke(arn)[0] == 1


def test_even_a_busy_container_is_replaced_after_some_hours(cloud, function, invoke):
    arn = function(COUNTING)
    answers = []
    for _ in range(30):
        answers.append(invoke(arn)[0])
        cloud.world.sleep(300)

    assert answers.count(1) == 2


def test_changed_code_gets_a_cold_container(function, invoke, api):
    arn = function(COUNTING)
    invoke(arn)

    api.update_function_configuration(FunctionName=arn, Environment={"Variables": {"A": "1"}})

    assert invoke(arn)[0] == 1


def test_modules_imported_late_belong_to_the_container(function, cloud):
    source = """
import boto3

def handler(event, context):
    from codepipeline_orchestrator import state
    state.seen.append(event)
    boto3.client("sts").get_caller_identity()
    from codepipeline_orchestrator import state as again
    return again.seen
"""
    arn = function(
        source,
        files={
            f"{CORE}/__init__.py": "",
            f"{CORE}/state.py": "seen = []",
        },
    )

    both = [cloud.functions.invoke(arn, text) for text in ("1", "2")]

    assert [cloud.world.result_of(promise).payload for promise in both] == ["[1]", "[2]"]


def test_the_repositorys_own_modules_are_neither_used_nor_replaced(function, invoke):
    import codepipeline_orchestrator  # noqa: PLC0415 - must not be replaced

    source = f"import {CORE}\n\ndef handler(event, context):\n    return {CORE}.NAME"
    arn = function(source, files={f"{CORE}/__init__.py": "NAME = 'deployed'"})

    assert invoke(arn)[0] == "deployed"
    import codepipeline_orchestrator as after  # noqa: PLC0415 - as above

    assert after is codepipeline_orchestrator


def test_modules_imported_later_by_the_repository_are_hidden_too(function, invoke, monkeypatch):
    # given a function that has run, and then another module of its package from the repository
    source = """
def handler(event, context):
    try:
        import codepipeline_orchestrator.not_deployed
    except ImportError as error:
        return str(error)
"""
    arn = function(source, files={f"{CORE}/__init__.py": ""})
    first = invoke(arn)[0]
    monkeypatch.setitem(
        sys.modules, "codepipeline_orchestrator", ModuleType("codepipeline_orchestrator")
    )
    late = ModuleType(f"{CORE}.not_deployed")
    monkeypatch.setitem(sys.modules, f"{CORE}.not_deployed", late)

    # then the function cannot import the module, and the module is still in sys.modules
    assert first == f"No module named '{CORE}.not_deployed'"
    assert invoke(arn)[0] == first
    assert sys.modules[f"{CORE}.not_deployed"] is late


def test_a_container_does_not_read_the_configuration_files_of_this_machine(function, invoke):
    source = """
import botocore.session

def handler(event, context):
    session = botocore.session.Session()
    return [session.get_config_variable(name) for name in ("config_file", "credentials_file")]
"""
    assert invoke(function(source))[0] == ["/dev/null", "/dev/null"]


def test_each_function_has_its_own_environment_and_credentials(function, invoke):
    source = """
import os
import boto3

def handler(event, context):
    who = boto3.client("sts").get_caller_identity()["Arn"]
    return [os.environ["COLOR"], os.getenv("AWS_LAMBDA_FUNCTION_NAME"), who.split("/")[-1]]
"""
    names = []
    for color in ("red", "blue"):
        arn = function(source, name=color, Environment={"Variables": {"COLOR": color}})
        names.append(arn.split(":")[-1])
        assert invoke(arn)[0] == [color, names[-1], names[-1]]

    assert names[0] != names[1]


def test_the_clock_of_the_deployed_package_shows_the_worlds_time(cloud, function, invoke):
    clock = """
import time
_source = time.time

def now():
    return _source()
"""
    source = """
import time
from codepipeline_orchestrator import clock

def handler(event, context):
    before = clock.now()
    time.sleep(2)
    return [before, clock.now(), time.time()]
"""
    arn = function(
        source,
        files={
            f"{CORE}/__init__.py": "",
            f"{CORE}/clock.py": clock,
        },
    )
    start = cloud.world.now

    assert invoke(arn)[0] == [start, start + 2, start + 2]


def test_powertools_state_is_not_shared_between_containers(cloud, function, texts):
    source = """
import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

logger = Logger(service="app")
metrics = Metrics(namespace="Test", service="app")

@logger.inject_lambda_context
@metrics.log_metrics
def handler(event, context):
    logger.append_keys(run=event)
    metrics.add_metric(name="Calls", unit=MetricUnit.Count, value=event)
    boto3.client("sts").get_caller_identity()
    logger.info("done")
"""
    arn = function(source)

    for promise in [cloud.functions.invoke(arn, str(n)) for n in (1, 2)]:
        cloud.world.result_of(promise)

    lines = texts()
    assert sum('"run":1' in line for line in lines) == 1
    assert sum('"cold_start":true' in line for line in lines) == 2
    assert sum('"Calls":[1.0]' in line for line in lines) == 1
    assert sum('"Calls":[2.0]' in line for line in lines) == 1
    stamp = f'"Timestamp":{int(cloud.world.now * 1000)}'
    assert sum(stamp in line for line in lines) == 2
