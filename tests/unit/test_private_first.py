"""Private first: what somebody asks for is theirs alone, from the first answer to the result, and no list or source tells of it."""

import logging
from collections.abc import Awaitable
from dataclasses import replace
from pathlib import Path

import discord
import pytest

from bot.domain.guild_settings import GuildSettings
from bot.domain.jobs import JobState
from bot.domain.limits import Limit
from bot.domain.reports import Stage
from bot.domain.requests import TypedRequest
from bot.domain.settling import SIBLING_WAIT
from bot.domain.usage import Allowance, OfOperator, OfPerson, OfServer, Outcome, Report, Usage
from bot.domain.viewing import Viewer
from bot.errors import CannotPost, NotAudio, PrivateTrack, TokenExpired
from bot.services.accepting import PRIVATE_LABEL
from bot.ui import cards, mine_card, privacy_words
from bot.ui.asking import ask, ask_track
from bot.ui.safe import guarded
from bot.ui.settings_card import card as settings_card
from bot.ui.usage_card import usage_card
from tests.contract.builders import GUILD, USER, make_job
from tests.unit.interactions import FakeClient, FakeInteraction, refused
from tests.unit.rig import REQUESTER, SOURCE, STRANGER, Rig
from tests.unit.test_posting import PLACE

OTHER = USER + 77
TYPED = TypedRequest(continue_clip_id=SOURCE, continue_at="1:40", tags="wave")


def interaction(rig: Rig, folder: Path, **given: object) -> FakeInteraction:
    return FakeInteraction(FakeClient(rig.services, folder), **given)  # pyright: ignore[reportArgumentType] - any field


async def prefers(rig: Rig) -> None:
    await rig.services.preferences.set_private_first(USER, on=True)


@pytest.mark.parametrize("in_line", [False, True])
async def test_the_first_answer_is_for_its_person_alone(rig: Rig, tmp_path: Path, in_line: bool) -> None:
    await prefers(rig)
    if in_line:
        await rig.ask(user_id=OTHER)
    asked = interaction(rig, tmp_path)
    await ask(asked.as_sent, TYPED)
    job = await rig.jobs.by_interaction(asked.id)
    assert job is not None
    assert job.private
    assert job.acknowledged
    assert [each["ephemeral"] for each in (*asked.defers, *asked.answers)] == [True]


async def test_of_a_task_made_elsewhere_too(rig: Rig, tmp_path: Path) -> None:
    await prefers(rig)
    asked = interaction(rig, tmp_path)
    await ask_track(asked.as_sent, "976bdbf8-b5c9-4eda-b5cd-40f0e8fc875e")
    job = await rig.jobs.by_interaction(asked.id)
    assert job is not None
    assert job.private
    assert asked.defers == [{"thinking": True, "ephemeral": True}]


async def test_others_and_direct_messages_are_as_ever(rig: Rig, tmp_path: Path) -> None:
    await prefers(rig)
    other = interaction(rig, tmp_path, user_id=OTHER)
    direct = interaction(rig, tmp_path, id=43, guild_id=None, is_dm=True)
    for asked in (other, direct):
        await ask_track(asked.as_sent, "976bdbf8-b5c9-4eda-b5cd-40f0e8fc875e")
        job = await rig.jobs.by_interaction(asked.id)
        assert job is not None
        assert not job.private
        assert [each["ephemeral"] for each in (*asked.defers, *asked.answers)] == [False]


async def test_a_reply_that_discord_hides_by_itself_is_not_private(rig: Rig) -> None:
    job = await rig.ask(ephemeral=True)
    assert not job.private, "nobody has asked for that"


async def test_a_lost_answer_to_the_defer_makes_nothing_public(rig: Rig, tmp_path: Path) -> None:
    await prefers(rig)
    asked = interaction(rig, tmp_path, says=[TimeoutError(), refused(400, 40060)])
    await ask(asked.as_sent, TYPED)
    job = await rig.jobs.by_interaction(asked.id)
    assert job is not None
    assert job.origin.reply_ephemeral
    assert not job.reaches_channel


async def test_the_result_goes_into_the_reply_and_not_into_the_channel(rig: Rig) -> None:
    job = await rig.ready(private=True)
    await rig.announce()
    assert [sent.way for sent in rig.announcer.sent if "result" in sent.way] == ["result_into_reply"]
    assert await rig.state(job) is JobState.DELIVERED


async def test_past_the_token_it_goes_directly_and_else_waits_under_jobs(rig: Rig) -> None:
    job = await rig.generating(private=True)
    assert not job.reaches_channel
    # Whatever was noted of the reply, what is private reaches no channel.
    assert not replace(job, origin=replace(job.origin, reply_ephemeral=False)).reaches_channel


async def test_no_list_of_others_has_it_until_it_is_published(rig: Rig) -> None:
    job = await rig.ready(private=True, title="Secret Sunrise")
    await rig.announce()
    assert len(await rig.clips.known_to(USER, GUILD, text="", limit=9)) == 2
    assert await rig.clips.known_to(OTHER, GUILD, text="", limit=9) == []
    assert await rig.clips.known_to(OTHER, GUILD, text="secret", limit=9) == []
    assert await rig.clips.tag_sets(OTHER, GUILD, limit=9) == []
    assert await rig.clips.tag_sets(USER, GUILD, limit=9)
    clip = f"{job.task_id}-clip-0"
    assert await rig.accepting.source(clip, Viewer(OTHER, GUILD)) is None
    assert await rig.accepting.source(clip, Viewer(USER, None)) is not None, "it is theirs everywhere"


async def test_others_can_neither_continue_nor_follow_nor_open_it(rig: Rig) -> None:
    job = await rig.ready(private=True)
    for attempt in (
        rig.accept(source=f"{job.task_id}-clip-0", user_id=OTHER),
        rig.accepting.accept_track(job.task_id or "", rig.origin(user_id=OTHER)),
        rig.handling.tracks(job.id, OTHER),
    ):
        with pytest.raises(PrivateTrack):
            await attempt
    assert (await rig.handling.tracks(job.id, USER))[0].id == job.id
    assert (await rig.accept(source=f"{job.task_id}-clip-0", private=True)).source_label.startswith("A · ")


async def test_no_line_of_the_log_tells_its_title(rig: Rig, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Not at INFO, the usual level: whatever becomes of the result, and whoever asks for it."""
    caplog.set_level(logging.INFO)
    rig.announcer.raises = {"result_into_reply": TokenExpired("15 minutes"), "send_privately": CannotPost("no direct messages")}
    job = await rig.generating(private=True, title="Secret Sunrise")
    rig.archive.spoilt[f"{job.task_id}-clip-1"] = NotAudio("no audio")
    rig.music.made(job.task_id or "", Stage.DONE, Stage.DONE, title="Secret Sunrise")
    await rig.query()
    await rig.query(after=SIBLING_WAIT)
    await rig.announce()
    await rig.restart()
    await rig.handling.fetched(job, None)
    clip = f"{job.task_id}-clip-0"
    for who, act in ((OTHER, rig.services.library.open(clip, STRANGER)), (USER, rig.services.sharing.share(clip, REQUESTER, PLACE, ""))):
        refused_one = interaction(rig, tmp_path, user_id=who)
        await guarded(refused_one.as_sent, _only(act))
        assert len(refused_one.answers) == 1
    said = [record.getMessage() for record in caplog.records]
    assert any("could not reach anyone" in line for line in said)
    assert sum("was refused" in line for line in said) == 2
    assert [line for line in said if "Secret" in line] == []


async def _only(act: Awaitable[object]) -> None:
    await act


async def test_that_holds_after_a_restart(rig: Rig) -> None:
    job = await rig.ready(private=True)
    await rig.restart()
    with pytest.raises(PrivateTrack):
        await rig.accept(source=f"{job.task_id}-clip-0", user_id=OTHER)


async def test_whoever_has_it_by_a_request_of_this_server_may_use_it(rig: Rig) -> None:
    job = await rig.ready(private=True)
    await rig.track(job.task_id or "")  # by the same person, with private first off
    await rig.announce()
    assert (await rig.accept(source=f"{job.task_id}-clip-0", user_id=OTHER)).source_label.startswith("A · ")
    with pytest.raises(PrivateTrack):
        await rig.accept(source=f"{job.task_id}-clip-0", user_id=OTHER, guild_id=GUILD + 5)


async def test_a_public_request_does_not_name_its_private_source(rig: Rig) -> None:
    job = await rig.ready(private=True, title="Secret Sunrise")
    public = await rig.accept(source=f"{job.task_id}-clip-0", title="Out in the open")
    private = await rig.accept(source=f"{job.task_id}-clip-0", title="Kept", private=True)
    assert public.source_label == PRIVATE_LABEL
    assert "Secret Sunrise" in private.source_label


async def test_a_private_title_is_not_inherited_by_a_public_request(rig: Rig) -> None:
    job = await rig.ready(private=True, title="Secret Sunrise")
    public = await rig.accept(source=f"{job.task_id}-clip-0")
    assert "Secret" not in public.title
    assert (await rig.accept(source=f"{job.task_id}-clip-0", private=True)).title == "Secret Sunrise"


def test_the_reply_says_that_only_its_person_sees_it(rig: Rig) -> None:
    shown = cards.reply(make_job(private=True), rig.handling.standing(make_job(private=True)))
    assert shown.embeds[0].footer.text == privacy_words.ONLY_YOU
    assert cards.reply(make_job(), rig.handling.standing(make_job())).embeds[0].footer.text is None


def usage_of(scope: OfServer | OfPerson | OfOperator) -> discord.Embed:
    last = [make_job(1, private=True, task_id="task-private", title="Secret Sunrise"), make_job(2, task_id="task-public")]
    usage = Usage(days={0.0: 0}, outcomes=dict.fromkeys(Outcome, 0), last=last, people=[], servers=[])
    report = Report(scope=scope, usage=usage, allowances=[Allowance(Limit.SERVER, 1, 5)], resets_at=5.0)
    return usage_card(report, {}).embeds[0]


@pytest.mark.parametrize(("scope", "named"), [(OfServer(GUILD), False), (OfPerson(USER), True), (OfOperator(), True)])
def test_a_server_s_usage_names_no_private_task(scope: OfServer | OfPerson | OfOperator, named: bool) -> None:
    said = str(usage_of(scope).to_dict())
    assert ("task-private" in said) is named
    assert "task-public" in said
    assert "Secret" not in said


def test_both_settings_lead_to_one_s_own() -> None:
    assert mine_card.OPEN in settings_card(GuildSettings(guild_id=GUILD), frozenset()).rows[-1]


async def test_the_switch_shows_how_it_stands(rig: Rig) -> None:
    off = mine_card.card(rig.services.preferences.of(USER))
    on = mine_card.card(await rig.services.preferences.set_private_first(USER, on=True))
    assert "off" in str(off.embeds[0].description)
    assert "on." in str(on.embeds[0].description)
    assert [row[0].custom_id for row in (*off.rows, *on.rows)] == ["mine-private:1:on", "mine-private:1:off"]
