"""What the README promises is what there is."""

import re

from voicebot.config import PREFIX, PROJECT, Settings

README = (PROJECT / "README.md").read_text(encoding="utf-8")


def test_every_setting_and_no_other_stands_in_the_table() -> None:
    rows = re.findall(r"^\| `(VOICEBOT_[A-Z_]+)` \| (.*?) \|", README, flags=re.MULTILINE)
    assert [variable for variable, _ in rows] == [PREFIX + name.upper() for name in Settings.__dataclass_fields__]


def test_every_folder_has_a_readme() -> None:
    folders = ("voicebot", "scripts", "campaigns", "dialplans", "models", "recordings", "tests", "benchmarks")
    assert [folder for folder in folders if not (PROJECT / folder / "README.md").is_file()] == []


def test_every_file_the_readmes_link_to_exists() -> None:
    for page in ("README.md", "CONTRIBUTING.md"):
        links = re.findall(r"\]\(([^)#:]+)\)", (PROJECT / page).read_text(encoding="utf-8"))
        assert [link for link in links if not (PROJECT / link).exists()] == []
