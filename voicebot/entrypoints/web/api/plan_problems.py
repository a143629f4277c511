"""What is wrong with a campaign, as the API says it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from voicebot.application.desk.campaign_fields import Wrong
from voicebot.application.json_input import problem
from voicebot.domain.errors import BadInput
from voicebot.entrypoints.web.api.campaign_typing import PATHS


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanProblem:
    """One thing wrong with a campaign."""

    path: Annotated[str, "Field of the draft or the plan."]
    code: Annotated[str, "A stable word for it."]
    message: str
    repair: str
    fatal: Annotated[bool, "False: a warning; it can be sent all the same."]


SAID: Final[Mapping[str, tuple[str, str]]] = {
    "name": ("it has no name", "say what people will call it, e.g. 'coffee, spring'"),
    "too_long": ("it is longer than %(most)s characters", "shorten it"),
    "name_taken": ("there is a campaign of this name", "add the month, or the town"),
    "whole": ("it must be a whole number", "from %(least)s to %(most)s"),
    "number": ("it must be a number", "from %(least)s to %(most)s, as typed at the desk"),
    "choose": ("there is nothing of this name", "see /api/v1/documents"),
    "day": ("it is no day", "write 2026-12-31"),
    "clock": ("it is no time of day", "write 9:30"),
    "stretch": ("it is no stretch of a day, or they overlap", "write 10:00-12:00, then 15:00-19:00"),
    "season": ("no reason is named to call people of the seasonal list", "name it in `season`"),
    "no_triggers": ("no event is named that brings people", "name one in `triggers`"),
    "trigger": ("it is no kind of event", "small Latin letters, digits and _"),
    "contradiction_max_orders": ("it is less than `min_orders`", "change one of them"),
    "contradiction_max_spent": ("it is less than `min_spent`", "change one of them"),
    "contradiction_last_order_within_months": ("it is not more than the `months` without an order", "raise it"),
    "no_days": ("no day is chosen", "name one"),
    "cron": ("it is no schedule", "write five fields of cron, or e.g. 'every weekday at 9'"),
    "cron_never": ("it never fires: no such day exists", "name a day its month has"),
    "no_hours": ("no day is open", "name hours, or leave `hours` out"),
    "floor_above": ("it is above `percent`", "lower it"),
    "ceiling_below": ("it is below `percent`", "raise it"),
    "margin_whole": ("it leaves no discount", "stay below 100"),
    "variant_name": ("the variant has no name", "give it a letter or a word"),
    "variant_share": ("it must be above 0", "say which part of the people"),
    "variant_same": ("it differs in nothing", "give it a `script` or a `percent`"),
    "reminder_days": ("it is not said after how many days", "name `days`"),
    "no_script": ("there is no script of this name", "see /api/v1/documents?kind=script"),
    "script_advertising": ("it advertises, and the campaign is a service", "choose another script"),
    "no_dialplan": ("there is no dialplan of this name", "see /api/v1/documents?kind=dialplan"),
    "nobody": ("nobody would ever be called", "say whom, or name `triggers`"),
    "nothing_to_select": ("there is nothing to select", "leave `schedule` empty"),
    "window_reversed": ("it ends before it starts", "swap `starts_on` and `ends_on`"),
    "window_over": ("its last day is over", "name a later `ends_on`"),
    "schedule_never": ("it never fires", "name a day its month has"),
    "schedule_after_window": ("it fires first on %(day)s, after the window", "let it fire earlier, or end later"),
    "never_opens": ("nobody may be called on these days at these hours (%(zones)s)", "widen them"),
    "never_opens_unknown": (
        "it never opens for people of unknown time zone: their hours must suit all of Russia at once",
        "import their time zones, or widen the hours",
    ),
    "no_label": (
        "advertising over a trunk without contract and label of mass calls (126-FZ art. 44.1): %(trunks)s",
        "add the label to dialplan '%(dialplan)s'",
    ),
    "control_unusual": ("5 to 7 of 100 is the practice", "fewer prove nothing, more are missed sales"),
    "shares_sum": ("the shares add up to %(sum)s percent", "let them add up to 1"),
    "one_variant": ("one variant is no test", "add another one"),
    "variant_twice": ("a variant's name is there twice", "give each a name of its own"),
    "variant_outside": ("a variant's discount lies outside floor and ceiling", "stay within %(low)s to %(high)s"),
    "reminder_late": ("the code holds for %(days)s days", "remind earlier, or let it hold longer"),
    "empty_segment": ("nobody belongs to it now", "widen it, or import customers and orders"),
    "nobody_allowed": ("%(people)s people belong to it and nobody may be called", "the count says why"),
}
"""By the code of `application.desk.campaign_form` and `domain.campaign_checks`: what is wrong, and the repair."""


def told(wrong: Iterable[Wrong]) -> tuple[PlanProblem, ...]:
    """As the API tells it."""
    return tuple(
        PlanProblem(
            path=PATHS.get(one.field, one.field),
            code=one.code,
            message=SAID[one.code][0] % one.facts,
            repair=SAID[one.code][1] % one.facts,
            fatal=one.fatal,
        )
        for one in wrong
    )


def refuse(wrong: Iterable[Wrong]) -> None:
    """Raises BadInput with everything that must be mended, unless nothing must."""
    fatal = [problem(one.path, one.message, one.repair) for one in told(wrong) if one.fatal]
    if fatal:
        raise BadInput(fatal)
