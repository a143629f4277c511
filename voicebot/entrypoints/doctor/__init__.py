"""`voicebot doctor`: what of the set-up works, and what to do about the rest."""
