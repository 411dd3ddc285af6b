"""Any session, whatever happens: it is sound in every step, and comes to an end."""

from random import Random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from bot.domain.sessions.model import Pause, Phase, Trouble
from bot.domain.sessions.plans import Mode
from tests.unit.sessions.anything import ALL, AnySession

SEEDS = st.integers(0, 2**32)


class PlayedSession(AnySession):
    """A session that goes its usual way, with something in between: by rules alone, few examples would come far."""

    @initialize(mode=st.sampled_from(Mode), rounds_=st.integers(1, 6), budget=st.integers(1, 9), seed=SEEDS, moves=st.integers(0, 40))
    def it_begins(self, mode: Mode, rounds_: int, budget: int, seed: int, moves: int) -> None:
        self.plan(mode, rounds_, budget)
        self.it_goes_on(seed, moves)

    @rule(seed=SEEDS, moves=st.integers(1, 10))
    def it_goes_on(self, seed: int, moves: int) -> None:
        chance = Random(seed)
        for _ in range(moves):
            self.move(chance)

    @rule(seed=SEEDS)
    def it_goes_further(self, seed: int) -> None:
        self.it_goes_on(seed, 3)

    def move(self, chance: Random) -> None:
        if (session := self.session).place_id is not None and session.live and chance.random() < 0.25:
            self.something_comes_between(chance)
        elif session.paused is not None:
            self.the_host_resumes()
        elif session.held:
            self.the_lane_is_paused_or_goes_on()
        elif session.counting:
            self.the_votes_are_counted()
        elif session.phase is Phase.OPENING:
            self.a_thread_is_opened()
        elif session.phase in (Phase.STUCK, Phase.DECIDING):
            self.the_host_asks_again(chance.randrange(6))
        elif session.running and (session.phase is Phase.EXTENDING or chance.random() < 0.5):
            self.the_service_answers(chance)
        else:
            self.people_go_on(chance)

    def something_comes_between(self, chance: Random) -> None:
        user_id, late = chance.choice(ALL), chance.randrange(6)
        chance.choice(
            [
                lambda: self.it_is_paused(chance.choice(list(Pause))),
                lambda: self.the_process_is_gone_for_a_while(chance.choice([5.0, 599.0, 3600.0])),
                lambda: self.the_host_removes_somebody(user_id),
                lambda: self.the_session_changes_hands(user_id),
                lambda: self.session.extensions and self.an_extension_is_made(late, 90.0, chance.choice(["AB", "A", ""])),
                lambda: self.session.extensions and self.an_extension_has_trouble(late, chance.choice(list(Trouble))),
                lambda: self.tracks_are_taken_down({late, chance.randrange(6)}, root=chance.random() < 0.1),
                lambda: (self.tracks_are_taken_down({1}, root=False), self.the_host_undoes_a_round()),
                self.the_lane_is_paused_or_goes_on,
                self.there_is_more_time,
                self.the_thread_is_deleted,
                self.the_message_is_deleted,
                self.the_host_skips,
                self.the_host_undoes_a_round,
            ]
        )()

    def the_service_answers(self, chance: Random) -> None:
        place = chance.randrange(len(self.session.running))
        if chance.random() < 0.7:
            self.an_extension_is_made(place, chance.choice([20.0, 90.0, 150.0]), chance.choice(["AB", "AB", "AB", "AB", "A", ""]))
        else:
            self.an_extension_has_trouble(place, chance.choice(list(Trouble)))

    def people_go_on(self, chance: Random) -> None:
        for user_id in chance.sample(ALL, chance.randrange(4)):
            place, start = chance.randrange(6), chance.choice([1.0, 59.5, 85.0, 400.0])
            if self.session.phase is Phase.IDEAS:
                self.somebody_has_an_idea(user_id, start)
            elif self.session.phase is Phase.OPEN:
                self.somebody_continues_something(user_id, place, start)
            elif self.session.phase is Phase.WAITING:
                self.somebody_joins(user_id)
            elif self.session.vote_name is not None:
                self.somebody_votes(user_id, place)
        if self.session.phase is Phase.TURN and chance.random() < 0.7:
            self.whoever_is_up_continues(chance.choice([1.0, 59.5, 85.0, 400.0]))
        elif self.session.due is not None and (chance.random() < 0.05 or self.session.phase is not Phase.OPEN):
            self.the_deadline_rings()


TestAnySession = PlayedSession.TestCase
# The same examples each time: what nobody has changed cannot fail.
TestAnySession.settings = settings(max_examples=60, stateful_step_count=10, derandomize=True)


@pytest.mark.parametrize("mode", list(Mode))
def test_long_sessions_are_sound_too(mode: Mode) -> None:
    for seed in range(40):
        played = PlayedSession()
        played.it_begins(mode, 8, 14, seed, 80)
        played.teardown()
