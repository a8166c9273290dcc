import json


def test_a_poll_loop_runs_from_task_to_choice_to_wait_and_ends_with_its_output(
    isolated_stepfunctions, run, task
):
    # given a function that reports the end at the fourth poll
    answers = iter([{"ended": False}, {"ended": False}, {"ended": False}, {"ended": True}])
    isolated_stepfunctions.functions.handlers["get"] = lambda event: {
        **next(answers),
        "given": event,
    }
    states = {
        "Get": task(
            "get",
            {"name": "{% $states.input.name %}", "polls": "{% $states.context.State.Name %}"},
            Output="{% $states.result.Payload %}",
            Assign={"last": "{% $states.result.Payload.given %}"},
            Next="HasEnded",
        ),
        "HasEnded": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $states.input.ended %}", "Next": "Shape"}],
            "Default": "Again",
        },
        "Again": {
            "Type": "Wait",
            "Seconds": "{% 10 * 3 %}",
            "Output": {"name": "{% $last.name %}"},
            "Next": "Get",
        },
        "Shape": {"Type": "Pass", "Output": {"was": "{% $last %}"}, "Next": "Done"},
        "Done": {"Type": "Succeed", "Output": "{% $states.input.was %}"},
    }

    # when the loop runs
    end = run(states, {"name": "x"})

    # then three waits of 30 seconds have passed
    assert (end.status, end.output) == ("SUCCEEDED", {"name": "x", "polls": "Get"})
    assert end.seconds == 90
    assert end.entered == [*["Get", "HasEnded", "Again"] * 3, "Get", "HasEnded", "Shape", "Done"]


def test_a_fail_state_ends_the_execution_with_its_error_and_cause(run):
    # given
    states = {"No": {"Type": "Fail", "Error": "Sorry", "Cause": "{% 'as ' & $states.input.why %}"}}

    # when
    end = run(states, {"why": 'they "said"'})

    # then
    assert (end.status, end.error, end.cause) == ("FAILED", "Sorry", 'as they "said"')
    assert "output" not in end.described
    assert end.types == ["ExecutionStarted", "FailStateEntered", "ExecutionFailed"]


def test_1000_concurrent_executions_wait_a_day_each(isolated_stepfunctions, sfn, machine):
    # given
    arn = machine({"Wait": {"Type": "Wait", "Seconds": 86_400, "End": True}})

    # when
    runs = [
        isolated_stepfunctions.state_machines.start(arn, json.dumps({"number": n}))
        for n in range(1_000)
    ]
    isolated_stepfunctions.world.run()

    # then
    counted = [
        execution
        for page in sfn.get_paginator("list_executions").paginate(
            stateMachineArn=arn, statusFilter="SUCCEEDED"
        )
        for execution in page["executions"]
    ]
    assert len(counted) == len(set(runs)) == 1_000
    assert {(one["stopDate"] - one["startDate"]).days for one in counted} == {1}
