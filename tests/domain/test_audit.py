"""The chain's arithmetic: one way to write an entry, one that follows another."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from voicebot.domain.audit import GENESIS, AuditEntry, Break, Chain, ChainedEntry, Flaw, entry_hash

AT = datetime(2026, 11, 24, 9, 0, 0, 123456, tzinfo=UTC)
ENTRY = AuditEntry(
    at=AT,
    actor="Анна",
    action="campaign.released",
    subject="campaign:7",
    details={"whole": 1.0, "share": 0.05, "leads": 2},
)
PINNED = "402952e921beab7b43b54984df6c28fc0531c9a745c3248f69d79d128302e7ac"
"""sha256sum of 64 zeros, a line feed and the canonical text: logs of years depend on it, it must never change."""


def test_the_hash_of_an_entry_is_what_sha256sum_says() -> None:
    assert entry_hash(GENESIS, ENTRY) == PINNED


def test_the_hash_knows_neither_the_zone_of_the_clock_nor_the_order_of_the_details() -> None:
    same = AuditEntry(
        at=AT.astimezone(timezone(timedelta(hours=7))),
        actor=ENTRY.actor,
        action=ENTRY.action,
        subject=ENTRY.subject,
        details={"leads": 2.0, "share": 0.05, "whole": 1},
    )
    assert entry_hash(GENESIS, same) == PINNED
    assert entry_hash(PINNED, same) != PINNED


def test_a_chain_follows_what_it_appended_and_nothing_else() -> None:
    first = Chain().append(ENTRY)
    chain = Chain().follow(first)
    assert chain == Chain(count=1, head=PINNED)
    assert isinstance(chain, Chain)
    second = chain.append(ENTRY)
    assert (second.id, second.prev_hash) == (2, PINNED)
    assert flaw(Chain(), second) is Flaw.GAP
    assert flaw(chain, ChainedEntry(id=2, entry=ENTRY, prev_hash=GENESIS, hash=second.hash)) is Flaw.LINK
    assert flaw(chain, ChainedEntry(id=2, entry=ENTRY, prev_hash=PINNED, hash=PINNED)) is Flaw.CONTENT


def flaw(chain: Chain, entry: ChainedEntry) -> Flaw:
    found = chain.follow(entry)
    assert isinstance(found, Break)
    assert f"entry {entry.id}: {found.flaw}" in str(found)
    return found.flaw


def test_what_json_cannot_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        entry_hash(GENESIS, AuditEntry(at=AT, actor="x", action="x", details={"share": float("nan")}))
