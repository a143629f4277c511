"""Whatever the bar of sections names is there, for whoever sees it."""

from collections.abc import Awaitable, Callable

import pytest

from tests.entrypoints.desk.visitor import Visitor
from voicebot.domain.user import Role
from voicebot.entrypoints.web.desk.pages import NAVIGATION


@pytest.mark.parametrize("role", tuple(Role))
async def test_every_section_in_the_bar_opens_and_no_other_does(
    role: Role, sign_in: Callable[..., Awaitable[Visitor]]
) -> None:
    visitor = await sign_in(role)
    first = await visitor.text("/")
    for address, _, _, _ in NAVIGATION:
        named = f'<a href="{address}"' in first
        assert (await visitor.get(address)).status == (200 if named else 403), address
