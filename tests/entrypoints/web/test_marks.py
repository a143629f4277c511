"""What programs write on calls and customers: corrections, tags."""

from tests.application.campaigns.shop import Shop
from tests.entrypoints.web.conftest import Holder, escalated
from voicebot.domain.api_token import Scope


async def test_a_heard_line_is_set_right_and_back_by_those_who_may_read_it(holder: Holder, shop: Shop) -> None:
    call, _ = await escalated(shop)
    program = await holder(Scope.CALLS_READ, Scope.CALLS_WRITE, Scope.TRANSCRIPTS_READ)
    bot, customer, *_ = (await program.read(f"/api/v1/calls/{call}"))["transcript"]
    one = f"/api/v1/calls/{call}/turns/{customer['id']}"
    body = {"words": "да нет", "intent": "no"}
    assert (await program.tell(f"{one}/correct", body)).status == 200
    line = (await program.read(f"/api/v1/calls/{call}"))["transcript"][1]
    assert (line["text"], line["heard"], line["intent"]) == ("да нет", "да", "no")
    assert (await program.tell(f"{one}/withdraw")).status == 200
    assert (await program.read(f"/api/v1/calls/{call}"))["transcript"][1] == customer
    wrong = await program.tell(f"/api/v1/calls/{call}/turns/{bot['id']}/correct", body)
    assert (wrong.status, (await wrong.json())["problems"][0]["path"]) == (422, "line")
    assert (await program.tell(f"/api/v1/calls/{call + 1}/turns/{customer['id']}/correct", body)).status == 404
    deaf = await holder(Scope.CALLS_READ, Scope.CALLS_WRITE)
    assert (await deaf.tell(f"{one}/correct", body)).status == 403
    actions = await shop.rows("select actor, action from audit_log where action like 'turn.%' order by id")
    assert actions == [("token 1 (CRM)", "turn.corrected"), ("token 1 (CRM)", "turn.correction_withdrawn")]


async def test_calls_and_customers_get_tags_and_lose_them(holder: Holder, shop: Shop) -> None:
    call, _ = await escalated(shop)
    customer = await shop.value("select id from customers")
    program = await holder(Scope.CALLS_READ, Scope.CALLS_WRITE, Scope.CUSTOMERS_READ, Scope.CUSTOMERS_WRITE)
    for one, tagged in ((f"/api/v1/calls/{call}", "Спор"), (f"/api/v1/customers/{customer}", "Опт")):
        assert await (await program.tell(f"{one}/tags", {"tag": tagged})).json() == {
            "id": int(one.rsplit("/", 1)[1]),
            "tagged": True,
        }
        assert tagged.lower() in (await program.read(one))["tags"]
        wrong = await program.tell(f"{one}/tags", {"tag": "<b>"})
        assert (wrong.status, (await wrong.json())["problems"][0]["path"]) == (422, "tag")
        assert (await program.tell(f"{one}/untag", {"tag": tagged.lower()})).status == 200
        assert tagged.lower() not in (await program.read(one))["tags"]
        for word in ("tags", "untag"):
            assert (await program.tell(f"{one}999/{word}", {"tag": "x"})).status == 404
