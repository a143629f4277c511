"""The few words of SIP we read ourselves."""

import pytest

from voicebot.adapters.pjsua2_messages import Invitation, SipAddress, parse_sip_uri, read_invitation


@pytest.mark.parametrize(
    ("uri", "user", "host", "port"),
    [
        ("sip:+79161234567@10.0.0.1", "+79161234567", "10.0.0.1", 5060),
        ("sip:bob@Example.COM:5070;transport=tcp", "bob", "example.com", 5070),
        ("sips:bob@[::1]:5061", "bob", "::1", 5061),
        ("sip:bob:secret@host", "bob", "host", 5060),
        ("sip:host", "", "host", 5060),
    ],
)
def test_a_sip_address_is_taken_apart(uri: str, user: str, host: str, port: int) -> None:
    assert parse_sip_uri(uri) == SipAddress(user=user, host=host, port=port)


@pytest.mark.parametrize("uri", ["", "bob", "tel:+79161234567", "http://x"])
def test_what_is_no_sip_address_is_refused_without_repeating_it(uri: str) -> None:
    with pytest.raises(ValueError, match="not a SIP URI") as caught:
        parse_sip_uri(uri)
    assert "7916" not in str(caught.value)


@pytest.mark.parametrize(
    ("from_line", "to_line"),
    [
        ('From: "Anna" <sip:+7916@a.example>;tag=1', "To: <sip:+7495@b.example>"),
        ("f: sip:+7916@a.example;tag=1", "t: sip:+7495@b.example"),
        ("FROM: <sips:+7916@a.example;user=phone>", "to:<sip:+7495@b.example>"),
    ],
)
def test_an_invitation_names_whom_it_is_for_and_from(from_line: str, to_line: str) -> None:
    message = (
        f"INVITE sip:100@127.0.0.1:5060 SIP/2.0\r\nVia: x\r\n{from_line}\r\n{to_line}\r\n\r\nFrom: <sip:body@x>\r\n"
    )
    assert read_invitation(message) == Invitation(request_user="100", to_user="+7495", from_user="+7916")


def test_an_invitation_without_names_has_empty_ones() -> None:
    assert read_invitation("INVITE") == Invitation(request_user="", to_user="", from_user="")
