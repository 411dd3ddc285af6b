"""The drawer: faults on demand, the bot's process, its log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.sandbox.page.fault_book import SWITCHES, FaultBook
from bot.sandbox.page.requests import Act, PageRefusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from bot.sandbox.discord.world import JsonObject
    from bot.sandbox.page.keeper import Keeper
    from bot.sandbox.stage import Stage


@dataclass(slots=True, frozen=True)
class Controls:
    """What the drawer shows and does."""

    stage: Stage
    faults: FaultBook
    keeper: Keeper

    @property
    def by_name(self) -> Mapping[str, Callable[[Act], Awaitable[JsonObject]]]:
        """Map the acts' names to what they do."""
        return {"fault": self.fault, "clear": self.clear, "expire": self.expire, "bot": self.bot, "gateway": self.gateway}

    def view(self) -> JsonObject:
        """Write how everything stands, without the log."""
        counts = self.stage.music.counts
        return {
            "switches": [
                {"key": s.key, "group": s.group, "label": s.label, "hint": s.hint, "once": s.once, "on": s.key in self.faults.on}
                for s in SWITCHES
            ],
            "bot": {"state": self.keeper.state.value, "starts": self.keeper.starts},
            "counts": {
                "submits": counts.submits,
                "accepted": len(counts.accepted),
                "queries": counts.queries,
                "violations": counts.violations,
            },
        }

    async def fault(self, act: Act) -> JsonObject:
        """Switch the fault `key` `on` or off."""
        try:
            self.faults.turn(act.text("key", most=40), on=bool(act.body.get("on")))
        except KeyError as error:
            msg = "There is no such fault."
            raise PageRefusal(msg, 404) from error
        return self._shown()

    async def clear(self, _act: Act) -> JsonObject:
        """Switch every fault off."""
        self.faults.clear()
        return self._shown()

    async def expire(self, _act: Act) -> JsonObject:
        """Let 15 minutes pass for whatever was asked so far."""
        self.stage.discord.expire_tokens()
        return self._shown()

    async def bot(self, act: Act) -> JsonObject:
        """Do `what` to the bot's process: restart, kill, stop, start."""
        what = act.text("what", most=40)
        acts = {"restart": self.keeper.restart, "kill": self.keeper.kill, "stop": self.keeper.stop, "start": self.keeper.start}
        if what not in acts:
            msg = f"The bot can be told to {', '.join(acts)}."
            raise PageRefusal(msg)
        await acts[what]()
        return self._shown()

    async def gateway(self, act: Act) -> JsonObject:
        """Do `what` to the bot's connection: drop, reconnect, forget its session."""
        gateway = self.stage.discord.gateway
        what = act.text("what", most=40)
        acts: dict[str, Callable[[], None]] = {
            "drop": gateway.drop,
            "reconnect": gateway.request_reconnect,
            "invalidate": lambda: gateway.invalidate(resumable=False),
        }
        if what not in acts:
            msg = f"The connection can be told to {', '.join(acts)}."
            raise PageRefusal(msg)
        acts[what]()
        return self._shown()

    def _shown(self) -> JsonObject:
        self.keeper.look()
        return self.view()
