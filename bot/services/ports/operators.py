"""What the operator asks of the services."""

from typing import Protocol

from bot.domain.jobs import Job
from bot.domain.overview import Mishap, Overview


class Operating(Protocol):
    """What the operator does to the bot while it runs; `services.operating` fulfils it. All that is awaited may raise StoreUnavailable."""

    async def pause(self, reason: str) -> None:
        """Hold the operator's lane until `resume`, restarts included; `reason` (may be empty) is shown to people."""
        ...

    async def resume(self) -> None:
        """Let it go on."""
        ...

    async def attach(self, job_id: str, typed_task: str) -> Job:
        """Give an UNKNOWN job its task, once, and follow it from there. Raises BadOption, NotFound, CannotAttach."""
        ...

    async def block(self, user_id: int, *, by: int) -> None:
        """Take nothing from a person any more, on any server."""
        ...

    async def unblock(self, user_id: int) -> bool:
        """Lift that; False if there was nothing to lift."""
        ...

    async def blocked(self) -> list[int]:
        """List who is blocked everywhere."""
        ...

    async def overview(self) -> Overview:
        """Take stock of the bot."""
        ...


class References(Protocol):
    """The last errors of ours, by the reference that people were shown; `services.references` fulfils it."""

    @property
    def since(self) -> float:
        """Tell from when on (epoch seconds) they are kept."""
        ...

    def note(self, where: str, error: BaseException) -> str:
        """Keep an error, and return its reference."""
        ...

    def find(self, reference: str) -> Mishap | None:
        """Find what a reference stands for, as it was typed; None if it is not among those that are kept."""
        ...

    def latest(self, limit: int) -> list[Mishap]:
        """List the last ones, newest first."""
        ...
