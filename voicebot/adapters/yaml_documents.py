"""Documents out of YAML: files, with what was saved at the desk in their place."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from voicebot.adapters import russian_understanding, yaml_dialplans, yaml_scripts
from voicebot.adapters.shelf import Shelf
from voicebot.adapters.yaml_nodes import YamlFile
from voicebot.adapters.yaml_phrase_books import read_phrase_books
from voicebot.adapters.yaml_traps import traps
from voicebot.application.ports.documents import WrittenPhrase
from voicebot.application.ports.understanding import LanguageUnderstanding
from voicebot.domain.dialplan import Dialplan
from voicebot.domain.document import LONGEST, DocumentId, DocumentKind
from voicebot.domain.errors import BadInput, Problem
from voicebot.domain.script import Script

_NO_SCRIPTS: Final = frozenset({yaml_scripts.MESSAGES})


class YamlDocuments:
    """DocumentReader by the loaders of the files."""

    def __init__(self, *, scripts: Path, dialplan: Path) -> None:
        """`scripts`: folder of the scripts; `dialplan`: the file of the settings, with others beside it."""
        self._folders = {
            DocumentKind.SCRIPT: scripts,
            DocumentKind.SHARED: scripts / "shared",
            DocumentKind.PHRASES: scripts / "phrases",
            DocumentKind.DIALPLAN: dialplan.parent,
        }
        self._dialplan = dialplan

    def known(self, saved: Mapping[DocumentId, str]) -> tuple[DocumentId, ...]:
        shelf = self._shelf(saved)
        return tuple(
            DocumentId(kind=kind, name=path.stem)
            for kind, folder in self._folders.items()
            for path in shelf.files(folder)
            if path.name not in _NO_SCRIPTS
        )

    def text_of(self, document: DocumentId) -> str | None:
        try:
            return self._path(document).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None

    def source_of(self, document: DocumentId) -> str:
        return str(self._path(document))

    def check(self, document: DocumentId, saved: Mapping[DocumentId, str]) -> tuple[Problem, ...]:
        if document.kind is DocumentKind.SCRIPT:
            return self.script(document.name, saved)[1]
        wrong = self._wrong_as_text(document, saved.get(document, ""))
        if wrong:
            return wrong
        try:
            if document.kind is DocumentKind.SHARED:
                part = YamlFile(path=self._path(document), shelf=self._shelf(saved))
                if part.compose() is None:  # no script may include it yet, and so nobody else would tell
                    return tuple(part.problems)
                self.scripts(saved)
            elif document.kind is DocumentKind.PHRASES:
                self.understanding(saved)
            else:
                self.dialplan(document.name, saved)
        except BadInput as error:
            return error.problems
        return ()

    def including(self, part: DocumentId, saved: Mapping[DocumentId, str]) -> tuple[DocumentId, ...]:
        shelf, wanted = self._shelf(saved), self._path(part)
        return tuple(
            DocumentId(kind=DocumentKind.SCRIPT, name=path.stem)
            for path in yaml_scripts.script_files(self._folders[DocumentKind.SCRIPT], shelf)
            if yaml_scripts.includes(path, wanted, shelf)
        )

    def script(self, name: str, saved: Mapping[DocumentId, str]) -> tuple[Script | None, tuple[Problem, ...]]:
        document = DocumentId(kind=DocumentKind.SCRIPT, name=name)
        wrong = self._wrong_as_text(document, saved.get(document, ""))
        if wrong:
            return None, wrong
        script, problems = yaml_scripts.examine_script(self._path(document), self._shelf(saved))
        return script, tuple(problems)

    def scripts(self, saved: Mapping[DocumentId, str]) -> Mapping[str, Script]:
        return yaml_scripts.load_scripts(self._folders[DocumentKind.SCRIPT], self._shelf(saved))

    def understanding(self, saved: Mapping[DocumentId, str]) -> LanguageUnderstanding:
        return russian_understanding.load_understanding(self._folders[DocumentKind.PHRASES], self._shelf(saved))

    def dialplan(self, name: str, saved: Mapping[DocumentId, str]) -> Dialplan:
        path = self._path(DocumentId(kind=DocumentKind.DIALPLAN, name=name))
        return yaml_dialplans.load_dialplan(path, shelf=self._shelf(saved))

    def phrases(self, saved: Mapping[DocumentId, str]) -> Mapping[str, Sequence[WrittenPhrase]]:
        books: dict[str, list[WrittenPhrase]] = {}
        for one in read_phrase_books(self._folders[DocumentKind.PHRASES], self._shelf(saved)).phrases:
            phrase = WrittenPhrase(
                text=one.written.text,
                intent=str(one.intent or ""),
                line=one.written.line,
                only=one.only,
                never=one.never,
                weak=one.weak,
            )
            books.setdefault(Path(one.written.source).stem, []).append(phrase)
        return books

    def _wrong_as_text(self, document: DocumentId, text: str) -> tuple[Problem, ...]:
        """What must not reach the loaders: they follow references, and a few lines of those fill the memory."""
        source = self.source_of(document)
        if len(text) > LONGEST:
            return (
                Problem(source=source, where="", message=f"is longer than {LONGEST} characters", repair="split it"),
            )
        return tuple(
            Problem(
                source=source,
                where=str(line),
                message=message,
                repair="write it out, or put it in quotes",
                column=column,
            )
            for line, column, message in traps(text)
        )

    def _path(self, document: DocumentId) -> Path:
        if document.kind is DocumentKind.DIALPLAN and document.name == self._dialplan.stem:
            return self._dialplan
        return self._folders[document.kind] / f"{document.name}.yaml"

    def _shelf(self, saved: Mapping[DocumentId, str]) -> Shelf:
        return Shelf({self._path(document): text for document, text in saved.items()})
