from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.quota import Quota


@dataclass(frozen=True)
class Request:
    """One request: the idling before it (s), how long until its answer or our giving up (s), and when in that share it arrives."""

    idle: float
    latency: float
    arrives: float
    hold: float
    restart: bool
    """The process ends and another starts before it."""


REQUESTS = st.builds(
    Request,
    idle=st.just(0.0) | st.floats(0, 10),
    latency=st.just(0.0) | st.floats(0, 30),
    arrives=st.floats(0, 1),
    hold=st.just(0.0) | st.floats(0, 5),
    restart=st.sampled_from([False] * 7 + [True]),
)


@dataclass
class Sender:
    """Sends as soon as the quota allows. A restart forgets everything under way; what had not arrived by then arrives at that moment."""

    slots: int
    window: float
    now: float = 0.0
    arrivals: list[float] = field(default_factory=list[float])
    under_way: list[tuple[float, float, int]] = field(default_factory=list[tuple[float, float, int]])
    """When it is answered, how much longer its slot is held, and its place among the arrivals."""

    def __post_init__(self) -> None:
        self.quota = self._fresh()

    def _fresh(self) -> Quota:
        return Quota(slots=self.slots, window=self.window, started=self.now)

    def _restart(self) -> None:
        for _, _, place in self.under_way:
            self.arrivals[place] = min(self.arrivals[place], self.now)
        self.under_way.clear()
        self.quota = self._fresh()

    def _go_to(self, moment: float) -> None:
        """Let time pass; what is answered meanwhile gives its slot back at its own time."""
        self.now = moment
        self.under_way.sort()
        while self.under_way and self.under_way[0][0] <= moment:
            answered, hold, _ = self.under_way.pop(0)
            self.quota.give_back(answered, hold=hold)

    def send(self, request: Request) -> None:
        self._go_to(self.now + request.idle)
        if request.restart:
            self._restart()
        while not self.quota.take(self.now):
            opens = self.quota.opens_at()
            moments = [end for end, _, _ in self.under_way] + ([] if opens is None else [opens])
            self._go_to(min(moments))
        self.under_way.append((self.now + request.latency, request.hold, len(self.arrivals)))
        self.arrivals.append(self.now + request.latency * request.arrives)

    def most_in_a_window(self) -> int:
        return max(sum(start <= other < start + self.window - 1e-9 for other in self.arrivals) for start in self.arrivals)


@given(slots=st.integers(1, 4), window=st.sampled_from([0.5, 1.0, 4.0]), requests=st.lists(REQUESTS, min_size=1, max_size=40))
def test_a_sliding_window_never_sees_more_than_the_quota(slots: int, window: float, requests: list[Request]) -> None:
    sender = Sender(slots, window)
    for request in requests:
        sender.send(request)
    assert sender.most_in_a_window() <= slots


def test_the_simulation_would_notice_pacing_by_sending() -> None:
    """A quota that counted from the sending would let a slow request arrive together with the next."""
    sender = Sender(1, 4.0)
    sender.arrivals = [4.0 + 3.9, 8.0 + 0.0]
    assert sender.most_in_a_window() == 2


def test_it_starts_closed_for_one_window() -> None:
    quota = Quota(slots=1, window=4.0, started=10.0)
    assert quota.opens_at() == 14.0
    assert not quota.take(13.999)
    assert quota.take(14.0)


def test_a_slot_reopens_one_window_after_the_answer_not_after_the_sending() -> None:
    quota = Quota(slots=1, window=4.0, started=0.0)
    assert quota.take(4.0)
    assert quota.opens_at() is None
    assert not quota.take(100.0)
    quota.give_back(100.0)
    assert quota.opens_at() == 104.0
    assert not quota.take(103.9)
    assert quota.take(104.0)


def test_the_provider_may_hold_a_slot_closed_for_longer() -> None:
    quota = Quota(slots=1, window=4.0, started=0.0)
    quota.take(4.0)
    quota.give_back(5.0, hold=30.0)
    assert quota.opens_at() == 39.0


def test_a_rest_closes_every_slot_those_with_a_request_under_way_too() -> None:
    quota = Quota(slots=3, window=1.0, started=0.0)
    quota.take(5.0)
    quota.take(5.0)
    quota.rest(60.0)
    assert quota.opens_at() == 60.0
    quota.give_back(6.0)
    quota.give_back(58.5, hold=9.0)
    quota.rest(30.0)
    assert not quota.take(59.9)
    assert [quota.take(60.0), quota.take(60.0), quota.take(60.0), quota.opens_at()] == [True, True, False, 68.5]


@pytest.mark.parametrize(("rate", "slots", "window"), [(2, 2, 1.0), (1, 1, 1.0), (0.5, 1, 2.0), (5, 5, 1.0)])
def test_a_rate_a_second(rate: float, slots: int, window: float) -> None:
    quota = Quota.per_second(rate, started=0.0)
    assert (quota.slots, quota.window) == (slots, window)
    assert [quota.take(window) for _ in range(slots + 1)] == [True] * slots + [False]


def test_a_slot_that_nobody_took_cannot_be_given_back() -> None:
    quota = Quota(slots=2, window=1.0, started=0.0)
    with pytest.raises(ValueError, match="nobody had taken"):
        quota.give_back(5.0)
