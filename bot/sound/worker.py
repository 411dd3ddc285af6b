"""The other side of `bot.sound.apart`: one piece of work in a process of its own, `python -m bot.sound.worker`.

What to do comes from the bot, pickled, on standard input: the name of the work, and what it is given. What comes of it goes out as lines
of JSON, which bring nothing to run, should a foreign file have got hold of a decoder: `{"share": 0.5}`, how far it is; last
`{"made": {…}}` or `{"error": "NotAudio", "said": […]}`.
"""

import json
import os
import pickle
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Final

from bot.domain.waveforms import Waveform
from bot.errors import CannotStore, NotAudio, TooLongToSend
from bot.sound import joining, waveform
from bot.sound.orders import Joined, Work

NICENESS = 5
"""Whoever waits for the bot's answer goes first, where there are too few processors."""


def main() -> None:
    """Do what standard input says. Where nobody hears what comes of it any more, the bot has ended: this process ends too, silently."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    os.nice(NICENESS)
    work, given, options = pickle.load(sys.stdin.buffer)  # noqa: S301 - the bot itself has written it
    try:
        say(made=asdict(DOES[work](*given, **options)))
    except TooLongToSend as error:
        say(error=type(error).__name__, said=(error.seconds, error.limit))
    except (NotAudio, CannotStore) as error:
        say(error=type(error).__name__, said=(str(error),))


def tell(share: float) -> None:
    """Tell which share of the work is done."""
    say(share=share)


def say(**what: object) -> None:
    """Write a line."""
    sys.stdout.write(f"{json.dumps(what)}\n")
    sys.stdout.flush()


DOES: Final[Mapping[Work, Callable[..., Joined | Waveform]]] = {
    Work.JOIN: partial(joining.join, on_progress=tell),
    Work.EXCERPT: joining.excerpt,
    Work.READ: waveform.read,
}
"""All that this process does, and by which function."""


if __name__ == "__main__":
    main()
