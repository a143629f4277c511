"""Domain values as the JSON columns hold them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from voicebot.domain.contact_rules import Verdict
from voicebot.domain.offer import Offers
from voicebot.domain.outcome import Discount, FollowUp


def verdict_json(verdict: Verdict) -> dict[str, object]:
    """`{"allowed", "refusals", "checked_at", "facts"}`, and `again_at` where there is such a moment."""
    stored: dict[str, object] = {
        "allowed": verdict.allowed,
        "refusals": [refusal.value for refusal in verdict.refusals],
        "checked_at": verdict.checked_at.isoformat(),
        "facts": dict(verdict.facts),
    }
    if verdict.again_at is not None:
        stored["again_at"] = verdict.again_at.isoformat()
    return stored


def offers_json(offers: Offers) -> dict[str, object]:
    """`{"first": {"percent", "days"}, "better": ...}`; percents as text, exact."""
    return {"first": _discount_json(offers.first), "better": _discount_json(offers.better)}


def offers_of(stored: Mapping[str, Any]) -> Offers:
    """What `offers_json` wrote."""
    return Offers(first=_discount_of(stored["first"]), better=_discount_of(stored["better"]))


def action_json(action: FollowUp) -> dict[str, object]:
    """The fields that say something, `kind` first."""
    stored: dict[str, object] = {"kind": action.kind.value}
    for name in ("offer", "template", "urgent", "reason", "connected"):
        value = getattr(action, name)
        if value not in ("", False, None) or (name == "connected" and value is False):
            stored[name] = value
    if action.at is not None:
        stored["at"] = action.at.isoformat()
    return stored


def _discount_json(discount: Discount) -> dict[str, object]:
    return {"percent": str(discount.percent), "days": discount.days}


def _discount_of(stored: Mapping[str, Any]) -> Discount:
    return Discount(percent=Decimal(stored["percent"]), days=int(stored["days"]))
