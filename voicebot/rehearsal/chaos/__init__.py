"""Proof that nothing is lost and nothing done twice while processes are killed."""
