"""What the sample company sells."""

from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Final

from voicebot.domain.order import OrderLine


@dataclass(frozen=True, kw_only=True, slots=True)
class _Shelf:
    """Goods of one category."""

    category: str
    goods: tuple[tuple[str, int], ...]
    """Name and usual price in roubles."""
    margin: float
    """Usual profit, part of the price."""
    most: int
    """How many pieces somebody takes at most."""


SHELVES: Final = (
    _Shelf(
        category="Кофе и чай",
        goods=(
            ("Кофе в зёрнах Бразилия", 1390),
            ("Кофе в зёрнах Эфиопия", 1690),
            ("Кофе молотый для турки", 640),
            ("Чай чёрный листовой", 420),
            ("Чай зелёный с жасмином", 480),
            ("Какао натуральное", 390),
        ),
        margin=0.34,
        most=4,
    ),
    _Shelf(
        category="Зоотовары",
        goods=(
            ("Корм для кошек с индейкой", 1150),
            ("Корм для собак с ягнёнком", 2890),
            ("Наполнитель древесный", 560),
            ("Лакомство для собак", 310),
            ("Когтеточка напольная", 2450),
            ("Переноска для кошек", 3190),
        ),
        margin=0.26,
        most=3,
    ),
    _Shelf(
        category="Бытовая химия",
        goods=(
            ("Гель для стирки", 690),
            ("Порошок для цветного белья", 840),
            ("Таблетки для посудомоечной машины", 1190),
            ("Средство для мытья полов", 330),
            ("Кондиционер для белья", 460),
        ),
        margin=0.22,
        most=4,
    ),
    _Shelf(
        category="Косметика",
        goods=(
            ("Крем для лица дневной", 1290),
            ("Шампунь восстанавливающий", 720),
            ("Маска для волос", 890),
            ("Сыворотка с витамином", 1980),
            ("Крем для рук", 340),
        ),
        margin=0.45,
        most=2,
    ),
    _Shelf(
        category="Посуда",
        goods=(
            ("Сковорода с крышкой", 3490),
            ("Набор кастрюль", 7990),
            ("Чайник заварочный", 1590),
            ("Набор столовых приборов", 4290),
            ("Турка медная", 2190),
        ),
        margin=0.38,
        most=1,
    ),
    _Shelf(
        category="Текстиль",
        goods=(
            ("Комплект постельного белья", 4590),
            ("Полотенце махровое", 890),
            ("Плед шерстяной", 3790),
            ("Подушка ортопедическая", 2990),
            ("Скатерть льняная", 2490),
        ),
        margin=0.41,
        most=2,
    ),
    _Shelf(
        category="Детские товары",
        goods=(
            ("Подгузники большая пачка", 1890),
            ("Конструктор деревянный", 2350),
            ("Каша молочная", 290),
            ("Книга сказок", 780),
            ("Самокат детский", 5490),
        ),
        margin=0.29,
        most=3,
    ),
    _Shelf(
        category="Сад и дача",
        goods=(
            ("Семена цветов", 120),
            ("Удобрение для рассады", 380),
            ("Секатор садовый", 1290),
            ("Шланг поливочный", 2190),
            ("Гриль угольный", 8490),
        ),
        margin=0.32,
        most=5,
    ),
)


def draw_line(random: Random, shelf: _Shelf) -> OrderLine:
    """A line of an order, at a price around the usual one."""
    what, usual = random.choice(shelf.goods)
    price = Decimal(round(usual * random.uniform(0.92, 1.08) / 10) * 10)
    quantity = Decimal(random.randint(1, shelf.most))
    part = Decimal(str(round(random.uniform(0.75, 1.2) * shelf.margin, 3)))
    margin = (price * quantity * part).quantize(Decimal("0.01"))
    return OrderLine(what=what, category=shelf.category, quantity=quantity, price=price, margin=margin)
