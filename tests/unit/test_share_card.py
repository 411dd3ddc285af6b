"""The cards of sharing: within Discord's limits and harmless, whatever titles, notes and styles say."""

from dataclasses import replace
from itertools import chain
from typing import Any

import pytest

from bot.domain.actors import NOBODY, SOMEONE
from bot.domain.posts import Post, PostKind, SharedTrack, TopTrack, Vote
from bot.domain.sharing import MAX_NOTE, Period
from bot.errors import CannotShare
from bot.ui import share_card, sharing_controls, sharing_words, unshare_controls
from bot.ui.cards import Card
from bot.ui.sending import mentions_of
from tests.contract.builders import GUILD, USER, make_clip
from tests.unit.hostile import TEXTS, check_harmless, check_limits, texts_of

LIMIT = 10 * 1024 * 1024
POST = Post(
    id="abcdefghjk",
    kind=PostKind.SHARE,
    guild_id=GUILD,
    channel_id=GUILD + 5,
    user_id=USER,
    clip_id="clip-a",
    task_id="task-1",
    created_at=100.0,
    message_id=77,
)
CLIP = make_clip(audio_size=3_000_000)


def card(*, post: Post = POST, attach: bool = True, credits: tuple[int, ...] = (USER,), votes: int = 3, **clip: Any) -> Card:  # noqa: A002, ANN401 - as it is called; any field
    track = replace(CLIP, **clip)
    shown = SharedTrack(clip=track, job_id="job1", credits=credits, votes=votes)
    return share_card.share(post, shown, track, upload_limit=LIMIT, attach=attach)


@pytest.mark.parametrize("text", TEXTS)
def test_no_text_breaks_out_of_a_share(text: str) -> None:
    shown = card(post=replace(POST, note=text[:MAX_NOTE]), title=text[:80], tags=text[:200])
    check_limits(shown)
    for part in texts_of(shown):
        check_harmless(part)


@pytest.mark.parametrize("text", TEXTS)
def test_no_text_breaks_out_of_the_list(text: str) -> None:
    tracks = [TopTrack(clip=replace(CLIP, clip_id=f"clip-{n}", title=text[:80]), votes=9, post=POST) for n in range(10)]
    shown = share_card.top(tracks, Period.ALL, "clip-3")
    check_limits(shown)
    check_harmless(shown.embeds[0].description or "")
    assert all(1 <= len(option.label) <= 100 and len(option.description) <= 100 for option in shown.selects[0].options)


def test_a_share_names_everybody_and_pings_nobody() -> None:
    shown = card(credits=(NOBODY, USER, USER + 1))
    assert f"<@{USER}> shares **Night Train**" in shown.content
    assert f"Made by {SOMEONE}, <@{USER}> and <@{USER + 1}>" in shown.content
    assert mentions_of(shown).to_dict() == {"parse": [], "users": []}


def test_a_large_family_is_counted() -> None:
    shown = card(credits=tuple(range(USER, USER + 25)), post=replace(POST, note="x" * MAX_NOTE))
    check_limits(shown)
    assert "and 5 more" in shown.content


@pytest.mark.parametrize(
    ("clip", "attach", "attached"),
    [({}, True, 1), ({}, False, 0), ({"audio_size": LIMIT + 1}, True, 0), ({"audio_name": None}, True, 0)],
)
def test_audio_is_attached_where_it_fits_and_linked_where_not(clip: dict[str, Any], attach: bool, attached: int) -> None:
    shown = card(attach=attach, **clip)
    assert len([each for each in shown.attachments if each.filename.endswith(".mp3")]) == attached
    assert ("Listen" in (shown.embeds[0].description or "")) is not attached


def test_every_control_of_ours_is_answered() -> None:
    top = share_card.top([TopTrack(clip=CLIP, votes=1, post=None)], Period.DAY, CLIP.clip_id)
    cards = [card(), share_card.ask_to_publish("A_z-0123456789ab"), top, share_card.shared(POST), share_card.ask_unshare(POST)]
    ours = (*sharing_controls.ALL, *unshare_controls.ALL)
    shown = {button.custom_id for each in cards for button in chain(*each.rows)} | {top.selects[0].custom_id}
    answered = {custom_id: kind for custom_id in shown for kind in ours if kind.__discord_ui_compiled_template__.fullmatch(custom_id)}
    elsewhere = {custom_id.partition(":")[0] for custom_id in shown - answered.keys()}
    assert set(answered.values()) == {*ours}
    assert elsewhere == {"continue", "more", "family", "whole", "play", "entry"}, "which other parts answer"


def test_an_empty_list_says_how_to_begin() -> None:
    assert "/share" in (share_card.top([], Period.WEEK).embeds[0].description or "")


def test_what_became_of_a_share_is_said() -> None:
    assert f"/{GUILD}/{POST.channel_id}/77)" in share_card.shared(POST).content
    assert "as soon as Discord takes it" in share_card.shared(replace(POST, message_id=None)).content
    assert "could not be posted" in share_card.shared(replace(POST, message_id=None, given_up=True)).content


def test_what_is_up_or_about_to_be_can_be_taken_down_again() -> None:
    for there in (POST, replace(POST, message_id=None)):
        assert [button.label for button in chain(*share_card.shared(there).rows)] == ["Unshare"]
    for gone in (replace(POST, given_up=True), replace(POST, removed=True)):
        assert share_card.shared(gone).rows == ()
    asked = share_card.ask_unshare(replace(POST, note="*secret*"))
    check_limits(asked)
    (said,) = (embed.description or "" for embed in asked.embeds)
    assert f"Shared by <@{USER}> in <#{POST.channel_id}>" in said
    assert "keeps its votes" in said


def test_a_vote_is_confirmed_and_its_withdrawal_too() -> None:
    assert "counts: 4" in sharing_words.voted(Vote(counts=True, total=4))
    assert "taken back: 3" in sharing_words.voted(Vote(counts=False, total=3))


def test_it_is_said_who_lacks_what() -> None:
    both = sharing_words.cannot_share(CannotShare(5, person_lacks=("send_messages",), bot_lacks=("embed_links", "attach_files")))
    assert "you can't post there yourself (Send Messages)" in both
    assert "I lack Embed Links, Attach Files" in both
