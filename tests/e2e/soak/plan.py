"""What is going to go wrong, and when: endless, and the same for the same seed."""

import random
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

GAP = 0.35
"""Seconds between two faults, on average."""
OUTAGE = (0.4, 1.8)
"""Seconds that an outage lasts: shorter than a life, so that people get something done in most lives."""
LIFE = (1.5, 6.0)
"""Seconds from the moment the bot is connected until it is ended."""
UNBORN = (0.1, 2.0)
"""Seconds from the start of a process that is ended before it has come up."""
SHARE_UNBORN, SHARE_IN_ORDER = 0.15, 0.2
"""Shares of the lives that end before they have begun, and of those that end by SIGTERM instead of kill -9."""


@dataclass(frozen=True, slots=True)
class Strike:
    """One fault: seconds `after` the one before it, and for how many seconds it `lasts` if it is an outage."""

    after: float
    kind: str
    lasts: float


@dataclass(frozen=True, slots=True)
class Life:
    """How long a process of the bot may live: `seconds` from when it is connected, or from its start if it is `unborn`."""

    seconds: float
    unborn: bool
    end: signal.Signals


def strikes(seed: int, kinds: Sequence[str]) -> Iterator[Strike]:
    """Yield faults for ever: each kind once, in a drawn order, before any of them comes again."""
    dice = random.Random(f"strikes {seed}")
    while True:
        for kind in dice.sample(sorted(kinds), len(kinds)):
            yield Strike(dice.expovariate(1 / GAP), kind, dice.uniform(*OUTAGE))


def lives(seed: int) -> Iterator[Life]:
    """Yield the lives of the bot's processes for ever; the first one comes up."""
    dice = random.Random(f"lives {seed}")
    unborn = False
    while True:
        end = signal.SIGTERM if dice.random() < SHARE_IN_ORDER else signal.SIGKILL
        yield Life(dice.uniform(*(UNBORN if unborn else LIFE)), unborn, end)
        unborn = dice.random() < SHARE_UNBORN
