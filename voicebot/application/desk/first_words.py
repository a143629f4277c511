"""What a campaign says first: whoever signs its list reads it."""

import re
from collections.abc import Mapping
from typing import Final

from voicebot.application.desk.campaign_bench import Around, Workbench, words_of
from voicebot.domain.campaign import CampaignPlan
from voicebot.domain.dialogue_prompts import all_prompts
from voicebot.domain.script import Script

_LINES: Final = 6
_AGAIN: Final = re.compile(r"\.(again|silence|unknown)\d*$")
"""Keys of lines that only repeat a question."""


def first_words(bench: Workbench, plan: CampaignPlan, around: Around) -> dict[str, list[str]]:
    """The first lines of each script of the plan, to somebody made up."""
    names = [plan.script, *(one.script for one in plan.variants if one.script)]
    words = words_of(bench, plan.offer)
    return {name: _lines(around.scripts[name], words) for name in dict.fromkeys(names) if name in around.scripts}


def _lines(script: Script, words: Mapping[str, str]) -> list[str]:
    said = [one for one in all_prompts(script, words) if not _AGAIN.search(one.key)]
    return [one.text for one in said[:_LINES]]
