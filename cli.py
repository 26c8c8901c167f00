"""The `toolkit` command: its groups, each imported only when it is called, so that help answers at once."""

import click

from toolkit.commands.lazy import LazyGroup

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
    "qc": ("toolkit.commands.qc:qc", "Call quality: scores, samples, agreement, disputes, coaching."),
    "recovery": ("toolkit.commands.recovery:recovery", "Say what collecting cost, what it brought, and what pays."),
    "conduct": ("toolkit.commands.conduct:conduct", "Hold calls, messages and visits against the rules of calling."),
    "hourly": ("toolkit.commands.daily:hourly", "Say who is on pace with the day and who is behind, hour by hour."),
    "today": ("toolkit.commands.daily:today", "List the team's day: who works, targets, promises due, what is left."),
    "schedule": ("toolkit.commands.scorecard:schedule", "Lines that make the packs at set times."),
    "kpis": ("toolkit.commands.scorecard:kpis", "List every KPI: formula, inputs, source, definitions."),
    "workbook": ("toolkit.commands.workbook:workbook", "Build the supervisor's workbook with buttons, or check one."),
    "doctor": ("toolkit.commands.workbook:doctor", "Say whether this machine is ready, and what to do if not."),
    "sample": ("toolkit.commands.sample:sample", "Make invented data of any size to try things on."),
}


@click.group(cls=LazyGroup, lazy=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="collections-toolkit", prog_name="toolkit")
def main() -> None:
    """Commissions, KPIs and call quality for collections teams: exact, checked, explained.

    \b
    Start here:  toolkit demo
    Your month:  toolkit commissions calculate DATA --plan PLAN --period 2026-10 --out OUT
    """


if __name__ == "__main__":
    main()
