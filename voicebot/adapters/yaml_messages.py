"""Message templates out of `messages.yaml`."""

from collections.abc import Mapping
from pathlib import Path

from voicebot.adapters.yaml_nodes import YamlFile, meant
from voicebot.domain.errors import BadInput
from voicebot.domain.message import LONGEST_TEXT, MessageTemplate, MessageVariable


def load_messages(path: Path) -> Mapping[str, MessageTemplate]:
    """The templates by name; raises BadInput with every problem, each with its line."""
    file = YamlFile(path=path)
    root = file.compose()
    found: dict[str, MessageTemplate] = {}
    for entry in file.entries(root, "").values() if root is not None else ():
        template = MessageTemplate(name=entry.key, text=file.text(entry, "message"))
        for name in template.unknown_variables:
            file.note(entry.line, f"message '{entry.key}'", f"nobody fills '{{{name}}}'", meant(name, MessageVariable))
        if len(template.text) > LONGEST_TEXT:
            file.note(entry.line, f"message '{entry.key}'", f"is longer than {LONGEST_TEXT} characters", "shorten it")
        found[entry.key] = template
    if root is not None and not found:
        file.note(1, "", "holds no messages", "write `name: text` lines")
    if file.problems:
        raise BadInput(file.problems)
    return found
