import json
import re


def _schedule(resources):
    return resources["Schedule"]["Properties"]


def test_the_input_of_the_schedule_names_the_pipeline_and_the_invocation(resources):
    written = _schedule(resources)["Target"]["Input"]["Fn::Sub"]

    given = json.loads(written.replace("${SchedulePipelineName}", "MyFirstPipeline"))

    assert given == {
        "pipelineName": "MyFirstPipeline",
        "clientRequestToken": "<aws.scheduler.schedule-arn> <aws.scheduler.scheduled-time>",
    }


def test_the_schedule_and_its_role_have_the_same_condition(resources):
    conditional = {n for n, r in resources.items() if r.get("Condition") == "HasSchedule"}
    assert conditional == {"ScheduleGroup", "Schedule", "ScheduleRole", "ScheduledPipelinePolicy"}


def test_the_schedule_uses_its_time_zone_and_no_flexible_time_window(resources):
    schedule = _schedule(resources)
    assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert schedule["ScheduleExpressionTimezone"] == {"Ref": "ScheduleTimezone"}


def test_every_reference_to_a_parameter_in_the_schedule_exists(resources, template):
    references = set(re.findall(r"\$\{(\w+)\}", json.dumps(_schedule(resources))))
    assert references <= set(template["Parameters"])
