"""People who use the bot by a schedule, and what they see of the answers."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from bench.figures import quantile
from bench.stage import TYPED, Stage, until
from bot.sandbox.discord.events import Event, InteractionChanged
from bot.sandbox.discord.interaction_call import InteractionCall
from bot.sandbox.discord.interaction_model import ACK_SECONDS, InteractionState
from bot.sandbox.discord.people import Person


@dataclass(slots=True, kw_only=True)
class Acks:
    """Seconds from each use of the command to its first answer; `lateness` is how far behind its schedule each was dispatched."""

    seconds: list[float] = field(default_factory=list[float])
    lateness: list[float] = field(default_factory=list[float])
    failed: int = 0
    """Uses for which Discord showed that the application did not respond."""

    @property
    def late(self) -> int:
        """Count the uses without an answer in Discord's 3 s."""
        return self.failed + sum(second > ACK_SECONDS for second in self.seconds)

    def ms(self, share: float) -> str:
        """Write a quantile of the acknowledgements, in milliseconds."""
        return f"{1000 * quantile(self.seconds, share):.0f} ms"


@dataclass(slots=True)
class Crowd:
    """Watches a loopback's interactions from their dispatch to their first answer."""

    stage: Stage
    act: Callable[[Person], Awaitable[InteractionCall]] | None = None
    """What each of them does; without it, /extend."""
    acks: Acks = field(default_factory=Acks)
    calls: list[InteractionCall] = field(default_factory=list[InteractionCall])
    _began: dict[int, float] = field(default_factory=dict[int, float])

    async def use(self, people: Sequence[Person], rate: float) -> Acks:
        """Let each person act once, `rate` of them a second (inf: all at once), and wait for the first answers."""
        stop = self.stage.discord.listen(self._hear)
        try:
            began = time.perf_counter()
            for number, person in enumerate(people):
                due = began + number / rate
                # Even when all are due at once the loop has to turn: nothing leaves this process otherwise.
                await asyncio.sleep(max(due - time.perf_counter(), 0.0))
                self.acks.lateness.append(time.perf_counter() - due)
                await self._use(person)
            await until(lambda: not self._began)
        finally:
            stop()
        return self.acks

    async def _use(self, person: Person) -> None:
        began = time.perf_counter()
        call = await (person.slash(self.stage.world.music, "extend", **TYPED) if self.act is None else self.act(person))
        self._began[call.id] = began
        self.calls.append(call)

    def _hear(self, event: Event) -> None:
        if not isinstance(event, InteractionChanged) or event.interaction.state is InteractionState.PENDING:
            return
        began = self._began.pop(event.interaction.id, None)
        if began is None:
            return
        if event.interaction.state is InteractionState.FAILED:
            self.acks.failed += 1
        else:
            self.acks.seconds.append(time.perf_counter() - began)

    async def replied(self) -> None:
        """Wait until nobody sees the bot thinking any more. Raises TimeoutError."""
        await until(lambda: all(call.state is not InteractionState.DEFERRED for call in self.calls))
