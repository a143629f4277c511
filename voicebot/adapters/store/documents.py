"""Versions of documents in their table."""

from typing import Any, Final

from sqlalchemy import Row, Select, func, insert, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.campaign_tables import campaigns
from voicebot.adapters.store.crm_tables import audit_log
from voicebot.adapters.store.desk_tables import document_versions
from voicebot.adapters.store.wake_up import SqlWakeUp
from voicebot.application.ports.documents import CampaignUse, VersionLine
from voicebot.domain.campaign import CampaignStatus
from voicebot.domain.document import DocumentId, DocumentKind, NewVersion, Version

_LOCK: Final = 4_100_018
"""Key of the advisory lock under which versions are saved."""
_NEWEST: Final = (
    select(document_versions)
    .ext(distinct_on(document_versions.c.kind, document_versions.c.name))
    .order_by(document_versions.c.kind, document_versions.c.name, document_versions.c.version.desc())
)


class SqlSavedDocuments:
    """The saved documents of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def stamp(self) -> int:
        return await self._connection.scalar(select(func.max(document_versions.c.id))) or 0

    async def in_force(self) -> tuple[Version, ...]:
        return tuple(_version(row) for row in await self._connection.execute(_NEWEST))

    async def version(self, document: DocumentId, number: int) -> Version | None:
        row = await self._connection.execute(_of(document).where(document_versions.c.version == number))
        found = row.one_or_none()
        return _version(found) if found is not None else None

    async def newest(self, document: DocumentId) -> Version | None:
        row = await self._connection.execute(_of(document).order_by(document_versions.c.version.desc()).limit(1))
        found = row.one_or_none()
        return _version(found) if found is not None else None

    async def history(self, document: DocumentId, *, before: int | None, limit: int) -> tuple[VersionLine, ...]:
        columns = [column for column in document_versions.c if column.name != "text"]
        query = _of(document).with_only_columns(*columns).order_by(document_versions.c.version.desc()).limit(limit)
        if before is not None:
            query = query.where(document_versions.c.version < before)
        return tuple(
            VersionLine(document=_id(row), number=row.version, author=row.author, note=row.note, at=row.at)
            for row in await self._connection.execute(query)
        )

    async def lock(self) -> None:
        await self._connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))

    async def save(self, version: NewVersion) -> None:
        values = {
            "kind": version.document.kind,
            "name": version.document.name,
            "version": version.number,
            "text": version.text,
            "author": version.author,
            "note": version.note,
            "at": version.at,
        }
        await self._connection.execute(insert(document_versions).values(values))
        await SqlWakeUp(self._connection).lines()

    async def refused(self, *, limit: int) -> frozenset[tuple[str, int]]:
        query = (
            select(audit_log.c.subject, audit_log.c.details["version"].as_integer().label("version"))
            .where(audit_log.c.action == "document.refused")
            .order_by(audit_log.c.at.desc(), audit_log.c.id.desc())
            .limit(limit)
        )
        return frozenset((row.subject, row.version) for row in await self._connection.execute(query))

    async def used_by(self) -> tuple[CampaignUse, ...]:
        columns = (
            *(campaigns.c.id, campaigns.c.name, campaigns.c.status, campaigns.c.dialplan),
            *(campaigns.c.script, campaigns.c.reminder_script, campaigns.c.variants),
        )
        query = select(*columns).where(campaigns.c.status != CampaignStatus.FINISHED).order_by(campaigns.c.id.desc())
        return tuple(_use(row) for row in await self._connection.execute(query))


def _of(document: DocumentId) -> Select[Any]:
    return select(document_versions).where(
        document_versions.c.kind == document.kind, document_versions.c.name == document.name
    )


def _id(row: Row[*tuple[Any, ...]]) -> DocumentId:
    return DocumentId(kind=DocumentKind(row.kind), name=row.name)


def _version(row: Row[*tuple[Any, ...]]) -> Version:
    return Version(
        id=row.id, document=_id(row), number=row.version, text=row.text, author=row.author, note=row.note, at=row.at
    )


def _use(row: Row[*tuple[Any, ...]]) -> CampaignUse:
    scripts = [row.script, row.reminder_script, *(variant.get("script", "") for variant in row.variants)]
    names = [f"{DocumentKind.SCRIPT}:{name}" for name in dict.fromkeys(scripts) if name]
    return CampaignUse(
        id=row.id, name=row.name, status=row.status, names=(*names, f"{DocumentKind.DIALPLAN}:{row.dialplan}")
    )
