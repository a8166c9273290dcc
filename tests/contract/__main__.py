"""Verify the sandbox's rules on a real AWS account."""

from __future__ import annotations

import argparse
import json
import secrets
import signal
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from tests.contract import cost, evidence, leftovers, permissions
from tests.contract.aws import PREFIX, TAG, Aws
from tests.contract.calls import Answer
from tests.contract.on_sandbox import defaults, in_sandbox
from tests.contract.real import Real
from tests.contract.unobserved import UNOBSERVED
from tests.contract.verification import Choice, Outcome, Verification, settings_of

_REFUSED = 2


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.dry_run:
        return _rehearse(options)
    if options.account is None or options.region is None:
        parser.error("name the account and the Region: --account 111122223333 --region eu-west-1")
    place = Real(options.region, options.speed)
    caller = place.identity()
    if caller["Account"] != options.account:
        _print(f"These credentials do not belong to account {options.account}. Nothing was run.")
        return _REFUSED
    run_id = secrets.token_hex(4)
    aws = Aws(place, options.account, options.region, run_id, defaults(served=True))
    if options.clean:
        return _report_cleaning(leftovers.clean(aws))
    return _verify(aws, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make verify-on-aws", description=__doc__)
    parser.add_argument("--account", help="the account to use; the credentials must belong to it")
    parser.add_argument("--region", help="the Region to use")
    parser.add_argument(
        "--dry-run", action="store_true", help="print the calls, the permissions and the cost"
    )
    parser.add_argument(
        "--clean", action="store_true", help="delete what earlier runs left behind, and exit"
    )
    parser.add_argument(
        "--slow", action="store_true", help="also run the slow tests, which check long time limits"
    )
    parser.add_argument(
        "--minutes",
        type=float,
        default=60,
        help="the time budget for the tests, not including cleanup; longer tests are skipped "
        "(default: %(default)g)",
    )
    parser.add_argument(
        "-k", dest="tests", default="", help="run only the tests that match this pytest expression"
    )
    parser.add_argument(
        "--speed", type=float, default=1.0, help="the speed of the served sandbox's clock"
    )
    parser.add_argument(
        "--evidence",
        type=Path,
        default=evidence.FOLDER,
        help="where to write the record (default: docs/evidence)",
    )
    return parser


def _choice(options: argparse.Namespace) -> Choice:
    return Choice(options.slow, options.minutes, options.tests)


def _verify(aws: Aws, options: argparse.Namespace) -> int:
    terminated = signal.signal(signal.SIGTERM, signal.default_int_handler)
    _print(f"Run {aws.run_id}. Resources begin with {PREFIX}{aws.run_id} and have the tag {TAG}.")
    verification = Verification(aws, _choice(options), lambda each: _print(_line(each)))
    aws.calls.keeps_documents = True
    complete = False
    try:
        complete = verification.run()
    except KeyboardInterrupt:
        pass  # before or after the tests; pytest handles interrupts during the tests
    finally:
        _print("\nDeleting what this run created. If you interrupt this, run --clean later.")
        cleaned = _report_cleaning(leftovers.clean(aws, aws.run_id))
        signal.signal(signal.SIGTERM, terminated)
    record = evidence.document(aws, verification.outcomes, _other_endpoint(aws))
    path = evidence.write(record, options.evidence)
    _print(summary(aws, verification.outcomes))
    for error in verification.errors:
        _print(error)
    if not complete:
        _print("\nThe run was interrupted, or no test was selected.")
    _print(f"\nAWS's answers are in {path}.")
    good = all(each.result in {"holds", "not run"} for each in verification.outcomes)
    return 0 if complete and good and not cleaned else 1


def _other_endpoint(aws: Aws) -> str | None:
    """Return a note for the record if the calls do not go to AWS."""
    host = urlsplit(aws.place.client("codepipeline").meta.endpoint_url).hostname or ""
    return None if host.endswith(".amazonaws.com") else "another endpoint"


def _report_cleaning(cleaned: leftovers.Cleaned) -> int:
    _print(f"Deleted {len(cleaned.deleted)} resources.")
    for what, reason in cleaned.failed.items():
        _print(f"Not deleted: {what}: {reason}")
    for each in cleaned.strangers:
        _print(f"Kept, because it does not have the tag {TAG}: {each.kind} {each.name}")
    return 1 if cleaned.failed else 0


def _line(outcome: Outcome) -> str:
    rules = ", ".join(outcome.rules)
    why = f"\n    {outcome.message}" if outcome.message else ""
    return f"{outcome.result:<12} {rules:<24} {outcome.test}{why}"


def summary(aws: Aws, outcomes: list[Outcome]) -> str:
    by_result: dict[str, list[str]] = {}
    for outcome in outcomes:
        for rule in outcome.rules:
            by_result.setdefault(outcome.result, []).append(rule)
    bad = {*by_result.get("differs", ()), *by_result.get("other value", ())}
    holds = sorted(set(by_result.get("holds", ())) - bad, key=_order)
    lines = ["", f"Rules that hold ({len(holds)}): {', '.join(holds)}"]
    for result, title in (
        ("differs", "Rules that do not hold"),
        ("other value", "Rules whose settings have different values"),
        ("call failed", "Not checked, because a call was denied or did not reach AWS"),
        ("out of time", "Not checked, because the time budget was used up"),
        ("not run", "Not checked"),
    ):
        names = sorted(set(by_result.get(result, ())) - set(holds), key=_order)
        if names:
            lines.append(f"{title} ({len(names)}): {', '.join(names)}")
    lines += ["", "Settings, as observed:"]
    for name, values in sorted(settings_of(outcomes).items()):
        expected = aws.expected[name]
        same = values == [expected]
        shown = " and ".join(repr(value) for value in values)
        other = "" if same else f"  OTHER VALUE (the sandbox: {expected!r})"
        lines.append(f"  {name:<40} {shown}{other}")
    lines += ["", "Settings that the tests cannot observe:"]
    lines += [f"  {name:<40} {reason}" for name, reason in UNOBSERVED.items()]
    return "\n".join(lines)


def _order(rule: str) -> tuple[str, int]:
    return rule[0], int(rule[1:])


def _rehearse(options: argparse.Namespace) -> int:
    account, region = options.account or "111122223333", options.region or "eu-west-1"
    verification, made = rehearsed(_choice(options))
    failed = [each for each in verification.outcomes if each.result not in {"holds", "not run"}]
    ran = sum(each.result == "holds" for each in verification.outcomes)
    _print(f"{ran} tests would run. In the sandbox, they made these calls:\n")
    counts = Counter(call.operation for call in made)
    for operation, count in sorted(counts.items()):
        _print(f"{count:>6}  {operation}")
    _print("\nThe caller needs these permissions:\n")
    _print(json.dumps(permissions.policy(counts, account, region), indent=2))
    items = cost.estimate(made)
    _print("\nEstimated maximum cost in US dollars:\n")
    for item in items:
        _print(f"{item.dollars:>8.3f}  {item.count} {item.what}")
    _print(f"{sum(item.dollars for item in items):>8.3f}  total")
    for each in failed:
        _print(_line(each))
    for error in verification.errors:
        _print(error)
    return 1 if failed or not ran else 0


def rehearsed(choice: Choice) -> tuple[Verification, list[Answer]]:
    """Run the tests in a sandbox, and make every call that a run on AWS would make."""
    with in_sandbox(served=True) as aws:
        aws.client("sts").get_caller_identity()
        verification = Verification(aws, choice, lambda _: None)
        verification.run()
        leftovers.clean(aws)
    return verification, aws.calls.made


def _print(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - command-line output


if __name__ == "__main__":
    sys.exit(main())
