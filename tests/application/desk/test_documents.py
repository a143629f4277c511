"""Versions of scripts, phrase books and dialplans: saved in order only, in force for the next call."""

import logging
from pathlib import Path

import pytest
from sqlalchemy import text as sql

from tests.application.campaigns.shop import NOON, Shop
from voicebot.adapters.yaml_documents import YamlDocuments
from voicebot.application.desk.documents import (
    Draft,
    Overtaken,
    Unchanged,
    copy_document,
    open_document,
    roll_back,
    save_draft,
)
from voicebot.application.documents_in_force import DocumentsInForce, InForce
from voicebot.application.ports.desk_unit import OpenDeskUnit
from voicebot.application.ports.understanding import LanguageUnderstanding
from voicebot.domain.contact_hours import AROUND_THE_CLOCK
from voicebot.domain.document import DocumentId, DocumentKind, NewVersion
from voicebot.domain.errors import BadInput
from voicebot.domain.intent import Intent, ListenKind, Question

WINBACK = DocumentId(kind=DocumentKind.SCRIPT, name="winback")
SHARED = DocumentId(kind=DocumentKind.SHARED, name="interrupts")
BOOK = DocumentId(kind=DocumentKind.PHRASES, name="g-ringing-back")
DIALPLAN = DocumentId(kind=DocumentKind.DIALPLAN, name="default")


def in_force(shop: Shop, reader: YamlDocuments) -> DocumentsInForce:
    return DocumentsInForce(shop.open_unit, reader, dialplan="default", now=lambda: NOON, actor="line")


async def save(open_desk: OpenDeskUnit, reader: YamlDocuments, draft: Draft) -> object:
    return await save_draft(open_desk, reader, draft, by="Анна", now=NOON)


async def edited(
    open_desk: OpenDeskUnit, reader: YamlDocuments, document: DocumentId, old: str, new: str, *, base: int | None = None
) -> object:
    """Save the text in force with something in it replaced."""
    async with open_desk() as unit:
        opened = await open_document(unit, reader, document)
    assert old in opened.text
    text = opened.text.replace(old, new)
    return await save(
        open_desk, reader, Draft(document=document, text=text, base=opened.number if base is None else base)
    )


async def execute(shop: Shop, statement: str) -> None:
    async with shop.engine.begin() as connection:
        await connection.execute(sql(statement))


def title(now: InForce) -> str:
    return now.scripts["winback"].title


async def test_a_saved_script_is_in_force_at_the_next_look(
    shop: Shop, open_desk: OpenDeskUnit, reader: YamlDocuments
) -> None:
    documents = in_force(shop, reader)
    first = await documents.look()
    assert await documents.look() is first  # nothing has changed, nothing is read
    await edited(open_desk, reader, WINBACK, "Возврат покупателя", "Другой возврат")
    second = await documents.look()
    assert title(second) == "Другой возврат личной скидкой"
    assert second.script_versions == {"winback": 1}
    assert second.understanding is first.understanding  # only what has changed is read
    assert second.dialplan is first.dialplan


async def test_a_shared_file_changes_every_script_that_includes_it(
    shop: Shop, open_desk: OpenDeskUnit, reader: YamlDocuments
) -> None:
    documents = in_force(shop, reader)
    await documents.look()
    await edited(open_desk, reader, SHARED, "states:\n", "# checked\nstates:\n")
    async with open_desk() as unit:
        text = (await open_document(unit, reader, SHARED)).text
    said = next(line for line in text.splitlines() if "say:" in line).strip()
    assert said
    with pytest.raises(BadInput) as wrong:  # a state the scripts lead to is gone
        await edited(open_desk, reader, SHARED, "  farewell_silent:", "  farewell_quiet:")
    assert any("farewell_silent" in problem.message for problem in wrong.value.problems)


async def test_a_saved_shared_part_raises_the_scripts_that_include_it_and_no_others(
    shop: Shop, open_desk: OpenDeskUnit, reader: YamlDocuments, folder: Path
) -> None:
    part, scripts = DocumentId(kind=DocumentKind.SHARED, name="complaint"), folder / "scripts"
    (scripts / "shared" / "apart.yaml").write_text(reader.text_of(part) or "", encoding="utf-8")
    quality = (scripts / "quality.yaml").read_text(encoding="utf-8")
    (scripts / "quality.yaml").write_text(quality.replace("complaint.yaml", "apart.yaml"), encoding="utf-8")
    documents = in_force(shop, reader)
    await edited(open_desk, reader, WINBACK, "Возврат покупателя", "Другой возврат")
    assert (await documents.look()).script_versions == {"winback": 1}
    await edited(open_desk, reader, part, "states:\n", "# kinder\nstates:\n")
    now = await documents.look()
    assert now.script_versions == {"winback": 2, "inbound": 1, "reminder": 1}  # not quality
    assert title(now) == "Другой возврат личной скидкой"
    notes = await shop.rows("select name, note from document_versions where version = 2")
    assert notes == [("winback", "shared:complaint 1")]
    told = await shop.rows("select subject from audit_log where action = 'document.raised' order by subject")
    assert [row.subject for row in told] == ["script:inbound", "script:reminder", "script:winback"]


async def test_whoever_edits_a_script_that_was_only_raised_meanwhile_is_not_held_up(
    shop: Shop, open_desk: OpenDeskUnit, reader: YamlDocuments
) -> None:
    await edited(open_desk, reader, SHARED, "states:\n", "# checked\nstates:\n")
    saved = await edited(open_desk, reader, WINBACK, "Возврат", "Другой возврат", base=0)
    assert isinstance(saved, NewVersion) and saved.number == 2
    await edited(open_desk, reader, SHARED, "# checked\n", "# checked twice\n")
    assert isinstance(await edited(open_desk, reader, WINBACK, "Другой", "Третий", base=2), NewVersion)
    assert isinstance(await edited(open_desk, reader, WINBACK, "Третий", "Четвёртый", base=3), Overtaken)


async def test_a_text_with_problems_is_never_saved_and_all_of_them_are_told(
    shop: Shop, open_desk: OpenDeskUnit, reader: YamlDocuments
) -> None:
    with pytest.raises(BadInput) as wrong:
        await edited(open_desk, reader, WINBACK, "      yes: offer\n", "      yes: ofer\n      yes_: offer\n")
    lines = {(problem.where, problem.message.split(":")[0]) for problem in wrong.value.problems}
    assert len(lines) > 1
    assert await shop.value("select count(*) from document_versions") == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title: &a x\npurpose: *a\n", "references"),
        ("[" * 500, "nested deeper"),
        ("x" * 300_001, "longer"),
        ("title: 'x\n", "not YAML"),
        ("include: [../../secret.yaml]\ntitle: x\n", "outside the folder"),
    ],
)
async def test_what_would_harm_the_reader_is_a_problem_too(text: str, said: str, reader: YamlDocuments) -> None:
    problems = reader.check(WINBACK, {WINBACK: text})
    assert any(said in problem.message for problem in problems), problems


async def test_the_second_of_two_editors_is_told_and_overwrites_nothing(
    shop: Shop, open_desk: OpenDeskUnit, reader: YamlDocuments
) -> None:
    await edited(open_desk, reader, WINBACK, "Возврат", "Первый возврат", base=0)
    late = await edited(open_desk, reader, WINBACK, "Первый", "Второй", base=0)
    assert isinstance(late, Overtaken)
    assert (late.newest.number, late.newest.author) == (1, "Анна")
    assert await shop.value("select count(*) from document_versions") == 1


async def test_the_same_text_makes_no_version(shop: Shop, open_desk: OpenDeskUnit, reader: YamlDocuments) -> None:
    assert await edited(open_desk, reader, WINBACK, "title", "title") == Unchanged(number=0)
    assert await shop.value("select count(*) from document_versions") == 0


async def test_rolling_back_saves_the_old_text_anew_down_to_the_file(
    shop: Shop, open_desk: OpenDeskUnit, reader: YamlDocuments
) -> None:
    for number in (1, 2):
        await edited(open_desk, reader, WINBACK, "title: ", f"title: {number} ")
    back = await roll_back(open_desk, reader, WINBACK, to=1, base=2, by="Борис", now=NOON)
    assert isinstance(back, NewVersion) and back.number == 3
    assert title(await in_force(shop, reader).look()).startswith("1 Возврат")
    await roll_back(open_desk, reader, WINBACK, to=0, base=3, by="Борис", now=NOON)
    assert title(await in_force(shop, reader).look()) == "Возврат покупателя личной скидкой"
    deeds = await shop.rows("select actor, action, subject from audit_log order by id")
    assert [tuple(row) for row in deeds] == [
        ("Анна", "document.saved", "script:winback"),
        ("Анна", "document.saved", "script:winback"),
        ("Борис", "document.rolled_back", "script:winback"),
        ("Борис", "document.rolled_back", "script:winback"),
    ]


async def test_a_version_another_program_cannot_read_gives_way_to_the_one_before(
    shop: Shop, open_desk: OpenDeskUnit, reader: YamlDocuments, caplog: pytest.LogCaptureFixture
) -> None:
    await edited(open_desk, reader, WINBACK, "title: ", "title: Первый ")
    await edited(open_desk, reader, WINBACK, "title: ", "title: Второй ")
    await execute(shop, "update document_versions set text = 'title: broken' where version = 2")
    with caplog.at_level(logging.ERROR):
        now = await in_force(shop, reader).look()
    assert title(now) == "Первый Возврат покупателя личной скидкой"
    assert now.script_versions == {"winback": 1}
    assert await shop.value("select details->>'version' from audit_log where action = 'document.refused'") == "2"
    await execute(shop, "update document_versions set text = 'title: broken'")
    assert title(await in_force(shop, reader).look()) == "Возврат покупателя личной скидкой"  # down to the file


async def test_a_file_that_breaks_under_a_running_line_changes_nothing(
    shop: Shop, open_desk: OpenDeskUnit, reader: YamlDocuments, folder: Path
) -> None:
    documents = in_force(shop, reader)
    before = await documents.look()
    (folder / "scripts" / "quality.yaml").write_text("title: broken", encoding="utf-8")
    await execute(
        shop,
        "insert into document_versions(kind, name, version, text, author, at)"
        " values ('script', 'winback', 1, 'title: x', 'x', now())",
    )
    assert (await documents.look()).scripts is before.scripts


async def test_phrases_saved_at_the_desk_are_understood(shop: Shop, open_desk: OpenDeskUnit, folder: Path) -> None:
    reader = YamlDocuments(scripts=folder / "scripts", dialplan=folder / "dialplans" / "default.yaml")
    documents = in_force(shop, reader)
    before = (await documents.look()).understanding
    await edited(open_desk, reader, BOOK, "phrases:\n", 'phrases:\n  goodbye: ["абракадабра"]\n')
    after = (await documents.look()).understanding
    question = Question(context="offer", kind=ListenKind.YES_NO)

    def meant(understanding: LanguageUnderstanding) -> Intent:
        return understanding.understand(
            "абракадабра", question, confidence=1.0, local_now=NOON, hours=AROUND_THE_CLOCK
        ).intent

    assert (meant(before), meant(after)) == (Intent.UNKNOWN, Intent.GOODBYE)


async def test_prices_of_a_trunk_change_at_once_and_its_host_with_the_next_telephone(
    shop: Shop, open_desk: OpenDeskUnit, reader: YamlDocuments
) -> None:
    documents = in_force(shop, reader)
    documents.opened((await documents.look()).dialplan)
    await edited(open_desk, reader, DIALPLAN, "lines: 4", "lines: 9")
    assert (await documents.look()).dialplan.trunks[0].lines == 9
    assert not documents.rewired.is_set()
    await edited(open_desk, reader, DIALPLAN, "host: 127.0.0.1", "host: 127.0.0.2")
    assert (await documents.look()).dialplan.trunks[0].host == "127.0.0.1"
    assert documents.rewired.is_set()
    assert (await in_force(shop, reader).look()).dialplan.trunks[0].host == "127.0.0.2"  # of the telephone opened next


async def test_a_copy_is_a_script_of_its_own(shop: Shop, open_desk: OpenDeskUnit, reader: YamlDocuments) -> None:
    made = await copy_document(open_desk, reader, WINBACK, "winback-spring", by="Анна", now=NOON)
    assert made.name in (await in_force(shop, reader).look()).scripts
    for name in ("winback", "../etc", "Весна", ""):
        with pytest.raises(BadInput):
            await copy_document(open_desk, reader, WINBACK, name, by="Анна", now=NOON)


async def test_a_shared_part_that_no_script_includes_yet_is_read_all_the_same(
    open_desk: OpenDeskUnit, reader: YamlDocuments
) -> None:
    later = DocumentId(kind=DocumentKind.SHARED, name="later")
    with pytest.raises(BadInput, match="not YAML"):
        await save(open_desk, reader, Draft(document=later, text="interrupts: [", base=0))
    async with open_desk() as unit:
        assert await unit.documents.newest(later) is None
