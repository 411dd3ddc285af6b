"""Who may do what: one table of rules, and what the rules say where a role or a channel is gone."""

from dataclasses import replace

import pytest

from bot.domain.actors import Actor, Arrival
from bot.domain.admission import UNRULED, Act, OperatorRules, admit
from bot.domain.guild_settings import GuildSettings
from bot.errors import (
    AppElsewhere,
    Blocked,
    DirectMessagesOff,
    MayNotHost,
    MayNotSpend,
    NotAdmitted,
    ServerNotAllowed,
    TooNew,
    WrongChannel,
)

GUILD, HERE, ELSEWHERE, ROLE, NOW = 1, 10, 11, 20, 1_000_000.0
PERSON = Actor(user_id=5, guild_id=GUILD, moderator=False, channel_id=HERE)
MODERATOR = replace(PERSON, moderator=True)
MANAGER = replace(PERSON, manager=True)
UNSET = GuildSettings(guild_id=GUILD)
ALL = tuple(Act)


def refused(
    actor: Actor = PERSON,
    act: Act = Act.SPEND,
    *,
    guild: GuildSettings | None = UNSET,
    rules: OperatorRules | None = None,
    gone: frozenset[int] = frozenset(),
    blocked: bool = False,
) -> NotAdmitted | None:
    try:
        admit(actor, act, rules=rules or OperatorRules(), guild=guild, gone=gone, blocked=blocked, now=NOW)
    except NotAdmitted as error:
        return error
    return None


def refused_acts(expected: type[NotAdmitted], **given: object) -> set[Act]:
    """Tell which acts are refused; each for the expected reason."""
    found: set[Act] = set()
    for act in Act:
        if (error := refused(act=act, **given)) is not None:  # type: ignore[arg-type] - passed on as it came
            assert type(error) is expected
            found.add(act)
    return found


@pytest.mark.parametrize("act", ALL)
def test_where_nothing_is_set_everybody_may_everything(act: Act) -> None:
    assert refused(act=act) is None


@pytest.mark.parametrize(
    ("arrival", "rules", "expected"),
    [
        (Arrival.USER_INSTALL, OperatorRules(direct_messages=True), AppElsewhere),
        (Arrival.DIRECT, OperatorRules(user_install=True), DirectMessagesOff),
        (Arrival.SERVER, OperatorRules(servers=frozenset({2})), ServerNotAllowed),
    ],
)
def test_the_place_is_the_operators_say_for_every_act_that_has_rules(
    arrival: Arrival, rules: OperatorRules, expected: type[NotAdmitted]
) -> None:
    actor = replace(PERSON, arrival=arrival, guild_id=GUILD if arrival is Arrival.SERVER else None)
    guild = UNSET if arrival is Arrival.SERVER else None
    assert refused_acts(expected, actor=actor, guild=guild, rules=rules) == set(Act) - UNRULED
    allowed = OperatorRules(direct_messages=True, user_install=True, servers=frozenset({GUILD}))
    assert all(refused(actor, act, guild=guild, rules=allowed) is None for act in Act)


def test_who_is_blocked_may_take_back_and_nothing_else() -> None:
    assert refused_acts(Blocked, blocked=True) == {Act.LOOK, Act.SPEND, Act.HOST}


@pytest.mark.parametrize(
    ("channel_id", "parent_id", "passes"),
    [(HERE, None, True), (ELSEWHERE, None, False), (ELSEWHERE, HERE, True), (ELSEWHERE, ELSEWHERE + 1, False)],
    ids=["here", "elsewhere", "a thread of here", "a thread of elsewhere"],
)
def test_only_the_chosen_channels_and_their_threads(channel_id: int, parent_id: int | None, passes: bool) -> None:
    actor = replace(PERSON, channel_id=channel_id, parent_id=parent_id)
    guild = replace(UNSET, channels=(HERE,))
    assert refused_acts(WrongChannel, actor=actor, guild=guild) == (set[Act]() if passes else {Act.LOOK, Act.SPEND, Act.HOST})


def test_a_refusal_names_the_channels_that_still_exist() -> None:
    actor = replace(PERSON, channel_id=ELSEWHERE)
    guild = replace(UNSET, channels=(HERE, 12))
    for gone, named in ((frozenset[int](), (HERE, 12)), (frozenset({HERE}), (12,)), (frozenset({HERE, 12}), ())):
        error = refused(actor, guild=guild, gone=gone)
        assert isinstance(error, WrongChannel)
        assert error.channels == named


def test_only_who_has_the_role_may_spend_whatever_else_they_may() -> None:
    guild = replace(UNSET, spender_role=ROLE)
    for actor in (PERSON, MODERATOR, MANAGER):
        assert refused_acts(MayNotSpend, actor=actor, guild=guild) == {Act.SPEND, Act.HOST}
    assert refused(replace(PERSON, role_ids=frozenset({ROLE})), guild=guild) is None


def test_a_role_that_is_gone_leaves_only_managers_to_spend() -> None:
    guild, gone = replace(UNSET, spender_role=ROLE), frozenset({ROLE})
    for actor in (PERSON, MODERATOR):
        error = refused(actor, guild=guild, gone=gone)
        assert isinstance(error, MayNotSpend)
        assert error.role is None
    assert refused(MANAGER, guild=guild, gone=gone) is None


def test_only_who_has_the_role_or_moderates_may_host() -> None:
    guild = replace(UNSET, host_role=ROLE)
    assert refused_acts(MayNotHost, guild=guild) == {Act.HOST}
    assert refused(MODERATOR, Act.HOST, guild=guild) is None
    assert refused(replace(PERSON, role_ids=frozenset({ROLE})), Act.HOST, guild=guild) is None
    error = refused(act=Act.HOST, guild=guild, gone=frozenset({ROLE}))
    assert isinstance(error, MayNotHost)
    assert error.role is None
    assert refused(MODERATOR, Act.HOST, guild=guild, gone=frozenset({ROLE})) is None


@pytest.mark.parametrize(("joined", "passes"), [(NOW - 3601, True), (NOW - 3600, True), (NOW - 3599, False), (None, True)])
def test_newcomers_wait(joined: float | None, passes: bool) -> None:
    actor = replace(PERSON, joined_at=joined)
    error = refused(actor, rules=OperatorRules(membership=3600.0))
    assert (error is None) is passes
    if isinstance(error, TooNew):
        assert error.until == (joined or 0.0) + 3600.0
    assert refused(actor, Act.LOOK, rules=OperatorRules(membership=3600.0)) is None
