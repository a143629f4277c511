"""People who work with the desk, and what each may do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Role(StrEnum):
    """What somebody is in the company; one person may be several."""

    MANAGER = "manager"  # works the escalations, reads transcripts, puts campaigns together
    ADMIN = "admin"  # trunks, dialplans, scripts, users
    RELEASER = "releaser"  # answers for lists with their name (38-FZ art. 18 p. 2)
    AUDITOR = "auditor"  # sees who did what, changes nothing


class Permission(StrEnum):
    """One thing that can be allowed."""

    SEE_TODAY = "see_today"  # live calls without names, funnel, alarms
    SEE_CALLS = "see_calls"  # calls and what was said in them
    HEAR_CALLS = "hear_calls"  # recordings; every look is written into the audit log
    SEE_PERSONAL = "see_personal"  # names, telephones, e-mail unmasked
    CORRECT = "correct"  # mend intents, words and tags
    WORK_ESCALATIONS = "work_escalations"  # take, call back, resolve
    EDIT_CAMPAIGNS = "edit_campaigns"  # put together, start, pause
    RELEASE = "release"  # answer for a list
    CHANGE_CUSTOMERS = "change_customers"  # stop-list, tags by hand
    ERASE = "erase"  # forget a person, export their data (152-FZ)
    SEE_SCRIPTS = "see_scripts"  # what the bot says, and how it is understood
    EDIT_SCRIPTS = "edit_scripts"  # change it, for every line from the next call on
    EDIT_DIALPLANS = "edit_dialplans"  # how it is dialled
    SEE_REPORTS = "see_reports"  # measures and plots
    SEE_AUDIT = "see_audit"  # who did what
    MANAGE_USERS = "manage_users"  # invite, disable, roles, API tokens


_MANAGER: Final = frozenset(
    {
        Permission.SEE_TODAY,
        Permission.SEE_CALLS,
        Permission.HEAR_CALLS,
        Permission.SEE_PERSONAL,
        Permission.CORRECT,
        Permission.WORK_ESCALATIONS,
        Permission.EDIT_CAMPAIGNS,
        Permission.CHANGE_CUSTOMERS,
        Permission.SEE_SCRIPTS,
        Permission.SEE_REPORTS,
    }
)
PERMISSIONS: Final[Mapping[Role, frozenset[Permission]]] = MappingProxyType(
    {
        Role.MANAGER: _MANAGER,
        Role.ADMIN: frozenset(
            {
                Permission.SEE_TODAY,
                Permission.SEE_CALLS,
                Permission.SEE_SCRIPTS,
                Permission.EDIT_SCRIPTS,
                Permission.EDIT_DIALPLANS,
                Permission.SEE_REPORTS,
                Permission.SEE_AUDIT,
                Permission.MANAGE_USERS,
                Permission.ERASE,
            }
        ),
        Role.RELEASER: frozenset(
            {
                Permission.SEE_TODAY,
                Permission.RELEASE,
                Permission.SEE_CALLS,
                Permission.SEE_PERSONAL,
                Permission.SEE_SCRIPTS,
                Permission.SEE_REPORTS,
            }
        ),
        Role.AUDITOR: frozenset(
            {
                Permission.SEE_TODAY,
                Permission.SEE_CALLS,
                Permission.SEE_SCRIPTS,
                Permission.SEE_REPORTS,
                Permission.SEE_AUDIT,
            }
        ),
    }
)
"""What each role may do; whatever is not here is forbidden."""
NEEDS_CODE: Final = frozenset({Role.ADMIN, Role.RELEASER})
"""Roles that sign in with a one-time code too: they can do harm that cannot be taken back."""
LEAST_PASSWORD: Final = 12
"""Characters of a password, at least; length beats rules about kinds of characters (NIST SP 800-63B)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class User:
    """One person who may sign in."""

    id: int
    login: str
    """Unique, lower-case."""
    name: str
    """As it is written into the audit log and under a release."""
    roles: frozenset[Role]
    phone: str = ""
    """E.164 or a SIP address: where click-to-call rings; empty for none."""
    locale: str = "ru"
    """Language of the pages."""
    has_code: bool = False
    """Whether one-time codes are set up."""
    created_at: datetime
    disabled_at: datetime | None = None
    """Since when they may not sign in."""

    def may(self, permission: Permission) -> bool:
        """Whether any of their roles allows it."""
        return any(permission in PERMISSIONS[role] for role in self.roles)

    @property
    def must_set_up_code(self) -> bool:
        """Whether a role of theirs asks for one-time codes and they have none yet."""
        return not self.has_code and bool(self.roles & NEEDS_CODE)
