"""Which faults are switched on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.page.fault_switches import SWITCHES

if TYPE_CHECKING:
    from bot.sandbox.page.fault_arms import Armed
    from bot.sandbox.stage import Stage


class FaultBook:
    """The switches, and which are on."""

    def __init__(self, stage: Stage) -> None:
        """Begin with all of them off."""
        self._stage = stage
        self._armed: dict[str, Armed] = {}

    @property
    def on(self) -> list[str]:
        """List the keys of the faults that are still to happen."""
        return [key for key, armed in self._armed.items() if armed.lasts()]

    def turn(self, key: str, *, on: bool) -> None:
        """Switch one fault; raises KeyError for an unknown one."""
        switch = next((switch for switch in SWITCHES if switch.key == key), None)
        if switch is None:
            raise KeyError(key)
        if (armed := self._armed.pop(key, None)) is not None:
            armed.disarm()
        if on:
            self._armed[key] = switch.arm(self._stage)

    def clear(self) -> None:
        """Switch everything off."""
        for key in list(self._armed):
            self.turn(key, on=False)
