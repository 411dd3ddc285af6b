from bot.domain.actors import NOBODY, SOMEONE
from bot.names import TRUE_FOR, DiscordNames
from bot.sandbox.discord import LoopbackDiscord
from bot.sandbox.discord.sandbox_world import SandboxWorld
from tests.discord.loopback_probe import ProbeBot
from tests.fakes import FakeClock

GONE = 1


def asked(loopback: LoopbackDiscord) -> int:
    return sum(request.path.startswith("/users/") and request.path != "/users/@me" for request in loopback.requests)


async def test_people_are_called_by_their_names(loopback: LoopbackDiscord, world: SandboxWorld, probe: ProbeBot) -> None:
    names = DiscordNames(bot=probe, clock=FakeClock())
    assert await names.of([world.mira.id, world.jo.id, GONE, NOBODY]) == {
        world.mira.id: "Mira",
        world.jo.id: "Jo",
        GONE: SOMEONE,
        NOBODY: SOMEONE,
    }


async def test_a_name_is_asked_for_once_an_hour(loopback: LoopbackDiscord, world: SandboxWorld, probe: ProbeBot) -> None:
    clock = FakeClock()
    names = DiscordNames(bot=probe, clock=clock)
    before = asked(loopback)
    for _ in range(3):
        await names.of([world.mira.id])
    assert asked(loopback) == before + 1
    clock.advance(TRUE_FOR)
    await names.of([world.mira.id])
    assert asked(loopback) == before + 2
