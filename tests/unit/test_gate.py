"""The gate before every command, control and form: each says what it amounts to, and a refusal is always an answer."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import Mock

import discord
import pytest
from discord import app_commands

from bot.discord_bot import COGS, FORMS, EncoreBot, EncoreTree, act_of
from bot.domain.actors import Actor
from bot.domain.admission import Act
from bot.domain.guild_settings import GuildSettings
from bot.domain.requests import TypedRequest
from bot.errors import NotAdmitted, WrongChannel
from bot.ui import asking, modals, refusals, suggestions, words
from bot.ui.asking import actor_of, ask
from bot.ui.buttons import More, Pressed
from bot.ui.continue_controls import ALL as CONTINUING
from bot.ui.continue_controls import Continue
from bot.ui.modals import fix_form
from tests.contract.builders import GUILD, USER
from tests.discord.simcord_helpers import simulated_bot
from tests.unit.interactions import FakeClient, FakeInteraction, refused
from tests.unit.rig import SOURCE, Rig
from tests.unit.test_buttons import press
from tests.unit.test_words import MADE, below, by_name

ROLE, PLACE = USER + 50, USER + 60
MANAGER = Actor(user_id=USER + 1, guild_id=GUILD, moderator=True, manager=True)
TYPED = TypedRequest(continue_clip_id=SOURCE, continue_at="1:40", tags="wave")


@pytest.fixture
def client(rig: Rig, tmp_path: Path) -> FakeClient:
    return FakeClient(rig.services, folder=tmp_path)


@pytest.fixture
def interaction(client: FakeClient) -> FakeInteraction:
    return FakeInteraction(client)


def only_in(place: int) -> Callable[[GuildSettings], GuildSettings]:
    return lambda settings: replace(settings, channels=(place,))


# Every way in says what it amounts to.


async def every_command(folder: Path) -> list[app_commands.Command[Any, ..., Any] | app_commands.ContextMenu]:
    bot = simulated_bot(folder)
    for cog in COGS:
        await bot.load_extension(cog)
    walked = [command for kind in discord.AppCommandType for command in bot.tree.walk_commands(type=kind)]
    return [command for command in walked if not isinstance(command, app_commands.Group)]


def declares(command: Any) -> bool:  # noqa: ANN401 - a command, its group, or the group's
    return command is not None and ("act" in command.extras or declares(getattr(command, "parent", None)))


async def test_every_command_says_what_it_amounts_to(tmp_path: Path) -> None:
    commands = await every_command(tmp_path)
    assert {command.name for command in commands} >= {"extend", "track", "jobs", "settings"}
    assert [command.name for command in commands if not declares(command)] == []
    acts = {command.name: act_of(command) for command in commands}
    assert acts["extend"] is Act.SPEND
    assert acts["settings"] is Act.MANAGE


def every_control() -> list[type[Pressed]]:
    def below_pressed(kind: type[Pressed]) -> list[type[Pressed]]:
        return [each for one in kind.__subclasses__() for each in (one, *below_pressed(one))]

    return [kind for kind in below_pressed(Pressed) if kind.__module__.startswith("bot.")]


@pytest.mark.parametrize("kind", every_control())
def test_every_control_says_what_it_amounts_to(kind: type[Pressed]) -> None:
    own = [each for each in kind.__mro__ if issubclass(each, Pressed) and each is not Pressed]
    assert any("ACT" in vars(each) for each in own)
    assert kind.callback is Pressed.callback, "whatever answers a press is behind the gate"


def test_what_leads_to_a_submit_spends() -> None:
    assert {kind.act for kind in modals.FORMS} <= {Act.SPEND, Act.LOOK}
    assert all(kind.act in Act for kind in FORMS)
    assert {kind.ACT for kind in CONTINUING} == {Act.SPEND}
    assert More.ACT is Act.LOOK


def test_what_says_nothing_of_itself_is_under_the_strictest_rules() -> None:
    group = app_commands.Group(name="group", description="A group", extras={"act": Act.MANAGE})
    forgotten = app_commands.Command[Any, Any, None](name="forgotten", description="A command", callback=_forgotten)
    assert act_of(forgotten) is Act.HOST
    assert act_of(None) is Act.HOST
    assert Pressed.ACT is Act.HOST
    forgotten.parent = group
    assert act_of(forgotten) is Act.MANAGE


async def _forgotten(interaction: discord.Interaction[discord.Client]) -> None:
    raise AssertionError(interaction)


# Who acts, and where.


def member(*role_ids: int) -> discord.Member:
    roles = [SimpleNamespace(id=role_id) for role_id in role_ids]
    return cast("discord.Member", Mock(spec=discord.Member, id=USER, roles=roles, joined_at=None))


async def test_roles_and_threads_count_as_discord_tells_them(rig: Rig, interaction: FakeInteraction) -> None:
    await rig.services.guilds.change(MANAGER, lambda settings: replace(settings, channels=(PLACE,), spender_role=ROLE))
    interaction.channel = Mock(spec=discord.Thread, parent_id=PLACE)
    for roles, passes in (((), False), ((ROLE + 1,), False), ((ROLE + 1, ROLE), True)):
        interaction.member = member(*roles)
        assert actor_of(interaction.as_sent).role_ids == set(roles)
        if passes:
            await asking.admit(interaction.as_sent, Act.SPEND)
        else:
            with pytest.raises(NotAdmitted):
                await asking.admit(interaction.as_sent, Act.SPEND)


# None spends.


@pytest.fixture
async def elsewhere(rig: Rig) -> None:
    """The server has chosen another channel."""
    await rig.services.guilds.change(MANAGER, only_in(PLACE))


@pytest.mark.usefixtures("elsewhere")
async def test_a_button_in_a_forbidden_channel_is_refused(rig: Rig, interaction: FakeInteraction) -> None:
    job = await rig.generating()
    submits = len(rig.music.submits)
    for kind in (Continue, More):
        interaction.done = False
        await press(kind, interaction, job.id, *(["A"] if kind is Continue else []))
        assert f"<#{PLACE}>" in interaction.answers.pop()["content"]
    assert interaction.modals == []
    assert len(rig.music.submits) == submits


async def test_a_form_that_a_blocked_person_still_has_open_is_refused(rig: Rig, interaction: FakeInteraction) -> None:
    await rig.services.guilds.admit(actor_of(interaction.as_sent), Act.SPEND)
    await rig.services.guilds.block(GUILD, USER, by=MANAGER.user_id)
    form = {"type": 4, "custom_id": "tags", "value": "wave"}
    data = {"custom_id": fix_form({}).custom_id, "components": [{"type": 18, "component": form}]}
    interaction.data = data
    with pytest.raises(NotAdmitted):
        await modals.submitted(interaction.as_sent, FORMS)
    assert await rig.handling.of_user(USER, limit=9) == []


async def test_a_request_is_checked_once_more_where_it_is_accepted(rig: Rig, interaction: FakeInteraction) -> None:
    """A role that was lost between the command's check and its acceptance."""
    await asking.admit(interaction.as_sent, Act.SPEND)
    await rig.services.guilds.change(MANAGER, lambda settings: replace(settings, spender_role=ROLE))
    with pytest.raises(NotAdmitted):
        await ask(interaction.as_sent, TYPED)
    assert await rig.handling.of_user(USER, limit=9) == []


# Refusals of commands and of autocomplete.


@dataclass
class CommandInteraction(FakeInteraction):
    """An interaction with a command, as the tree checks it."""

    type: discord.InteractionType = discord.InteractionType.application_command
    command: object = None
    offered: list[list[app_commands.Choice[str]]] = field(default_factory=list[list[app_commands.Choice[str]]])

    async def autocomplete(self, choices: list[app_commands.Choice[str]]) -> None:
        self._met()
        self.offered.append(choices)


@pytest.fixture
def command(client: FakeClient) -> CommandInteraction:
    return CommandInteraction(client, command=SimpleNamespace(extras={"act": Act.SPEND}, parent=None))


async def checked(interaction: CommandInteraction) -> bool:
    tree = Mock(spec=EncoreTree)
    tree._refuse_suggestions = lambda *given: EncoreTree._refuse_suggestions(tree, *given)  # type: ignore[assignment] - the tree's own
    return await EncoreTree.interaction_check(tree, cast("discord.Interaction[EncoreBot]", interaction))


async def test_an_admitted_command_passes_without_an_answer(command: CommandInteraction) -> None:
    assert await checked(command)
    assert command.answers == []


@pytest.mark.usefixtures("elsewhere")
async def test_a_command_in_a_forbidden_channel_is_refused_privately(command: CommandInteraction) -> None:
    assert not await checked(command)
    (answer,) = command.answers
    assert answer["ephemeral"]
    assert f"<#{PLACE}>" in answer["content"]
    assert "Manage Server" in answer["content"]
    assert answer["allowed_mentions"].roles is False


@pytest.mark.usefixtures("elsewhere")
async def test_an_autocomplete_is_refused_as_its_only_choice(command: CommandInteraction) -> None:
    command.type = discord.InteractionType.autocomplete
    assert not await checked(command)
    (((choice,),),) = [[offered] for offered in command.offered]
    assert choice.name == choice.value == refusals.brief(WrongChannel([PLACE]))
    assert command.answers == []


@pytest.mark.usefixtures("elsewhere")
async def test_a_refused_autocomplete_that_comes_too_late_is_quiet(command: CommandInteraction) -> None:
    command.type = discord.InteractionType.autocomplete
    command.says = [refused(404, 10062)]
    assert not await checked(command)


@pytest.mark.parametrize("how", ["away", "slow"])
@pytest.mark.parametrize("kind", [discord.InteractionType.application_command, discord.InteractionType.autocomplete])
async def test_a_database_that_is_away_at_the_gate_is_told(
    rig: Rig, command: CommandInteraction, monkeypatch: pytest.MonkeyPatch, how: str, kind: discord.InteractionType
) -> None:
    async def waits(_guild_id: int) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(asking, "ADMIT_WITHIN", 0.02)
    if how == "slow":
        monkeypatch.setattr(rig.services.guilds, "of", waits)
    rig.database.away = -1
    command.type = kind
    assert not await checked(command)
    rig.database.away = 0
    told = command.answers[0]["content"] if command.answers else command.offered[0][0].name
    assert told.startswith("I can't look up right now what is allowed here")


async def test_a_bug_in_the_gate_lets_nobody_through(
    rig: Rig, command: CommandInteraction, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def breaks(_actor: object, _act: object) -> None:
        raise RuntimeError("a bug of ours")

    monkeypatch.setattr(rig.services.guilds, "admit", breaks)
    command.type = discord.InteractionType.autocomplete
    assert not await checked(command)
    assert "a bug of ours" in caplog.text


@pytest.mark.parametrize("kind", sorted(below(NotAdmitted), key=by_name))
def test_each_rule_has_words_for_a_suggestion(kind: type[NotAdmitted]) -> None:
    error = cast("NotAdmitted", MADE.get(kind) or kind())
    (choice,) = suggestions.refused(error)
    assert 1 <= len(choice.name) <= suggestions.LENGTH
    assert 1 <= len(choice.value) <= suggestions.LENGTH
    assert "<" not in choice.name
    assert words.refusal(error)
