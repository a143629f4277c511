"""Pages out of templates, in the reader's language."""

from collections.abc import Callable, Collection, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

import jinja2
from aiohttp import web
from babel.messages.pofile import read_po
from markupsafe import Markup, escape

from voicebot.application.ports.users import Session
from voicebot.domain.customer import PersonName
from voicebot.domain.hidden_names import hide_name
from voicebot.domain.user import Permission, Role
from voicebot.entrypoints.web.desk.formats import FORMATS
from voicebot.entrypoints.web.desk.keys import SESSION, desk_of
from voicebot.entrypoints.web.desk.titles import TAGS

_HERE: Final = Path(__file__).parent
LANGUAGES: Final = ("ru", "en")
"""Russian is what the templates are written in; the others are translations of it."""
_LANGUAGE_COOKIE: Final = "voicebot_language"

NAVIGATION: Final = (
    ("/", "Сегодня", "today", Permission.SEE_TODAY),
    ("/escalations", "Эскалации", "escalations", Permission.WORK_ESCALATIONS),
    ("/campaigns", "Кампании", "campaigns", Permission.SEE_REPORTS),
    ("/releases", "На подпись", "releases", Permission.RELEASE),
    ("/calls", "Звонки", "calls", Permission.SEE_CALLS),
    ("/customers", "Клиенты", "customers", Permission.SEE_PERSONAL),
    ("/scripts", "Сценарии", "scripts", Permission.SEE_SCRIPTS),
    ("/dialplans", "Набор", "dialplans", Permission.EDIT_DIALPLANS),
    ("/reports", "Отчёты", "reports", Permission.SEE_REPORTS),
    ("/erasures", "Данные людей", "erasures", Permission.ERASE),
    ("/audit", "Журнал", "audit", Permission.SEE_AUDIT),
    ("/users", "Люди", "users", Permission.MANAGE_USERS),
    ("/tokens", "API", "tokens", Permission.MANAGE_USERS),
)
"""Address, title, icon and who sees it."""
ROLES: Final[Mapping[Role, str]] = {
    Role.MANAGER: "менеджер",
    Role.ADMIN: "администратор",
    Role.RELEASER: "подписывает списки",
    Role.AUDITOR: "аудитор",
}
"""What the roles are called on pages."""


@cache
def build_environments() -> Mapping[str, jinja2.Environment]:
    """One environment a language, the same for every desk of the process: templates are compiled once.

    Everything is escaped, and a name nobody fills is an error.
    """
    return {language: _environment(language) for language in LANGUAGES}


def page(request: web.Request, template: str, *, status: int = 200, **context: Any) -> web.Response:
    """The template as a whole page, with whoever is signed in."""
    text = fragment(request, template, **context)
    return web.Response(text=text, status=status, content_type="text/html", headers={"Cache-Control": "no-store"})


def fragment(request: web.Request, template: str, **context: Any) -> str:
    """The template alone: a part of a page that is sent again."""
    language = language_of(request)
    session: Session | None = request.get(SESSION)
    everywhere = {
        "user": session.user if session else None,
        "csrf": session.csrf if session else "",
        "may": session.user.may if session else _nothing,
        "navigation": [one for one in NAVIGATION if session and session.user.may(one[3])],
        "path": request.path,
        "language": language,
        "company": desk_of(request).settings.company,
        "Permission": Permission,
        "token": partial(_token, session.csrf if session else ""),
        "spoken": partial(spoken_for, session),
        "role_title": ROLES.__getitem__,
        "tag_titles": TAGS,
    }
    return desk_of(request).templates[language].get_template(template).render(everywhere | context)


def spoken_for(session: Session | None, text: str, name: PersonName) -> str:
    """What was said, with the speaker's name for those who may see it."""
    return text if session and session.user.may(Permission.SEE_PERSONAL) else hide_name(text, name)


def translated(request: web.Request) -> Callable[[str], str]:
    """What turns a Russian text into the reader's language, for words that no template holds."""
    catalogue = _catalogues()[language_of(request)]
    return partial(_translated, catalogue)


def see_other(address: str) -> web.Response:
    """Go on there with GET; the answer to every form that worked."""
    return web.Response(status=303, headers={"Location": address, "Cache-Control": "no-store"})


def language_of(request: web.Request) -> str:
    """The user's language, else the cookie's, else the browser's first one we have."""
    session: Session | None = request.get(SESSION)
    wished = [session.user.locale] if session else []
    wished.append(request.cookies.get(_LANGUAGE_COOKIE, ""))
    wished += [part.split(";")[0].strip()[:2] for part in request.headers.get("Accept-Language", "").split(",")]
    return next((one for one in wished if one in LANGUAGES), LANGUAGES[0])


def _token(csrf: str) -> Markup:
    """The hidden field without which no form of this session is taken."""
    return Markup('<input type="hidden" name="csrf" value="{}">').format(csrf)


def _nothing(_permission: Permission) -> bool:
    return False


def _environment(language: str) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    known = _catalogues()[language]
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
        partial(_shown, known, frozenset(_catalogues()[LANGUAGES[-1]])),
        partial(_counted, known, language),
        newstyle=True,
    )
    environment.filters["length_of"] = environment.filters["length"]  # ours is the length of a call
    for name, shown in FORMATS.items():
        environment.filters[name] = partial(shown, language=language)
    return environment


@cache
def _catalogues() -> Mapping[str, Mapping[str, str | tuple[str, ...]]]:
    return {language: _catalogue(language) for language in LANGUAGES}


def _catalogue(language: str) -> Mapping[str, str | tuple[str, ...]]:
    if language == LANGUAGES[0]:
        return {}
    with (_HERE / "locale" / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    return {
        message.id if isinstance(message.id, str) else message.id[0]: (
            message.string if isinstance(message.string, str) else tuple(message.string)
        )
        for message in catalogue
        if message.id and message.string
    }


def _translated(known: Mapping[str, str | tuple[str, ...]], text: str) -> str:
    found = known.get(text, text)
    return found if isinstance(found, str) else found[0]


def _shown(known: Mapping[str, str | tuple[str, ...]], ours: Collection[str], text: str) -> str:
    """Templates take what `_` returns for safe: a text that is none of ours was written by a stranger."""
    return _translated(known, text) if text in ours else str(escape(text)).replace("%", "%%")


def _counted(known: Mapping[str, str | tuple[str, ...]], language: str, one: str, many: str, number: int) -> str:
    """Russian templates write both forms with a colon-free abbreviation, so two are enough; English has two."""
    found = known.get(one, (one, many))
    forms = (found, found) if isinstance(found, str) else found
    return forms[0] if number == 1 else forms[-1]
