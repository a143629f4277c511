"""A consent permits what it says, while it holds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from voicebot.domain.consent import Consent, ConsentKind, ConsentScope

GIVEN = datetime(2026, 3, 1, tzinfo=UTC)
LATER = GIVEN + timedelta(days=10)
CONSENT = Consent(
    scope=ConsentScope.CALL, kind=ConsentKind.ADVERTISING, source="site", wording="1", given_at=GIVEN, proof="form 7"
)


def test_it_permits_its_own_scope_and_no_other() -> None:
    assert CONSENT.allows(ConsentScope.CALL, ConsentKind.ADVERTISING, LATER)
    assert not CONSENT.allows(ConsentScope.SMS, ConsentKind.ADVERTISING, LATER)


def test_consent_to_advertising_covers_service_but_not_the_other_way_round() -> None:
    assert CONSENT.allows(ConsentScope.CALL, ConsentKind.SERVICE, LATER)
    service = replace(CONSENT, kind=ConsentKind.SERVICE)
    assert service.allows(ConsentScope.CALL, ConsentKind.SERVICE, LATER)
    assert not service.allows(ConsentScope.CALL, ConsentKind.ADVERTISING, LATER)


def test_it_must_be_prior() -> None:
    assert not CONSENT.allows(ConsentScope.CALL, ConsentKind.ADVERTISING, GIVEN - timedelta(seconds=1))


@pytest.mark.parametrize(("withdrawn", "holds"), [(LATER, False), (LATER + timedelta(seconds=1), True)])
def test_it_ends_with_its_withdrawal(withdrawn: datetime, holds: bool) -> None:
    consent = replace(CONSENT, withdrawn_at=withdrawn)
    assert consent.allows(ConsentScope.CALL, ConsentKind.ADVERTISING, LATER) is holds
    assert consent.in_order
    assert not replace(CONSENT, withdrawn_at=GIVEN - timedelta(days=1)).in_order
