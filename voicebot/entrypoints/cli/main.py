"""The `voicebot` command: every subcommand lives in a module of its own, imported when it runs."""

import sys

import typer

from voicebot.domain.errors import VoicebotError
from voicebot.entrypoints.child_process import message_in
from voicebot.entrypoints.cli import (
    audit,
    call,
    calls,
    campaign,
    campaign_results,
    crm,
    demo,
    dialplan,
    doctor,
    jobs,
    models,
    nlu,
    person,
    processes,
    rehearse,
    report,
    script,
    season,
    segment,
    simulate,
    status,
    token,
    why,
)

_HELP = """The voice robot that wins lapsed customers back.

First look: `doctor`, `sample`, `talk winback`, `demo`.
Your own campaign: `import`, `segment preview`, `campaign`, `run`, `calls`.
Settings are environment variables; README.md lists them.
"""

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help=_HELP)
audit.register(app)
call.register(app)
calls.register(app)
campaign.register(app)
campaign_results.register(campaign.campaign_app)
crm.register(app)
demo.register(app)
dialplan.register(app)
doctor.register(app)
jobs.register(app)
models.register(app)
nlu.register(app)
person.register(app)
processes.register(app)
rehearse.register(app)
report.register(app)
script.register(app)
season.register(app)
segment.register(app)
simulate.register(app)
status.register(app)
token.register(app)
why.register(app)


def run() -> None:
    """Console entry: errors a user can meet become one message and their exit code, never a traceback."""
    try:
        app()
    except (VoicebotError, ExceptionGroup) as error:
        meant = message_in(error)
        if meant is None:
            raise
        print(f"voicebot: {meant}", file=sys.stderr)  # noqa: T201  # the console is this module's output
        sys.exit(meant.exit_code)
