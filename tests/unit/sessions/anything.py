"""All that can happen to a session: what people do, and what becomes of its extensions, tracks, lane, thread and process."""

from collections import Counter
from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from bot.domain.sessions import clock, deadlines, free, hosting, ideas, relay, rounds
from bot.domain.sessions.model import Pause, Phase, Session, Take, Trouble
from bot.domain.sessions.plans import Mode
from bot.errors import CannotTakePart
from tests.unit.sessions.checking import check, check_counted, check_goes_on, check_step, restarted
from tests.unit.sessions.making import HOST, NOW, pair, planned

ALL = [HOST, 11, 12, 13, 14]
PEOPLE = st.sampled_from(ALL)
STARTS = st.sampled_from([1.0, 59.5, 60.0, 85.0, 149.0, 400.0])
LENGTHS = st.sampled_from([20.0, 90.0, 150.0])
PLACES = st.integers(0, 5)


Step = Callable[[Session], Session]


def during(*phases: Phase) -> Callable[["AnySession"], bool]:
    return lambda machine: machine.session.phase in phases


def live(machine: "AnySession") -> bool:
    return machine.session.live


def far_on(machine: "AnySession") -> bool:
    """Tell whether enough has happened for an end to be interesting."""
    return machine.session.live and len(machine.session.extensions) > 1


class AnySession(RuleBasedStateMachine):
    """A session, with the votes that a store would keep for it."""

    session: Session
    now: float
    there: dict[str, Take]
    """The tracks that were delivered and not taken down."""

    def plan(self, mode: Mode, rounds_: int, budget: int) -> None:
        self.session, self.now = planned(mode, rounds=rounds_, budget=budget), NOW
        self.there = {self.session.root.clip_id: self.session.root}
        self.votes: dict[str, dict[int, str]] = {}
        self.counted: set[str] = set()

    def do(self, step: Step) -> bool:
        """Take a step, in a process of its own; False where it was refused."""
        try:
            after = step(self.session)
        except CannotTakePart:
            return False
        check_step(self.session, after, self.there)
        self.session = restarted(after)
        check(self.session, self.there)
        assert self.session.ballot not in self.counted, "what was counted is not opened again"
        return True

    def take_part(self, user_id: int, step: Step) -> None:
        def checked(session: Session) -> Session:
            hosting.check_person(session, user_id, frozenset())
            return step(session)

        self.do(checked)

    # Time.

    @rule(seconds=st.sampled_from([1.0, 30.0, 400.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @precondition(lambda self: self.session.due is not None)
    @rule()
    def the_deadline_rings(self) -> None:
        self.now = max(self.now, self.session.due or 0.0)
        self.do(lambda session: deadlines.rung(session, self.now))
        assert deadlines.rung(self.session, self.now) is self.session, "once"

    @precondition(live)
    @rule(why=st.sampled_from(Pause))
    def it_is_paused(self, why: Pause) -> None:
        self.do(lambda session: clock.pause(session, why, self.now))

    @precondition(lambda self: self.session.paused is not None)
    @rule()
    def the_host_resumes(self) -> None:
        assert self.do(lambda session: clock.resume(session, self.now))

    @precondition(live)
    @rule()
    def the_lane_is_paused_or_goes_on(self) -> None:
        self.do(lambda session: clock.hold(session, self.now, held=not session.held))

    @precondition(live)
    @rule(away=st.sampled_from([5.0, 599.0, 3600.0]))
    def the_process_is_gone_for_a_while(self, away: float) -> None:
        ahead = None if self.session.due is None else self.session.due - self.now
        self.now += away
        self.do(lambda session: clock.after_absence(session, self.now - away, self.now))
        if ahead is not None and self.session.due is not None:
            assert abs(self.session.due - self.now - ahead) < 0.01, "nobody lost time"

    @precondition(live)
    @rule()
    def there_is_more_time(self) -> None:
        self.do(lambda session: clock.more_time(session, 60.0))

    # The thread.

    @precondition(lambda self: self.session.live and self.session.place_id is None)
    @rule()
    def a_thread_is_opened(self) -> None:
        assert self.do(lambda session: rounds.opened(session, 7, self.now))

    @precondition(lambda self: self.session.live and self.session.place_id is not None)
    @rule()
    def the_thread_is_deleted(self) -> None:
        self.do(lambda session: rounds.unplaced(clock.pause(session, Pause.PLACE, self.now)))

    @precondition(live)
    @rule()
    def the_message_is_deleted(self) -> None:
        self.do(rounds.shown_anew)

    # People.

    @precondition(during(Phase.IDEAS))
    @rule(user_id=PEOPLE, start=STARTS)
    def somebody_has_an_idea(self, user_id: int, start: float) -> None:
        seq = self.session.last_seq
        self.take_part(user_id, lambda session: ideas.put_forward(session, user_id, seq=seq, tags="x", title="", start=start))

    @precondition(lambda self: self.session.vote_name is not None)
    @rule(user_id=PEOPLE, choice=PLACES)
    def somebody_votes(self, user_id: int, choice: int) -> None:
        current = rounds.the_round(self.session)
        choices = [str(idea.number) for idea in current.ideas] + [take.clip_id for take in current.takes] + ["nothing"]
        chosen = choices[choice % len(choices)]
        try:
            hosting.check_person(self.session, user_id, frozenset())
            ballot = ideas.check_vote(self.session, user_id, chosen)
        except CannotTakePart:
            return
        self.votes.setdefault(ballot, {})[user_id] = chosen

    @precondition(lambda self: self.session.counting)
    @rule()
    def the_votes_are_counted(self) -> None:
        name, before = self.session.vote_name or "", self.session
        assert name not in self.counted, "no vote is counted twice"
        self.counted.add(name)
        valid = [choice for user_id, choice in self.votes.get(name, {}).items() if user_id not in before.removed]
        assert self.do(lambda session: ideas.counted(session, Counter(valid), self.now))
        check_counted(before, self.session, valid)

    @precondition(lambda self: self.session.plan.mode is Mode.RELAY and self.session.live)
    @rule(user_id=PEOPLE)
    def somebody_joins(self, user_id: int) -> None:
        self.take_part(user_id, lambda session: relay.join(session, user_id, self.now))

    @precondition(lambda self: bool(self.session.line))
    @rule(place=PLACES)
    def somebody_leaves(self, place: int) -> None:
        user_id = self.session.line[place % len(self.session.line)].user_id
        assert self.do(lambda session: relay.leave(session, user_id, self.now))

    @precondition(during(Phase.TURN))
    @rule(start=STARTS)
    def whoever_is_up_continues(self, start: float) -> None:
        current = rounds.the_round(self.session)
        up, seq = current.up or 0, current.first_seq
        self.take_part(up, lambda session: relay.request(session, up, self.now, seq=seq, tags="x", title="", start=start))

    @precondition(during(Phase.TAKES))
    @rule(user_id=PEOPLE, which=PLACES)
    def somebody_picks(self, user_id: int, which: int) -> None:
        current = rounds.the_round(self.session)
        clip_id = current.takes[which % len(current.takes)].clip_id
        self.take_part(user_id, lambda session: relay.pick_take(session, user_id, clip_id, self.now, seq=current.seq))

    @precondition(during(Phase.OPEN))
    @rule(user_id=PEOPLE, job=PLACES, start=STARTS)
    def somebody_continues_something(self, user_id: int, job: int, start: float) -> None:
        last = self.session.extensions[-3:]
        clip_ids = ["root", *(f"{each.job_id}-A" for each in last), *(each.source.clip_id for each in last)]
        clip_id = clip_ids[-1 - job % len(clip_ids)]
        self.take_part(user_id, lambda session: free.request(session, user_id, clip_id, self.now, tags="x", title="", start=start))

    # The host.

    @precondition(live)
    @rule()
    def the_host_skips(self) -> None:
        self.do(lambda session: hosting.skip(session, self.now))

    @precondition(during(Phase.STUCK, Phase.DECIDING))
    @rule(number=PLACES)
    def the_host_asks_again(self, number: int) -> None:
        if self.session.phase is Phase.DECIDING:
            self.do(lambda session: hosting.decide(session, number, self.now))
        else:
            act = (hosting.retry, hosting.next_best, hosting.skip)[number % 3]
            self.do(lambda session: act(session, self.now))

    @precondition(lambda self: bool(self.session.past) and self.session.live)
    @rule()
    def the_host_undoes_a_round(self) -> None:
        self.do(lambda session: hosting.undo(session, self.now))

    @precondition(far_on)
    @rule(user_id=PEOPLE)
    def the_host_removes_somebody(self, user_id: int) -> None:
        self.do(lambda session: hosting.remove(session, user_id, self.now))

    @precondition(live)
    @rule(user_id=PEOPLE)
    def the_session_changes_hands(self, user_id: int) -> None:
        if self.session.hosted:
            self.do(hosting.step_down)
        else:
            self.do(lambda session: hosting.take_over(session, user_id))

    @precondition(far_on)
    @rule()
    def the_host_ends_it(self) -> None:
        assert self.do(lambda session: hosting.end(session, self.now))

    @precondition(during(Phase.ENDING))
    @rule()
    def the_recap_is_posted(self) -> None:
        self.do(rounds.ended)

    # The music service, and its tracks.

    @precondition(far_on)
    @rule(place=PLACES, seconds=LENGTHS, variants=st.sampled_from(["AB", "AB", "A", "B", ""]))
    def an_extension_is_made(self, place: int, seconds: float, variants: str) -> None:
        extension = self.session.extensions[-1 - place % len(self.session.extensions)]
        takes = [take for take in pair(extension.job_id, seconds=seconds, user_id=extension.user_id) if take.variant in variants]
        if not extension.settled:
            self.there.update((take.clip_id, take) for take in takes)
        assert self.do(lambda session: deadlines.brought(session, extension.job_id, takes, self.now))

    @precondition(far_on)
    @rule(place=PLACES, trouble=st.sampled_from(Trouble))
    def an_extension_has_trouble(self, place: int, trouble: Trouble) -> None:
        extension = self.session.extensions[-1 - place % len(self.session.extensions)]
        assert self.do(lambda session: deadlines.failed(session, extension.job_id, trouble, self.now))

    @precondition(far_on)
    @rule(places=st.sets(PLACES, min_size=1, max_size=3), root=st.sampled_from([False] * 9 + [True]))
    def tracks_are_taken_down(self, places: set[int], *, root: bool) -> None:
        # Those that were gone on with come first: on them most depends.
        picked = [each.picked for each in reversed(self.session.past) if each.picked in self.there]
        newest = list(dict.fromkeys([*picked, *(clip_id for clip_id in reversed(self.there) if root or clip_id != "root")]))
        gone = frozenset(newest[place] for place in places if place < len(newest))
        for clip_id in gone:
            del self.there[clip_id]
        assert self.do(lambda session: rounds.lost(session, gone, self.now))

    def teardown(self) -> None:
        if hasattr(self, "session"):
            check_goes_on(self.session)
