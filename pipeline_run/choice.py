"""A command-line option with a fixed set of values."""

from __future__ import annotations

from typing import Any

import click

from codepipeline_orchestrator.input.mistakes import meant


class ChoiceWithHint(click.Choice[str]):
    """A choice whose error message suggests the nearest valid value."""

    def normalize_choice(self, choice: object, ctx: click.Context | None) -> str:
        """The choice as --help and completion show it, also where the case does not matter."""
        if self.case_sensitive:
            return super().normalize_choice(choice, ctx)
        given = str(choice)
        return next((each for each in self.choices if each.lower() == given.lower()), given)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The chosen value. Raises BadParameter for any other value."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            hint = meant(value, map(str, self.choices))
            raise click.BadParameter(f"{error.message.rstrip('.')}{hint}.", ctx, param) from error
