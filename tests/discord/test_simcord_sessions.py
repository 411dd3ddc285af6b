"""/session as people see it in a simulated Discord, which has an opinion of its own on components and forms."""

from dataclasses import replace

import pytest

from bot.domain.sessions.hosting import HostAct
from bot.domain.sessions.model import Ending, Pause, Phase
from bot.ui import host_card, ids
from tests.discord.simcord_helpers import Sim
from tests.discord.test_simcord_bot import shown, text
from tests.unit.sessions_built import DUE, SESSION_ID, make_session

pytestmark = pytest.mark.simcord(shard_count=1)

TRACK = "186001a9-a9e2-487a-bdcc-417914676f24"


async def test_a_session_is_laid_out_and_started(sim: Sim) -> None:
    card = shown(await sim.alice.slash(sim.channel, "session start", track=TRACK))
    assert card.ephemeral
    assert "Nothing begins, and nothing is spent, before you press Start" in str(card.embeds[0].footer.text)
    form = await sim.alice.click(card, label="Name and theme…")
    card = shown(await sim.alice.submit_modal(form, {"name": "Rainy", "theme": "rain, at night"}))
    assert "Theme**: rain, at night" in text(card)
    role = sim.guild.create_role("Musicians")
    chosen = shown(await sim.alice.click(card, label="Who may join…"))
    card = shown(await sim.alice.select(chosen, [role]))
    assert f"people with <@&{role.id}>" in text(card)
    started = shown(await sim.alice.click(card, label="Start"))
    assert "**Rainy** has begun" in text(started)
    ((plan, clip_id, _, in_thread),) = sim.services.sessions.started
    assert (plan.name, plan.role_id, clip_id, in_thread) == ("Rainy", role.id, TRACK, False)


async def test_the_host_steers_from_the_panel_and_nobody_else(sim: Sim) -> None:
    sim.services.sessions.session = make_session(host_id=sim.alice.id, people=(sim.alice.id, sim.bob.id))
    refused = shown(await sim.bob.slash(sim.channel, "session host"))
    assert "Only the session's host" in text(refused)
    assert sim.handled() == ["CannotTakePart"]
    panel = shown(await sim.alice.slash(sim.channel, "session host"))
    assert panel.ephemeral
    panel = shown(await sim.alice.click(panel, label="Pause"))
    assert "The session is paused." in text(panel)
    assert sim.services.sessions.session.paused is Pause.HOST
    handed = shown(await sim.alice.select(panel, [sim.bob], custom_id=ids.make(host_card.PERSON, f"{SESSION_ID}r3", HostAct.HAND_OVER)))
    assert "The session is handed over." in text(handed)
    assert sim.services.sessions.session.host_id == sim.bob.id


async def test_the_board_and_the_history_say_where_it_goes_on(sim: Sim) -> None:
    assert "on its way" in text(shown(await sim.bob.slash(sim.channel, "session board")))
    assert "No session has ended here yet" in text(shown(await sim.bob.slash(sim.channel, "session history")))
    sim.services.sessions.ended = [replace(make_session(Phase.ENDED), ending=Ending.ROUNDS, ended_at=DUE)]
    assert "Friday jam" in text(shown(await sim.bob.slash(sim.channel, "session history")))
