"""Who may begin a call in a process with few slots."""

from voicebot.application.waiting_room import WaitingRoom


def test_a_caller_takes_the_place_of_a_line_and_gives_it_back() -> None:
    room = WaitingRoom(lines=2)
    with room.talking():
        assert not room.held_back, "one of two lines talks"
        with room.talking():  # a caller: nobody asked whether there is a place
            assert room.held_back, "the second line waits: its slot is to stay free for a transfer"
        assert not room.held_back


def test_a_call_back_of_a_manager_holds_every_line_back() -> None:
    room = WaitingRoom(lines=4)
    with room.hold_back():
        assert room.held_back
    assert not room.held_back
    assert room.rings == 1, "who waited is told"


def test_without_a_bound_nobody_waits() -> None:
    room = WaitingRoom()
    with room.talking(), room.talking(), room.talking():
        assert not room.held_back
