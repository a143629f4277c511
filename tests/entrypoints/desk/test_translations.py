"""Nothing on the pages is left in one language."""

from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from voicebot.entrypoints.web.desk import pages

DESK = Path(pages.__file__).parent
METHODS = [("templates/**.html", "jinja2.ext:babel_extract")]


@pytest.mark.parametrize("language", [one for one in pages.LANGUAGES if one != "ru"])
def test_every_text_of_the_templates_is_translated(language: str) -> None:
    with (DESK / "locale" / f"{language}.po").open("rb") as file:
        known = {one.id if isinstance(one.id, str) else one.id[0] for one in read_po(file) if one.string}
    found = {text if isinstance(text, str) else text[0] for _, _, text, _, _ in extract_from_dir(DESK, METHODS)}
    titles = {title for _, title, _, _ in pages.NAVIGATION} | set(pages.ROLES.values())
    assert found
    assert (found | titles) - known == set()


@pytest.mark.parametrize("language", pages.LANGUAGES)
def test_what_a_stranger_wrote_is_escaped_even_where_a_template_translates_it(language: str) -> None:
    template = pages.build_environments()[language].from_string("{{ _(ours) }} {{ _(theirs) }}")
    shown = template.render(ours="Звонки", theirs="<b>на 100%</b>")
    assert shown.partition(" ")[2] == "&lt;b&gt;на 100%&lt;/b&gt;"
