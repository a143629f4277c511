"""A year of campaigns in virtual time: people who behave, the real use cases, and rules that must hold."""
