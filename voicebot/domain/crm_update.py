"""What the company's CRM is told."""

from enum import StrEnum


class UpdateState(StrEnum):
    """How far a piece of news has come."""

    QUEUED = "queued"  # a job is to tell the CRM
    SENT = "sent"  # the CRM has taken it
    FAILED = "failed"  # given up: a dead letter, until somebody retries it
