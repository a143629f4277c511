"""What axe finds on a page."""

import json
from typing import Any, Final

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page

_COLOURS: Final = ("color-contrast", "link-in-text-block")
"""Rules about colours, by far the slowest, and all that a theme may break; others see the same page in every theme."""
_GRAVE: Final = ("serious", "critical")


async def violations(page: Page, *, colours: bool = True, others: bool = True) -> list[str]:
    """What axe calls serious or critical, and where; of the rules about colours, of all the others, or of both."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE_SCRIPT)
    asked: dict[str, Any] = {"resultTypes": ["violations"]}
    if not others:
        asked["runOnly"] = list(_COLOURS)
    if not colours:
        asked["rules"] = {rule: {"enabled": False} for rule in _COLOURS}
    told = await page.evaluate(f"axe.run({json.dumps(asked)}).then((results) => results.violations)")
    return [
        f"{one['id']}: {node['target']} {node['any'][0]['message'] if node['any'] else ''}"
        for one in told
        if one["impact"] in _GRAVE
        for node in one["nodes"]
    ]
