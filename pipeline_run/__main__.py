"""The entry point of `pipeline-run`."""

from __future__ import annotations

import os

from pipeline_run.program import program


def main() -> None:
    """Run the command line, without the variables of Powertools, which only the functions use.

    Many programs read LOG_LEVEL. With a level that Python does not have, such as "trace", no
    command could be imported.
    """
    for name in list(os.environ):
        if name == "LOG_LEVEL" or name.startswith("POWERTOOLS_"):
            del os.environ[name]
    program(prog_name="pipeline-run")


if __name__ == "__main__":
    main()
