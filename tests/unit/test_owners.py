"""Who operates the bot: the application's owner, or those of its team who may; asked anew, and not for every stranger."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from discord import TeamMemberRole, TeamMembershipState

from bot.ui.owners import TRUE_FOR, Owners, operators_of
from tests.fakes import FakeClock
from tests.unit.interactions import refused

if TYPE_CHECKING:
    import discord

OWNER, ADMIN, DEVELOPER, READER, INVITED, CREATOR, TEAM = range(1, 8)


def owned_by(user_id: int) -> discord.AppInfo:
    return cast("discord.AppInfo", SimpleNamespace(owner=SimpleNamespace(id=user_id, name="Pat"), team=None))


def of_a_team() -> discord.AppInfo:
    def member(user_id: int, role: TeamMemberRole, state: TeamMembershipState = TeamMembershipState.accepted) -> SimpleNamespace:
        return SimpleNamespace(id=user_id, role=role, membership_state=state)

    members = [
        member(ADMIN, TeamMemberRole.admin),
        member(DEVELOPER, TeamMemberRole.developer),
        member(READER, TeamMemberRole.read_only),
        member(INVITED, TeamMemberRole.admin, TeamMembershipState.invited),
        member(CREATOR, TeamMemberRole.read_only),
    ]
    team = SimpleNamespace(members=members, owner_id=CREATOR, name="Band")
    return cast("discord.AppInfo", SimpleNamespace(owner=SimpleNamespace(id=TEAM), team=team))


class Asked:
    """Discord, as far as it tells of the application."""

    def __init__(self, *answers: discord.AppInfo | Exception) -> None:
        self.answers = list(answers)
        self.times = 0

    async def __call__(self) -> discord.AppInfo:
        self.times += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_in_a_team_those_with_a_role_that_may_act_operate_it() -> None:
    assert operators_of(of_a_team()) == {ADMIN, DEVELOPER, CREATOR}
    assert operators_of(owned_by(OWNER)) == {OWNER}


async def test_nobody_is_an_owner_until_discord_has_said_so() -> None:
    owners = Owners(Asked(refused(503, 0)), monotonic=FakeClock().monotonic)
    assert not await owners.include(OWNER)


async def test_what_the_login_brought_counts_for_a_minute_and_is_then_asked_anew() -> None:
    clock, asked = FakeClock(), Asked(owned_by(ADMIN))
    owners = Owners(asked, monotonic=clock.monotonic)
    owners.learn(owned_by(OWNER))
    assert await owners.include(OWNER)
    assert not await owners.include(ADMIN)
    assert asked.times == 0
    clock.advance(TRUE_FOR)
    assert not await owners.include(OWNER), "they have given it away"
    assert await owners.include(ADMIN)
    assert asked.times == 1, "no stranger makes more than one request a minute"


@pytest.mark.parametrize("away", [refused(503, 0), TimeoutError(), refused(401, 0)])
async def test_while_discord_does_not_say_what_was_known_counts(away: Exception) -> None:
    clock = FakeClock()
    owners = Owners(Asked(away), monotonic=clock.monotonic)
    owners.learn(owned_by(OWNER))
    clock.advance(TRUE_FOR)
    assert await owners.include(OWNER)
    assert not await owners.include(ADMIN)
