"""Processes and commands: what a person or a supervisor starts."""
