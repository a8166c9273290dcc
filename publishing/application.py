"""Put the state machine's definition into the packaged template for publication.

`sam package` uploads the definition to the publisher's bucket and refers to it there. The
Serverless Application Repository copies the functions' code for everyone who deploys the
application, but not the definition
(https://github.com/aws/serverless-application-model/issues/2000). Without this step, every
deployment would have to read the publisher's bucket.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import yaml

STATE_MACHINE = "AWS::StepFunctions::StateMachine"


def application(packaged: str, definition: str) -> str:
    """Put the definition into the packaged template, in place of the reference to it."""
    template = yaml.safe_load(packaged)
    (machine,) = [
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == STATE_MACHINE
    ]
    del machine["DefinitionS3Location"]
    # CloudFormation also substitutes variables in a string, and preserves the types in its JSON.
    machine["DefinitionString"] = json.dumps(yaml.safe_load(definition))
    # Each packaged function has its own location. The default is a folder on the publisher's
    # machine.
    template["Globals"]["Function"].pop("CodeUri", None)
    return written(template)


class _WithoutAliases(yaml.SafeDumper):
    """Writes shared values out in full, because CloudFormation does not support YAML aliases."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the same for all data
        return True


def written(template: dict[str, Any]) -> str:
    """Format the template as YAML that CloudFormation can read.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
    """
    return yaml.dump(template, Dumper=_WithoutAliases, sort_keys=False, width=100_000)


def main() -> None:
    """Read a packaged template and a definition, and print the template to publish."""
    parser = argparse.ArgumentParser(prog="python -m publishing.application", description=__doc__)
    parser.add_argument("packaged", type=Path)
    parser.add_argument("definition", type=Path)
    options = parser.parse_args()
    texts = (path.read_text(encoding="utf-8") for path in (options.packaged, options.definition))
    print(application(*texts), end="")  # noqa: T201 - the output


if __name__ == "__main__":
    main()
