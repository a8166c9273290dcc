"""Options that take one of a few words."""

from __future__ import annotations

from typing import Any

import click

from codepipeline_orchestrator.input.mistakes import meant


class Words(click.Choice[str]):
    """One of these words; to another one it says which may have been meant."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The word. BadParameter if it is none of them."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            hint = meant(value, map(str, self.choices))
            raise click.BadParameter(f"{error.message.rstrip('.')}{hint}.", ctx, param) from error
