"""What the loaders of documents say, in Russian; what is not here stays as it is."""

import re
from typing import Final

_WORDS: Final = tuple(
    (re.compile(pattern), said)
    for pattern, said in (
        # files of any kind
        (r"not YAML: (.*)", r"это не YAML: \1"),
        (r"holds no keys", "нет ни одного ключа"),
        (r"unknown key '(.+)'", r"незнакомый ключ «\1»"),
        (r"'(.+)' is missing", r"не хватает «\1»"),
        (r"'(.+)' must be text", r"«\1» должен быть текстом"),
        (r"'(.+)' must be yes or no", r"«\1»: только yes или no"),
        (r"'(.+)' must be a number", r"«\1» должен быть числом"),
        (r"'(.+)' is written twice, first in line (\d+)", r"«\1» записан дважды, первый раз в строке \2"),
        (r"keys with values are expected here", "здесь нужны ключи со значениями"),
        (r"is longer than (\d+) characters", r"длиннее \1 знаков"),
        (r"references \(\*name\) are not used here", "ссылки YAML (*имя) здесь не работают"),
        (r"is nested deeper than (\d+) levels", r"вложено глубже \1 уровней"),
        (r"no file '(.+)'", r"нет файла «\1»"),
        (r"'(.+)' is outside the folder of the script", r"«\1» лежит вне папки сценариев"),
        # scripts
        (r"unknown state '(.+)'", r"нет состояния «\1»"),
        (r"unknown intent '(.+)'", r"нет намерения «\1»"),
        (r"no answer leads here", "сюда не ведёт ни один ответ"),
        (r"the conversation never ends from here", "отсюда разговор никогда не закончится"),
        (r"asks yes or no, yet '(.+)' leads nowhere", r"вопрос «да или нет», а «\1» никуда не ведёт"),
        (r"'(.+)' leads nowhere and says nothing", r"«\1» никуда не ведёт и ничего не говорит"),
        (r"'(.+)' leads to no state", r"«\1» не ведёт ни в какое состояние"),
        (r"'(.+)' has no use in a state that (.+)", r"«\1» здесь ни к чему (\2)"),
        (r"'(.+)' has no use here", r"«\1» здесь ни к чему"),
        (r"'(.+)' has no use on '(.+)'", r"«\1» ни к чему при «\2»"),
        (r"'stop' means the same in every state", "«stop» значит одно и то же в любом состоянии"),
        (r"does not enter the stop-list", "не заносит в стоп-лист"),
        (r"nobody fills the variable '(.+)'", r"переменную «\1» никто не заполняет"),
        (r"takes about (\d+) s to say: (.+)", r"звучит около \1 с: \2"),
        (r"cannot be spoken as written: (.+)", r"вслух так не сказать: \1"),
        (r"no message template '(.+)'", r"нет шаблона СМС «\1»"),
        (r"the first sentence does not name the advertiser", "первая фраза не называет рекламодателя"),
        (r"the first words do not say that a robot calls", "в первых словах не сказано, что звонит робот"),
        (r"the first words do not say that the call is recorded", "в первых словах не сказано о записи разговора"),
        (r"the message to a machine does not name the advertiser", "сообщение автоответчику не называет рекламодателя"),
        (r"the message to a machine does not say that a robot calls", "в сообщении автоответчику не сказано о роботе"),
        (r"does more than leave a machine a message", "делает больше, чем оставить сообщение автоответчику"),
        (r"leaves a machine an empty message", "оставляет автоответчику пустое сообщение"),
        (r"leaves a promo code with a machine", "оставляет промокод автоответчику"),
        (r"connects a manager, who may not answer", "соединяет с менеджером, а тот может не ответить"),
        (r"ends a call that became too long, yet goes on", "кончает затянувшийся разговор, а сам продолжает его"),
        # phrase books
        (r"no section '(.+)'", r"нет раздела «\1»"),
        (r"no context '(.+)'", r"нет контекста «\1»"),
        (r"no intent '(.+)'", r"нет намерения «\1»"),
        (r"no kind '(.+)'", r"нет вида вопроса «\1»"),
        (r"no class '(.+)'; define it above under classes: or correct the name", r"нет класса «\1»: опишите его выше"),
        (r"'(.+)' is written twice", r"«\1» записан дважды"),
        (r"class '(.+)' is defined in another file too", r"класс «\1» описан и в другом файле"),
        (r"class '(.+)' is missing", r"нет класса «\1»"),
        (r"a block without phrases", "блок без фраз"),
        (r"unfolds into (\d+) variants; split it into simpler phrases", r"раскрывается в \1 вариантов: разбейте фразу"),
        # dialplans
        (r"unknown trunk '(.+)'", r"нет транка «\1»"),
        (r"unknown codec '(.+)'", r"нет кодека «\1»"),
        (r"'(.+)' is no pattern", r"«\1» не шаблон номера"),
        (r"'(.+)' above takes all its numbers", r"все его номера забирает «\1» выше"),
        (r"not every number of '(.+)' begins with '(.+)'", r"не каждый номер «\1» начинается с «\2»"),
        (r"'(.+)' is no host", r"«\1» не имя и не адрес"),
        (r"no caller ID", "нет номера, который показать"),
        (r"caller ID (\d+) is not in E\.164", r"номер \1 не в виде +7…"),
        (r"is not a SIP address", "это не SIP-адрес"),
        (r"the environment variable (\w+) is not set", r"переменная \1 не задана на этой машине"),
        (r"the environment variable (\w+) is a secret of the program", r"переменная \1 хранит секрет самой программы"),
        (r"give trunks variables of their own", "заведите для транков свои переменные"),
        (r"'(.+)' is no length of time", r"«\1» не длительность"),
        (r"'(.+)' is no stretch of a day", r"«\1» не часы дня"),
        (r"no day is open", "ни один день не открыт"),
        (r"'(.+)' is '(.+)'", r"«\1» записан как «\2»"),
        (r"unknown (\w+) '(.+)'", r"незнакомое значение «\2» (\1)"),
        (r"route (\d+)", r"правило \1"),
        (r"trunk '([^']+)'", r"транк «\1»"),
        # how a number is dialled
        (r"route (\d+) '(.+)' does not match (.+)", r"правило \1 «\2» не подходит: \3"),
        (r"route (\d+) '(.+)' matches (.+)", r"правило \1 «\2» подходит: \3"),
        (r"trunk '(.+)' was tried already", r"транк «\1» уже пробовали"),
        (r"trunk '(.+)' at (.+) over (.+)", r"транк «\1»: \2, \3"),
        (r"the number is sent without '(.*)' and with '(.*)' before it", r"номер уходит без «\1» и с «\2» впереди"),
        (r"caller ID (.+), one of (\d+)", r"покажем номер \1, один из \2"),
        (r"no trunk of the route is left", "транков у правила больше нет"),
        (r"no route matches", "ни одно правило не подходит"),
        # how to mend it
        (r"did you mean '(.+)'\?", r"может быть, «\1»?"),
        (r"known: (.+)", r"есть: \1"),
        (r"use one of (.+)", r"есть: \1"),
        (r"sections are (.+)", r"есть: \1"),
        (r"add it under `states:` or use one of (.+)", r"добавьте его в states: или возьмите одно из: \1"),
        (r"add it", "добавьте"),
        (r"add (.+)", r"добавьте \1"),
        (r"keep one", "оставьте одно"),
        (r"check indents, colons and quotes", "проверьте отступы, двоеточия и кавычки"),
        (r"check quotes, colons and indents", "проверьте отступы, двоеточия и кавычки"),
        (r"from (\S+) to (\S+)", r"от \1 до \2"),
        (r"write yes or no", "напишите yes или no"),
        (r"write the words after the colon", "напишите слова после двоеточия"),
        (r"write numbers and signs as Russian words", "запишите числа и знаки русскими словами"),
        (r"write it out, or put it in quotes", "напишите целиком или возьмите в кавычки"),
        (r"say it in (\d+) s, some (\d+) characters", r"уложитесь в \1 с, это около \2 знаков"),
        (r"lead to it from a state, or delete it", "приведите сюда из другого состояния или удалите"),
        (r"lead it to a state that does not listen and has no `next:`", "приведите к состоянию, которое прощается"),
        (r"let it say goodbye only", "пусть только прощается"),
        (r"put \{company\} into it", "вставьте {company}"),
        (r"paths are relative to the script", "пути считаются от сценария"),
        (r"keep shared files below it", "держите общие файлы внутри неё"),
        (r"export (\w+)=\.\.\. before starting", r"задайте \1 перед запуском"),
        (r"move it up", "поднимите выше"),
        (r"choose another one", "выберите другое"),
        (r"'(.*)' cannot be a name", r"«\1» не годится в имена"),
        (r"'(.+)' is taken", r"имя «\1» занято"),
        (r"a-z, 0-9, - and _, up to 64 characters", "a-z, 0-9, - и _, до 64 знаков"),
    )
)
_OWNED: Final = re.compile(r"([\w:. -]+?): (.+)", re.DOTALL)


def in_russian(message: str) -> str:
    """The message in Russian; `state: message` keeps its state."""
    said = _said(message)
    if said is not None:
        return said
    owned = _OWNED.fullmatch(message)
    return f"{_said(owned[1]) or owned[1]}: {in_russian(owned[2])}" if owned else message


def _said(message: str) -> str | None:
    for pattern, said in _WORDS:
        found = pattern.fullmatch(message)
        if found:
            return found.expand(said)
    return None
