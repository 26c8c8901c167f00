"""`toolkit qc`: quality scores, which calls to listen to, do evaluators agree, appeals, coaching."""

import click

from toolkit.commands.lazy import Commands, LazyGroup

COMMANDS: Commands = {
    "score": ("toolkit.commands.qc_score:score", "Score calls, agents, teams, sections, questions and evaluators."),
    "agreement": ("toolkit.commands.qc_agreement:agreement", "Do evaluators agree, and what to talk about."),
    "form": ("toolkit.commands.qc_form:form", "A form as a workbook with a live score; blind forms of a calibration."),
    "sample": ("toolkit.commands.qc_sample:sample", "Which calls to listen to, by a plan and a seed."),
    "actions": ("toolkit.commands.qc_actions:actions", "Coaching: proposed, open, and whether it helped."),
    "dispute": ("toolkit.commands.qc_dispute:dispute", "Dispute a question, decide it, or list what is open."),
}


@click.group(cls=LazyGroup, lazy=COMMANDS)
def qc() -> None:
    """Score calls, draw calls to listen to, see whether evaluators agree, decide disputes, coach.

    \b
    Example:  toolkit qc score DATA --profile phone-credit --period 2026-10 --out OUT
    """
