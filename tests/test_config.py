"""Settings are read whole, and every bad one is named."""

from decimal import Decimal

import pytest

from voicebot.config import read_settings
from voicebot.domain.errors import ConfigurationError


def test_amounts_are_exact() -> None:
    assert read_settings({"VOICEBOT_SMS_PRICE": "4.90"}).sms_price == Decimal("4.90")


def test_every_bad_setting_is_named_at_once() -> None:
    bad = {"VOICEBOT_SMS_PRICE": "nan", "VOICEBOT_LINES": "many", "VOICEBOT_TIME_ZONE": "Moscow"}
    with pytest.raises(ConfigurationError) as refused:
        read_settings(bad)
    assert {problem.source for problem in refused.value.problems} == set(bad)
    with pytest.raises(ConfigurationError, match="VOICEBOT_SMS_PRICE: -1 is not possible"):
        read_settings({"VOICEBOT_SMS_PRICE": "-1"})
