"""`python -m voicebot` is the `voicebot` command."""

from voicebot.entrypoints.cli.main import run

run()
