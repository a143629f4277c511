"""Pure rules: no clock, randomness, await or logging in here."""
