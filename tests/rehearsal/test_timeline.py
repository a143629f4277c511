"""Virtual time goes forward in order."""

from datetime import UTC, datetime, timedelta

from voicebot.rehearsal.year.timeline import Timeline

START = datetime(2026, 1, 1, tzinfo=UTC)


async def test_things_happen_in_order_and_what_is_past_happens_at_once() -> None:
    timeline, seen = Timeline(START), list[tuple[str, timedelta]]()

    def note(name: str) -> None:
        seen.append((name, timeline.now() - START))

    async def first() -> None:
        note("first")
        timeline.at(START, lambda: told("late"))
        timeline.at(timeline.now() + timedelta(hours=1), lambda: told("third"))

    async def told(name: str) -> None:
        note(name)

    timeline.at(START + timedelta(hours=1), first)
    timeline.at(START + timedelta(hours=1), lambda: told("second"))
    timeline.at(START + timedelta(hours=9), lambda: told("never"))
    await timeline.run(START + timedelta(hours=5))
    hour = timedelta(hours=1)
    assert seen == [("first", hour), ("second", hour), ("late", hour), ("third", 2 * hour)]
    assert timeline.now() == START + timedelta(hours=5)
