"""The post office with the real client, on the loopback: what it does in channels and threads, and what it can be sure of."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.domain.jobs import JobState
from bot.domain.posts import Post, PostKind, PublishedResult, RoundShown, SessionBegun, SessionRecap, SharedTrack
from bot.domain.sessions.model import Outcome, Phase, Session
from bot.domain.sessions.plans import Mode
from bot.domain.sessions.posts import opening_post, recap_posts, round_post
from bot.domain.whole_track import Whole, plan
from bot.errors import CannotPost, DiscordUnavailable, ReplyGone
from bot.messages import Messages
from bot.post_office import DiscordPostOffice
from bot.sandbox.discord import LoopbackDiscord, Overwrite, OverwriteKind, Permission
from bot.sandbox.discord.sandbox_world import SandboxWorld
from bot.sandbox.discord.world import MessageFlag
from tests.contract.builders import USER, make_clip, make_job
from tests.discord.loopback_probe import ProbeBot
from tests.e2e.reading import audio_of, labels
from tests.unit.sessions_built import make_idea, make_round, make_session, make_take, shown_of

CLIP = make_clip(audio_name="a.mp3", audio_size=20, image_name=None)


def shown(votes: int = 0) -> SharedTrack:
    return SharedTrack(clip=CLIP, job_id="job1", credits=(USER,), votes=votes)


@pytest.fixture
def office(probe: ProbeBot, tmp_path: Path) -> DiscordPostOffice:
    (tmp_path / "a.mp3").write_bytes(bytes(20))
    return DiscordPostOffice(bot=probe, messages=Messages(bot=probe, media_path=tmp_path.joinpath))


@pytest.fixture
def post(loopback: LoopbackDiscord, world: SandboxWorld) -> Post:
    return Post(
        id="abcdefghjk",
        kind=PostKind.SHARE,
        guild_id=world.guild.id,
        channel_id=world.lounge.id,
        user_id=USER,
        clip_id=CLIP.clip_id,
        task_id=CLIP.task_id,
        created_at=loopback.core.clock(),
    )


async def test_it_is_posted_once_for_its_nonce_and_found_again(office: DiscordPostOffice, post: Post, world: SandboxWorld) -> None:
    assert await office.find(post) is None
    message_id = await office.post(post, shown())
    assert await office.post(post, shown()) == message_id
    assert await office.find(post) == message_id
    assert await office.find(replace(post, id="another")) is None
    assert len(world.lounge.messages) == 1


async def test_an_edit_shows_the_votes_and_keeps_the_audio(office: DiscordPostOffice, post: Post, world: SandboxWorld) -> None:
    up = replace(post, message_id=await office.post(post, shown()))
    await office.edit(up, shown(votes=4))
    (message,) = world.lounge.messages
    assert labels(message)[0] == "▲ Vote · 4"
    assert len(audio_of(message)) == len(message.embeds) == 1


async def test_an_edit_leaves_the_message_the_audio_that_is_nowhere_else(
    office: DiscordPostOffice, post: Post, world: SandboxWorld
) -> None:
    published = PublishedResult(job=make_job(1, state=JobState.DELIVERED), clips=(CLIP,))
    up = replace(post, kind=PostKind.PUBLICATION, message_id=await office.post(post, published))
    (message,) = world.lounge.messages
    before = audio_of(message)
    assert len(before) == 1
    await office.edit(up, replace(published, clips=(replace(CLIP, audio_name=None),)))
    assert audio_of(message) == before


def a_round(session: Session, **given: Any) -> RoundShown:  # noqa: ANN401 - any field of what is shown
    shown = shown_of(session, waveform=b"png", **given)
    return replace(shown, source=CLIP, takes=tuple(replace(clip, audio_name="a.mp3") for clip in shown.takes))


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note how each message is written: in `send`, in `edit` with its files, or in `retouch` without."""
    noted: list[str] = []
    for name in ("send", "edit", "retouch"):
        real = getattr(Messages, name)

        async def noting(*args: Any, _name: str = name, _real: Any = real, **given: Any) -> object:  # noqa: ANN401 - as it is called
            noted.append(_name)
            return await _real(*args, **given)

        monkeypatch.setattr(Messages, name, noting)
    return noted


async def test_a_round_is_silent_and_its_audio_is_sent_again_only_when_it_changes(
    office: DiscordPostOffice, post: Post, world: SandboxWorld, sent: list[str]
) -> None:
    session = make_session(Phase.VOTE, current=make_round(ideas=(make_idea(1), make_idea(2))))
    post = replace(post, id=round_post(session, 3), kind=PostKind.ROUND)
    up = replace(post, message_id=await office.post(post, a_round(session)))
    (message,) = world.lounge.messages
    assert MessageFlag.SUPPRESS_NOTIFICATIONS in message.flags
    assert len(message.attachments) == 2, "the track so far, and its waveform"
    assert await office.find(up) == message.id
    await office.edit(up, a_round(session, turnout=7))
    assert "7 people have voted." in message.content
    assert len(message.attachments) == 2
    made = make_round(takes=(make_take("clip-one"), make_take("clip-two", "B")))
    await office.edit(up, a_round(replace(session, phase=Phase.TAKES, current=made)))
    assert len(audio_of(message)) == 3
    closed = replace(made, outcome=Outcome.CHOSEN, picked="clip-two")
    await office.edit(up, a_round(replace(session, current=closed)))
    assert "It goes on with B" in message.content
    assert len(audio_of(message)) == 3
    assert sent == ["send", "retouch", "edit", "retouch"]


async def test_which_files_a_round_has_is_not_known_after_a_restart(
    post: Post, world: SandboxWorld, probe: ProbeBot, tmp_path: Path, sent: list[str]
) -> None:
    (tmp_path / "a.mp3").write_bytes(bytes(20))
    session = make_session()
    post = replace(post, id=round_post(session, 3), kind=PostKind.ROUND)
    before, after = (DiscordPostOffice(bot=probe, messages=Messages(bot=probe, media_path=tmp_path.joinpath)) for _ in range(2))
    up = replace(post, message_id=await before.post(post, a_round(session)))
    for _ in range(2):
        await after.edit(up, a_round(session))
    assert len(audio_of(world.lounge.messages[0])) == 1
    assert sent == ["send", "edit", "retouch"]


async def test_a_turn_notifies_whoever_is_up(office: DiscordPostOffice, post: Post, world: SandboxWorld) -> None:
    session = make_session(Phase.TURN, Mode.RELAY, current=make_round(up=world.mira.id))
    await office.post(replace(post, id=round_post(session, 3)), a_round(session))
    (message,) = world.lounge.messages
    assert MessageFlag.SUPPRESS_NOTIFICATIONS not in message.flags
    assert [person.id for person in message.mentions] == [world.mira.id]


async def test_a_session_is_announced_and_its_recap_has_what_is_still_there(
    office: DiscordPostOffice, post: Post, world: SandboxWorld
) -> None:
    session = make_session()
    begun = replace(post, id=opening_post(session))
    up = replace(begun, message_id=await office.post(begun, SessionBegun(session=session, source=CLIP)))
    await office.edit(up, SessionBegun(session=replace(session, phase=Phase.ENDED), source=None))
    assert "has ended" in world.lounge.messages[0].content
    recap = replace(post, id=recap_posts(session)[0])
    gone = Whole(name="gone.mp3", size=20, seconds=300.0, bit_rate=192_000, plan=plan([CLIP], {}))
    ended = replace(session, phase=Phase.ENDED, current=None)
    await office.post(recap, SessionRecap(session=ended, best=CLIP, whole=gone, family=b"png", family_words="A family tree."))
    shown = world.lounge.messages[1]
    assert [attachment.filename for attachment in shown.attachments if attachment.description == "A family tree."] == ["session-family.png"]
    assert len(audio_of(shown)) == 1
    assert await office.find(recap) == shown.id


async def test_what_somebody_has_deleted_is_told_apart(office: DiscordPostOffice, post: Post, world: SandboxWorld) -> None:
    up = replace(post, message_id=await office.post(post, shown()))
    await world.sam.delete(world.lounge.messages[0])
    with pytest.raises(ReplyGone):
        await office.edit(up, shown())
    await office.delete(up, up.message_id or 0)
    assert await office.find(post) is None


async def test_an_archived_thread_is_opened_again(
    office: DiscordPostOffice, post: Post, loopback: LoopbackDiscord, world: SandboxWorld
) -> None:
    thread = loopback.add_thread(world.lounge, "jam", world.mira)
    # The loopback lets only its owner open it again, or who manages threads.
    thread.channel.owner_id = loopback.application_id
    there = replace(post, channel_id=thread.id)
    up = replace(there, message_id=await office.post(there, shown()))
    for act in (lambda: office.edit(up, shown(votes=1)), lambda: office.delete(up, up.message_id or 0)):
        thread.channel.archived = True
        await act()
        assert not thread.channel.archived
    assert thread.messages == []


async def test_where_history_can_not_be_read_nothing_is_concluded_from_seeing_nothing(
    office: DiscordPostOffice, post: Post, world: SandboxWorld, probe: ProbeBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.post(post, shown())
    denied = Permission.READ_MESSAGE_HISTORY
    world.lounge.channel.overwrites[OverwriteKind.MEMBER, probe.application_id or 0] = Overwrite(deny=denied)
    with monkeypatch.context() as as_the_gateway_tells:
        rights = discord.Permissions.all() & ~discord.Permissions(read_message_history=True)

        def permissions_for(_channel: discord.TextChannel, _member: discord.Member) -> discord.Permissions:
            return rights

        as_the_gateway_tells.setattr(discord.TextChannel, "permissions_for", permissions_for)
        with pytest.raises(CannotPost):
            await office.find(post)


async def test_just_after_a_start_an_unknown_server_is_waited_for(office: DiscordPostOffice, post: Post) -> None:
    with pytest.raises(DiscordUnavailable):
        await office.find(replace(post, guild_id=(post.guild_id or 0) + 1))


async def test_a_channel_that_is_closed_or_gone_takes_no_post(
    office: DiscordPostOffice, post: Post, world: SandboxWorld, probe: ProbeBot
) -> None:
    world.lounge.channel.overwrites[OverwriteKind.MEMBER, probe.application_id or 0] = Overwrite(deny=Permission.VIEW_CHANNEL)
    for closed in (post, replace(post, channel_id=5)):
        with pytest.raises(CannotPost):
            await office.post(closed, shown())
        with pytest.raises(CannotPost):
            await office.find(closed)
