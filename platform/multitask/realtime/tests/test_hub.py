"""Whatever is said to whom, nobody else hears it: random users, watchers, conversations and junk from the line."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from multitask.realtime.counters import COUNTERS
from multitask.realtime.hub import Hub, _users
from multitask.realtime.line import GROUP, KIND, WAITING, _message, _read
from multitask.realtime.models import Stream
from multitask.realtime.moments import Moment, Presence, Typing
from multitask.realtime.reading import NotAFrame, Pace, object_of
from multitask.realtime.selectors.events import News
from multitask.realtime.writing import OUTBOX_BYTES, OUTBOX_FRAMES, Outbox

# Small, so that they meet; and what looks like another's.
IDS = st.integers(min_value=1, max_value=6)
LARGE = st.one_of(IDS, st.integers(min_value=-(2**70), max_value=2**70))


@dataclass(eq=False)
class Listener:
    """A socket as the hub knows it."""

    user_id: int
    stream: Stream
    login: tuple[int, int, int] = (0, 0, 0)
    watched: frozenset[int] = frozenset()
    id: str = "1"
    position: int = 0
    ready: bool = False
    heard: list[Moment] = field(default_factory=list)

    def deliver(self, news: News) -> bool:
        return False

    def tell(self, moment: Moment) -> None:
        self.heard.append(moment)

    def end(self, code: int) -> None:
        return


LISTENERS = st.builds(Listener, user_id=IDS, stream=st.sampled_from(Stream))
TYPING = st.builds(Typing, conversation=LARGE, user=IDS, active=st.booleans())
PRESENCE = st.builds(Presence, user=IDS, online=st.booleans(), last_seen=st.none())
JUNK = st.recursive(
    st.none() | st.booleans() | LARGE | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "users", "moment", "origin", "user"]), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(
    listeners=st.lists(st.tuples(LISTENERS, st.sets(IDS)), max_size=8),
    said=st.lists(st.tuples(st.lists(LARGE, max_size=4), TYPING) | PRESENCE, max_size=12),
)
def test_a_moment_is_heard_by_those_it_is_for_and_nobody_else(listeners: Any, said: Any) -> None:
    async def play() -> None:
        hub = Hub()
        for listener, watched in listeners:
            hub.members[listener.user_id].add(listener)
            hub.watch(listener, watched)
        wanted: dict[int, list[Moment]] = {id(listener): [] for listener, _ in listeners}
        for one in said:
            moment = one if isinstance(one, Presence) else one[1]
            if isinstance(one, Presence):
                hub.came_or_went(one)
            else:
                hub.moment(one[0], one[1])
            for listener, watched in listeners:
                told = moment.user in watched if isinstance(one, Presence) else listener.user_id in one[0]
                if told and listener.stream == Stream.CHAT:
                    wanted[id(listener)].append(moment)
        for listener, _ in listeners:
            assert listener.heard == wanted[id(listener)]
            hub.leave(listener, lost=False)
        # Nothing is kept of who has gone.
        assert not hub.members
        assert not hub.watchers
        for timer in hub._typing.values():
            timer.cancel()

    asyncio.run(play())


@given(junk=st.dictionaries(st.sampled_from(["type", "origin", "users", "moment"]), JUNK))
def test_what_another_process_says_wrongly_is_left_out(junk: dict[str, Any]) -> None:
    found = _read(junk)
    if found is not None:
        users, moment = found
        assert users == junk["users"]
        assert moment.model_dump(mode="json") == junk["moment"]


@given(users=st.lists(LARGE), moment=TYPING)
def test_no_name_of_a_group_holds_what_anybody_says(users: list[int], moment: Typing) -> None:
    message = _message(users, moment, origin="here")
    assert message["type"] == KIND
    assert GROUP == "moments"
    assert _read(message) == (users, moment)


@given(payload=st.text() | JUNK.map(str))
def test_a_notification_of_postgresql_that_cannot_be_read_wakes_nobody(payload: str) -> None:
    assert all(isinstance(user, int) for user in _users(payload))


@given(text=st.text() | JUNK.map(repr))
def test_whatever_a_client_sends_is_a_frame_or_refused(text: str) -> None:
    try:
        body = object_of(text)
    except NotAFrame:
        return
    assert isinstance(body, dict)


def test_a_queue_of_moments_that_nobody_takes_is_bounded() -> None:
    async def play() -> None:
        hub, before = Hub(), COUNTERS.moments_dropped["queue"]
        for number in range(WAITING + 10):
            hub.moment([1], Typing(conversation=number, user=2, active=False))
        assert COUNTERS.moments_dropped["queue"] - before == 10

    asyncio.run(play())


def test_an_outbox_is_bounded_in_frames_and_in_size() -> None:
    async def play() -> None:
        released, sent = asyncio.Event(), []

        async def send(text: str) -> None:
            await released.wait()
            sent.append(text)

        outbox = Outbox(send, on_empty=lambda: None, on_stuck=lambda: None)
        taken = [outbox.put(f"{number}") for number in range(OUTBOX_FRAMES + 5)]
        assert taken == [True] * OUTBOX_FRAMES + [False] * 5
        released.set()
        await asyncio.sleep(0.05)
        assert sent == [f"{number}" for number in range(OUTBOX_FRAMES)]
        released.clear()
        large = "x" * (OUTBOX_BYTES // 4)
        assert [outbox.put(large) for _ in range(5)] == [True] * 4 + [False]
        released.set()
        await asyncio.sleep(0.05)
        assert (len(outbox), outbox.bytes, outbox.has_room) == (0, 0, True)

    asyncio.run(play())


def test_a_pace_is_kept_in_the_long_run() -> None:
    pace = Pace(rate=30, burst=60)
    # 100 a second for ten seconds: 60 at once and 30 a second.
    allowed = sum(pace.allows(1 + number / 100) for number in range(1_000))
    assert 60 + 30 * 9 <= allowed <= 60 + 30 * 10
    assert not Pace(rate=1, burst=0).allows(0.0)
