"""The line, against a model that is plainly right: every person a queue, and people in a ring."""

from collections import Counter, deque
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.domain.line import Line

PEOPLE = st.integers(1, 5)


def filled(*jobs: tuple[str | int, str]) -> Line:
    line = Line()
    for person, job in jobs:
        line.add(person, job)
    return line


def drained(line: Line) -> list[str]:
    taken: list[str] = []
    while (job := line.take()) is not None:
        taken.append(job)
    return taken


def test_people_take_turns_and_ones_own_jobs_keep_their_order() -> None:
    line = filled((1, "a1"), (1, "a2"), (1, "a3"), (2, "b1"), (3, "c1"), (2, "b2"))
    assert drained(line) == ["a1", "b1", "c1", "a2", "b2", "a3"]


def test_one_request_beside_fifty_of_another_person_is_second() -> None:
    line = filled(*((1, f"a{number}") for number in range(50)), (2, "b"))
    assert line.place_of(2, "b") == 2
    assert drained(line)[1] == "b"


def test_a_session_takes_turns_like_one_person_whoever_is_in_it() -> None:
    line = filled(("session", "s1"), ("session", "s2"), (1, "a1"), (1, "a2"), ("other", "o1"))
    assert [line.place_of("session", "s2"), line.place_of(1, "a2")] == [4, 5]
    assert drained(line) == ["s1", "a1", "o1", "s2", "a2"]


def test_a_job_put_back_is_first_again() -> None:
    line = filled((1, "a1"), (1, "a2"), (2, "b1"))
    assert line.take() == "a1"
    line.put_back(1, "a1")
    assert line.place_of(1, "a1") == 1
    assert drained(line) == ["a1", "b1", "a2"]


def test_a_job_put_back_is_first_though_its_person_had_no_other() -> None:
    line = filled((1, "a1"), (2, "b1"))
    assert line.take() == "a1"
    line.put_back(1, "a1")
    assert drained(line) == ["a1", "b1"]


def test_an_empty_line() -> None:
    line = Line()
    assert (line.take(), line.peek(), len(line)) == (None, None, 0)
    assert line.place_of(1, "a") is None
    assert not line.remove(1, "a")
    assert "a" not in line


def test_a_place_is_asked_for_by_person_and_job() -> None:
    line = filled((1, "a1"), (2, "b1"))
    assert line.place_of(1, "b1") is None
    assert not line.remove(1, "b1")
    assert "b1" in line


@given(st.lists(PEOPLE, min_size=1, max_size=40))
def test_nobody_is_served_twice_while_another_waits(people: list[int]) -> None:
    line = filled(*((person, f"{person}-{number}") for number, person in enumerate(people)))
    waiting = Counter(people)
    served: Counter[int] = Counter()
    while (job := line.take()) is not None:
        person = int(job.split("-")[0])
        served[person] += 1
        waiting[person] -= 1
        # Whoever still waits was served at most once less than whoever was served most.
        assert all(served[person] - served[other] <= 1 for other in waiting if waiting[other])
    assert served == Counter(people)


@dataclass
class Model:
    ring: deque[int] = field(default_factory=deque[int])
    queues: dict[int, list[str]] = field(default_factory=dict[int, list[str]])

    def order(self) -> list[str]:
        """Take everything from a copy."""
        ring, queues, order = deque(self.ring), {who: list(jobs) for who, jobs in self.queues.items()}, list[str]()
        while ring:
            who = ring.popleft()
            order.append(queues[who].pop(0))
            if queues[who]:
                ring.append(who)
        return order


class LineAgainstItsModel(RuleBasedStateMachine):
    """Any order of adding, taking, putting back and removing; the places must be what taking brings."""

    def __init__(self) -> None:
        super().__init__()
        self.line = Line()
        self.model = Model()
        self.count = 0
        self.taken: tuple[int, str] | None = None

    @rule(person=PEOPLE)
    def add(self, person: int) -> None:
        job = f"{person}-{self.count}"
        self.count += 1
        self.line.add(person, job)
        if person not in self.model.queues:
            self.model.ring.append(person)
        self.model.queues.setdefault(person, []).append(job)

    @rule()
    def take(self) -> None:
        order = self.model.order()
        assert self.line.peek() == (order[0] if order else None)
        taken = self.line.take()
        assert taken == (order[0] if order else None)
        if taken is not None:
            person = self.model.ring.popleft()
            self.model.queues[person].pop(0)
            if self.model.queues[person]:
                self.model.ring.append(person)
            else:
                del self.model.queues[person]
            self.taken = (person, taken)

    @precondition(lambda self: self.taken is not None)
    @rule()
    def put_back(self) -> None:
        assert self.taken is not None
        person, job = self.taken
        self.line.put_back(person, job)
        if person in self.model.queues:
            self.model.ring.remove(person)
        self.model.ring.appendleft(person)
        self.model.queues.setdefault(person, []).insert(0, job)
        self.taken = None

    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        order = self.model.order()
        if not order:
            return
        job = data.draw(st.sampled_from(order))
        person = int(job.split("-")[0])
        assert self.line.remove(person, job)
        assert not self.line.remove(person, job)
        self.model.queues[person].remove(job)
        if not self.model.queues[person]:
            del self.model.queues[person]
            self.model.ring.remove(person)

    @invariant()
    def every_place_is_the_number_of_takes(self) -> None:
        order = self.model.order()
        assert len(self.line) == len(order)
        for place, job in enumerate(order, 1):
            assert self.line.place_of(int(job.split("-")[0]), job) == place
            assert job in self.line


TestLineAgainstItsModel = LineAgainstItsModel.TestCase
