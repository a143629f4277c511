"""Names in what was said."""

import pytest

from voicebot.domain.customer import PersonName
from voicebot.domain.hidden_names import hide_name

ANNA = PersonName(last="Королёва-Щукина", first="Анна", patronymic="Львовна")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Здравствуйте, Анна Львовна!", "Здравствуйте, Анна Л.!"),
        ("это королевой щукиной нет дома", "это к. щ. нет дома"),
        ("Анне Львовне перезвоните", "Анне Л. перезвоните"),
        ("королевство у вас", "королевство у вас"),
        ("", ""),
    ],
)
def test_last_name_and_patronymic_are_cut_in_any_case_and_nothing_else(said: str, shown: str) -> None:
    assert hide_name(said, ANNA) == shown


def test_short_names_are_hidden_as_they_stand() -> None:
    assert hide_name("Ли и Лидия, Ким кимоно", PersonName(last="Ли", patronymic="Ким")) == "Л. и Лидия, К. кимоно"


def test_who_has_no_name_loses_no_words() -> None:
    assert hide_name("да, интересно", PersonName(first="Анна")) == "да, интересно"
