import pytest

SHORT = {"A": {"Type": "Pass", "Assign": {"v": [1]}, "Next": "B"}, "B": {"Type": "Succeed"}}


def test_the_history_can_be_read_newest_first_in_pages(sfn, run):
    # given
    end = run(SHORT, {"a": 1})
    ids = [event["id"] for event in end.events]

    # when
    pages = sfn.get_paginator("get_execution_history").paginate(
        executionArn=end.arn, reverseOrder=True, PaginationConfig={"PageSize": 2}
    )

    # then
    assert [[event["id"] for event in page["events"]] for page in pages] == [[6, 5], [4, 3], [2, 1]]
    assert ids == [1, 2, 3, 4, 5, 6]


def test_a_page_of_a_running_executions_history_can_be_continued_later(
    isolated_stepfunctions, sfn, machine
):
    # given
    states = {"Wait": {"Type": "Wait", "Seconds": 9, "End": True}}
    arn = sfn.start_execution(stateMachineArn=machine(states))["executionArn"]
    isolated_stepfunctions.world.sleep(1)
    first = sfn.get_execution_history(executionArn=arn, maxResults=1)

    # when
    isolated_stepfunctions.world.run()
    rest = sfn.get_execution_history(executionArn=arn, nextToken=first["nextToken"])

    # then
    assert [event["type"] for event in rest["events"]] == [
        "WaitStateEntered",
        "WaitStateExited",
        "ExecutionSucceeded",
    ]
    assert rest["events"][1]["timestamp"].isoformat() == "2026-01-05T09:00:09+00:00"


def test_events_contain_inputs_outputs_and_variables_as_json(run):
    # when
    end = run(SHORT, {"a": "ü"})

    # then
    assert end.details[0] == {
        "input": '{"a": "\\u00fc"}',
        "inputDetails": {"truncated": False},
        "roleArn": "arn:aws:iam::111122223333:role/Machine",
    }
    assert end.details[2] == {
        "name": "A",
        "output": '{"a":"ü"}',
        "outputDetails": {"truncated": False},
        "assignedVariables": {"v": "[1]"},
        "assignedVariablesDetails": {"truncated": False},
    }


def test_execution_data_is_left_out_on_request(isolated_stepfunctions, sfn, run, task):
    # given
    isolated_stepfunctions.functions.handlers["f"] = lambda event: event
    end = run({**SHORT, "B": task("f")}, {"a": 1})

    # when
    events = sfn.get_execution_history(executionArn=end.arn, includeExecutionData=False)["events"]

    # then
    (scheduled,) = (each for each in events if each["type"] == "TaskScheduled")
    assert "parameters" not in scheduled["taskScheduledEventDetails"]
    assert "input" not in events[0]["executionStartedEventDetails"]
    assert "assignedVariables" not in events[2]["stateExitedEventDetails"]
    assert events[2]["stateExitedEventDetails"]["name"] == "A"


@pytest.mark.parametrize("call", ["list_executions", "get_execution_history"])
def test_more_than_1000_results_per_page_are_refused(sfn, machine, call):
    # given
    arn = machine(SHORT)
    name = "stateMachineArn" if call == "list_executions" else "executionArn"

    # when / then
    with pytest.raises(sfn.exceptions.ClientError, match="less than or equal to 1000"):
        getattr(sfn, call)(**{name: arn}, maxResults=1_001)


@pytest.mark.rule("N1")
def test_an_execution_fails_at_25000_events_and_the_error_cannot_be_caught(
    isolated_stepfunctions, sfn, machine, task
):
    # given a loop through a task that catches all errors
    isolated_stepfunctions.functions.handlers["f"] = lambda _: 1
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]
    states = {
        "A": task("f", Catch=catch, Output=1, Next="B"),
        "B": {"Type": "Wait", "Seconds": 1, "Next": "A"},
        "Caught": {"Type": "Succeed"},
    }
    arn = sfn.start_execution(stateMachineArn=machine(states))["executionArn"]

    # when
    isolated_stepfunctions.world.run()

    # then
    history = sfn.get_execution_history(executionArn=arn, reverseOrder=True, maxResults=2)
    last, before = history["events"]
    assert (last["id"], last["type"]) == (25_000, "ExecutionFailed")
    assert before["type"] != "TaskStateExited"
    cause = sfn.describe_execution(executionArn=arn)["cause"]
    assert cause == "The execution reached the maximum number of history events (25000)."
    assert last["previousEventId"] == 24_999
