"""What the templates of campaigns are given beside the facts: words, choices, sentences."""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, Final

from aiohttp import web

from voicebot.application.desk.campaign_bench import Around
from voicebot.application.desk.campaign_fill import schedule_fields
from voicebot.application.desk.campaign_form import DAYS, MOST_VARIANTS
from voicebot.application.desk.campaigns import FREE, Freedom
from voicebot.domain.campaign import CampaignPlan
from voicebot.domain.customer import ValueClass
from voicebot.domain.schedule import Schedule
from voicebot.domain.script import Script
from voicebot.domain.segment import Interested, Shrunk
from voicebot.entrypoints.web.desk import campaign_words
from voicebot.entrypoints.web.desk.pages import fragment, page, translated

_REFINED: Final = (
    *("value_classes", "max_orders", "min_spent", "max_spent", "last_order_within_months", "no_reaction_to_last"),
    "categories",
)


def form_context(
    typed: Mapping[str, str], around: Around, categories: Sequence[str], free: Freedom = Freedom.ALL
) -> dict[str, Any]:
    """What the fields are filled with and chosen from."""
    return {
        "typed": typed,
        "problems": campaign_words.PROBLEMS,
        "steps": campaign_words.STEPS,
        "may_change": may_change(free),
        "more_open": any(typed.get(name) for name in _REFINED),
        "categories": categories,
        "class_choices": [(one.value, one.value) for one in ValueClass],
        "script_choices": [(name, _titled(name, one)) for name, one in sorted(around.scripts.items())],
        "dialplan_choices": [(name, name) for name, plan in around.dialplans.items() if plan is not None],
        "variant_rows": range(1, max(2, _last_variant(typed)) + 1),
    }


def may_change(free: Freedom) -> SimpleNamespace:
    """Which groups of fields are open."""
    open_fields = FREE[free]
    return SimpleNamespace(
        times="window" in open_fields,
        selection="segment" in open_fields,
        words="script" in open_fields,
        all="kind" in open_fields,
    )


def plan_context(request: web.Request, plan: CampaignPlan, around: Around) -> dict[str, Any]:
    """What `campaigns/plan.html` says about a plan."""
    say = translated(request)
    return {
        "plan": plan,
        "plan_people": people_of(plan),
        "people_titles": campaign_words.PEOPLE,
        "kind_titles": campaign_words.KINDS,
        "script_title": lambda name: _titled(name, around.scripts.get(name)),
        "schedule_words": schedule_words(plan.schedule, say) if plan.schedule else "",
        **choices_context(say),
    }


def choices_context(say: Any) -> dict[str, Any]:
    """Choices whose words are translated."""

    def told(table: Mapping[Any, str]) -> list[tuple[str, str]]:
        return [(str(value), say(text)) for value, text in table.items()]

    return {
        "people_choices": told(campaign_words.PEOPLE),
        "signal_choices": told(campaign_words.SIGNALS),
        "kind_choices": told(campaign_words.KIND_CHOICES),
        "when_choices": told(campaign_words.WHEN),
        "day_choices": told(campaign_words.DAYS),
    }


def people_of(plan: CampaignPlan) -> str:
    """Which of `campaign_form.PEOPLE` it is about."""
    if plan.segment is None:
        return "season" if plan.season else "events"
    rule = plan.segment.rule
    return "interested" if isinstance(rule, Interested) else "shrunk" if isinstance(rule, Shrunk) else "silent"


def schedule_words(schedule: Schedule, say: Any) -> str:
    """A schedule in the words of the page, else its cron fields."""
    fields = schedule_fields(schedule)
    if fields["when"] != "days":
        return f"cron: {schedule.cron}"
    days = fields["days"].split(",")
    named = say("каждый день") if len(days) == len(DAYS) else ", ".join(say(campaign_words.DAYS[one]) for one in days)
    return f"{named} {say('в')} {fields['at']}"


def _titled(name: str, script: Script | None) -> str:
    return f"{script.title} ({name})" if script is not None and script.title else name


def _last_variant(typed: Mapping[str, str]) -> int:
    return max((n for n in range(1, MOST_VARIANTS + 1) if typed.get(f"variant_{n}_name")), default=0)


def part(request: web.Request, template: str, **context: Any) -> web.Response:
    """A part of a page for our JavaScript; a browser that goes there by itself gets it as a page."""
    if request.headers.get("Sec-Fetch-Dest") == "document":
        return page(request, "campaigns/part.html", inner=template, **context)
    text = fragment(request, template, **context)
    return web.Response(text=text, content_type="text/html", headers={"Cache-Control": "no-store"})
