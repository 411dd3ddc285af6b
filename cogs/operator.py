"""/operator: run the bot, for the application's owner or team alone; in direct messages with the bot, or in one server."""

import re
from typing import cast

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.admission import Act
from bot.errors import BadOption
from bot.ui import operator_card
from bot.ui.client import EncoreClient, services
from bot.ui.operator_controls import admitted, show

NAME = "operator"
_PERSON = re.compile(r"<@!?(\d{15,20})>|(\d{15,20})")


class Operator(app_commands.Group):
    """What the operator does while the bot runs. Every command goes through `admitted`."""

    def __init__(self, *, everywhere: bool) -> None:
        """With `everywhere`, it is offered in direct messages with the bot, and nowhere else; otherwise in the server it is added to."""
        here = app_commands.AppCommandContext(dm_channel=True, guild=False, private_channel=False) if everywhere else None
        super().__init__(
            name=NAME,
            description="Run this bot: for its operator alone",
            allowed_contexts=here or app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=everywhere),
            extras={"act": Act.OPERATE},
        )

    @app_commands.command()
    @app_commands.describe(reason="What people are told; you can leave this out")
    async def pause(self, interaction: discord.Interaction[discord.Client], reason: app_commands.Range[str, 1, 200] | None = None) -> None:
        """Submit nothing more and take nothing new, until you resume; the line is kept"""  # noqa: D415 - Discord shows it as a label
        operating = await admitted(interaction)
        await operating.pause(reason or "")
        await show(interaction, operator_card.paused(reason or ""))

    @app_commands.command()
    async def resume(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Go on after a pause"""  # noqa: D415 - as above
        operating = await admitted(interaction)
        await operating.resume()
        await show(interaction, operator_card.resumed())

    @app_commands.command()
    @app_commands.describe(
        job_id="Request of which it is not clear whether it started: its reply and the log show the id",
        task_id="Task that the music service made for it, from your account there",
    )
    async def attach(
        self,
        interaction: discord.Interaction[discord.Client],
        job_id: app_commands.Range[str, 1, 40],
        task_id: app_commands.Range[str, 1, 300],
    ) -> None:
        """Give a request its task when the music service's answer was lost"""  # noqa: D415 - as above
        operating = await admitted(interaction)
        await show(interaction, operator_card.attached(await operating.attach(job_id, task_id)))

    @app_commands.command()
    @app_commands.describe(person="Their id, or a mention")
    async def block(self, interaction: discord.Interaction[discord.Client], person: app_commands.Range[str, 1, 40]) -> None:
        """Take nothing from a person any more, on any server"""  # noqa: D415 - as above
        operating = await admitted(interaction)
        user_id = person_in(person)
        await operating.block(user_id, by=interaction.user.id)
        await show(interaction, operator_card.person_blocked(user_id))

    @app_commands.command()
    @app_commands.describe(person="Their id, or a mention")
    async def unblock(self, interaction: discord.Interaction[discord.Client], person: app_commands.Range[str, 1, 40]) -> None:
        """Lift a block of yours"""  # noqa: D415 - as above
        operating = await admitted(interaction)
        user_id = person_in(person)
        was_blocked = await operating.unblock(user_id)
        await show(interaction, operator_card.person_unblocked(user_id, was_blocked=was_blocked))

    @app_commands.command()
    async def blocked(self, interaction: discord.Interaction[discord.Client]) -> None:
        """See whom you have blocked everywhere"""  # noqa: D415 - as above
        operating = await admitted(interaction)
        await show(interaction, operator_card.blocked(await operating.blocked()))

    @app_commands.command()
    async def stats(self, interaction: discord.Interaction[discord.Client]) -> None:
        """See how the bot stands: line, submits of today, sizes, version"""  # noqa: D415 - as above
        operating = await admitted(interaction)
        await show(interaction, operator_card.overview(await operating.overview()))

    @app_commands.command()
    @app_commands.describe(reference="Reference that a person was shown; without one, the last errors")
    async def errors(
        self, interaction: discord.Interaction[discord.Client], reference: app_commands.Range[str, 1, 40] | None = None
    ) -> None:
        """See what went wrong, by the references that people were shown"""  # noqa: D415 - as above
        await admitted(interaction)
        known = services(interaction).references
        if reference is None:
            card = operator_card.mishaps(known.latest(operator_card.MISHAPS_SHOWN), since=known.since)
        else:
            card = operator_card.mishap(known.find(reference), typed=reference, since=known.since)
        await show(interaction, card)


def person_in(typed: str) -> int:
    """Read whom somebody means. Raises BadOption.

    Discord's own option for people offers, in direct messages, only those who are there.
    """
    found = _PERSON.fullmatch(typed.strip())
    if found is None:
        raise BadOption("person", "That is neither an id nor a mention.", "1199900000000000003")
    return int(found[1] or found[2])


async def setup(bot: commands.AutoShardedBot) -> None:
    """Add the family to the bot: to the operator's server, or for direct messages."""
    server = cast("EncoreClient", bot).operator_server
    bot.tree.add_command(Operator(everywhere=server is None), guild=None if server is None else discord.Object(server))
