"""The `toolkit` command: its groups, each imported only when it is called, so that help answers at once."""

from importlib import import_module

import click

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": (
        "toolkit.commands.demo:demo",
        "Make a small invented branch, calculate its month, show where everything is.",
    ),
    "profiles": ("toolkit.commands.profiles:profiles", "List the shipped set-ups."),
    "profile": ("toolkit.commands.profiles:profile", "Make a set-up of your own."),
    "check": ("toolkit.commands.check:check", "Read everything and report every problem."),
    "plan": ("toolkit.commands.plan:plan", "Check, show and compare commission plans."),
    "commissions": ("toolkit.commands.commissions:commissions", "Calculate a period's commissions and explain them."),
    "scorecard": ("toolkit.commands.scorecard:scorecard", "Compute KPIs and scorecards of a period."),
    "schedule": ("toolkit.commands.scorecard:schedule", "Lines that make the packs at set times."),
    "kpis": ("toolkit.commands.scorecard:kpis", "List every KPI: formula, inputs, source, definitions."),
    "workbook": ("toolkit.commands.workbook:workbook", "Build the supervisor's workbook with buttons, or check one."),
    "doctor": ("toolkit.commands.workbook:doctor", "Say whether this machine is ready, and what to do if not."),
    "sample": ("toolkit.commands.sample:sample", "Make invented data of any size to try things on."),
}


class LazyGroup(click.Group):
    """A group that knows its commands' names and one-line helps, and imports a command when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="collections-toolkit", prog_name="toolkit")
def main() -> None:
    """Commissions, KPIs and call quality for collections teams: exact, checked, explained.

    \b
    Start here:  toolkit demo
    Your month:  toolkit commissions calculate DATA --plan PLAN --period 2026-10 --out OUT
    """


if __name__ == "__main__":
    main()
