"""What `pages.py` asks for: by name, an address, another one each time."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlencode

from page_store import START, STEP_S

from voicebot.entrypoints.web.api.paging import pack

Address = Callable[[random.Random], str]


def pages(calls: int) -> dict[str, Address]:
    """The desk's."""

    def place(chance: random.Random) -> dict[str, int]:
        return {"before": chance.randrange(calls // 20, calls + 1)} if chance.random() < 0.7 else {}

    def listed(**asked: str | tuple[str, ...]) -> Address:
        def address(chance: random.Random) -> str:
            chosen = {name: one if isinstance(one, str) else chance.choice(one) for name, one in asked.items()}
            return f"/calls?{urlencode(chosen | place(chance))}"

        return address

    def moment(chance: random.Random) -> datetime:
        return START + timedelta(seconds=STEP_S * chance.randrange(calls // 2, calls + 1))

    def days_of(chance: random.Random, count: int) -> str:
        last = moment(chance)
        return urlencode({"from": f"{last - timedelta(days=count - 1):%Y-%m-%d}", "to": f"{last:%Y-%m-%d}"})

    campaigns = tuple(str(one) for one in range(1, 41))
    days = tuple(f"{START + timedelta(seconds=STEP_S * n * calls // 20):%Y-%m-%d}" for n in range(20))
    common, rare = (
        ("интересно", "удобно", "слушаю"),
        ("перезвоните завтра", "другом магазине", "суд", "жалоба", "водитель"),
    )
    return {
        "calls": listed(),
        "calls: one campaign": listed(campaign=campaigns),
        "calls: one disposition": listed(disposition=("accepted", "stop", "complaint", "busy")),
        "calls: rare tag": listed(tag="vip"),
        "calls: unread": listed(unread="1"),
        "calls: days": listed(**{"from": days, "to": days}),
        "calls: long ago": listed(to=days[:4]),
        "calls: campaign, group, length": listed(campaign=campaigns, group=("interested", "negative"), length="talk"),
        "calls: rare together": listed(campaign=campaigns, disposition="complaint", tag="vip"),
        "calls: never together": listed(disposition="accepted", group="negative"),
        "calls: state, direction, since": listed(state="offer", direction="in", **{"from": days[:10]}),
        "search: common word": listed(q=common),
        "search: less common words": listed(q=rare),
        "search: word of one call": lambda chance: (
            f"/calls?q=артикул{1000 * chance.randrange(calls // 3000 + 1) * 3 + 1}"
        ),
        "search: word of long ago": listed(q="ёлка"),
        "search: nobody said it": listed(q=("синхрофазотрон", "интересно синхрофазотрон", '"удобно ёлка"')),
        "search: two common words": listed(q=("интересно удобно", "слушаю дорого", "дорого -интересно")),
        "search: phrase": listed(q=('"перезвоните завтра"', '"не интересно"')),
        "search: bot's words": listed(q=("скидка", "менеджеру промокод"), everybody="1"),
        "search: without a word": listed(q="-интересно"),
        "search: word, campaign, disposition": listed(q=common, campaign=campaigns, disposition="declined"),
        "search: word, days": listed(q=("дорого", "ёлка"), **{"from": days[:15]}),
        "search: everything at once": listed(
            q=common, campaign=campaigns, group="negative", disposition="stop", length="talk", unread="1", tag="price"
        ),
        "one call": lambda chance: f"/calls/{chance.randrange(1, calls)}",
        "today": lambda chance: "/",
        "escalations": lambda chance: "/escalations",
        "escalations: resolved": lambda chance: "/escalations/history",
        "escalations: resolved long ago": lambda chance: (
            f"/escalations/history?before={moment(chance):%Y-%m-%dT%H:%M:%S}%2B00:00~1"
        ),
        "customers": lambda chance: "/customers",
        "customers: name": lambda chance: (
            f"/customers?{urlencode({'q': chance.choice(('Иванов', 'Волков7', 'Петров12'))})}"
        ),
        "customers: telephone": lambda chance: f"/customers?q=%2B79{chance.randrange(1, calls // 4):09}",
        "one customer": lambda chance: f"/customers/{chance.randrange(1, calls // 4)}",
        "campaigns": lambda chance: "/campaigns",
        "one campaign": lambda chance: f"/campaigns/{chance.choice(campaigns)}",
        "scripts": lambda chance: "/scripts",
        "phrase books": lambda chance: "/scripts/phrases",
        "why called": lambda chance: f"/customers/{chance.randrange(1, calls // 4)}/why",
        "audit log": lambda chance: "/audit",
        "audit log: one person": lambda chance: f"/audit?actor=manager-{chance.randrange(7)}",
        "audit log: one deed, days": lambda chance: (
            f"/audit?action={chance.choice(('call.reviewed', 'crm.told'))}&{days_of(chance, 7)}"
        ),
        "audit log: about one": lambda chance: f"/audit?subject=call:{chance.randrange(calls)}",
        "reports": lambda chance: "/reports",
        "reports: one campaign by day": lambda chance: (
            f"/reports?by=day&{days_of(chance, 30)}&campaign={chance.choice(campaigns)}"
        ),
        "reports: any month by script": lambda chance: f"/reports?by=script&{days_of(chance, 30)}",
        "reports: a quarter by class": lambda chance: f"/reports?by=class&{days_of(chance, 90)}",
        "reports: a year by week": lambda chance: f"/reports?by=week&{days_of(chance, 365)}",
        "reports: cohorts": lambda chance: "/reports/cohorts",
        "reports: NPS": lambda chance: f"/reports/nps?{days_of(chance, 30)}",
        "reports: summary": lambda chance: f"/reports/summary?{days_of(chance, 30)}",
        "reports: table as CSV": lambda chance: f"/reports/table.csv?by=campaign&{days_of(chance, 90)}",
    }


def api_pages(calls: int) -> dict[str, Address]:
    """The API's lists, and one of each thing."""

    def listed(path: str, most: int, **asked: str | tuple[str, ...]) -> Address:
        """`most`: places of the list's cursor."""

        def address(chance: random.Random) -> str:
            chosen = {name: one if isinstance(one, str) else chance.choice(one) for name, one in asked.items()}
            place = {"cursor": pack(chance.randrange(most // 20, most + 1))} if most and chance.random() < 0.7 else {}
            return f"/api/v1/{path}?{urlencode(chosen | place)}"

        return address

    campaigns, customers = tuple(str(one) for one in range(1, 41)), calls // 4
    since = tuple(f"{START + timedelta(seconds=STEP_S * n * calls // 20):%Y-%m-%dT%H:%M:%SZ}" for n in range(15))
    return {
        "API: calls": listed("calls", calls),
        "API: calls of a campaign": listed("calls", calls, campaign=campaigns, group=("interested", "negative")),
        "API: calls since, unread": listed("calls", calls, since=since, unread="true"),
        "API: calls, rare together": listed("calls", calls, campaign=campaigns, disposition="complaint", tag="vip"),
        "API: calls, words": listed("calls", calls, q=("интересно", "ёлка", "дорого", "другом магазине")),
        "API: one call": lambda chance: f"/api/v1/calls/{chance.randrange(1, calls)}",
        "API: customers": listed("customers", customers),
        "API: one customer": lambda chance: f"/api/v1/customers/{chance.randrange(1, customers)}",
        "API: campaigns": listed("campaigns", 0),
        "API: people of a campaign": lambda chance: (
            f"/api/v1/campaigns/{chance.choice(campaigns)}/leads?cursor={pack(chance.randrange(customers))}"
        ),
        "API: people who wait": lambda chance: (
            f"/api/v1/campaigns/{chance.choice(campaigns)}/leads?state=queued&cursor={pack(chance.randrange(customers))}"
        ),
        "API: escalations": listed("escalations", 0, state=("open", "resolved")),
        "API: releases": listed("releases", 0),
        "API: audit log": listed("audit", 0),
        "API: today": lambda chance: "/api/v1/today",
    }
