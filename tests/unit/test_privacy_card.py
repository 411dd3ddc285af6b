"""/privacy as a card: within Discord's limits, with words for what goes and what remains, and a file that fits."""

import gzip
import json
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.posts import Post, PostKind
from bot.domain.preferences import Preferences
from bot.sandbox.discord.checks_components import check_components
from bot.sandbox.discord.forms import Form
from bot.ui import mine_card, mine_controls, privacy_card, privacy_controls, publish_card, publish_controls
from bot.ui.cards import Card, Document, result
from bot.ui.sending import view_of
from tests.contract.builders import GUILD, USER, make_clip, make_job
from tests.unit.vocabulary import FORBIDDEN

KEPT: dict[str, Any] = {"requests": [{"title": f"Night Train 🚂 {number}"} for number in range(500)], "left_out": {}}
POST = Post(id="p1", kind=PostKind.PUBLICATION, guild_id=GUILD, channel_id=7, user_id=USER, clip_id="c", task_id="t", created_at=0.0)
CARDS = [
    privacy_card.card("x" * 200),
    privacy_card.ask_deletion(),
    privacy_card.deleting(),
    mine_card.card(Preferences(user_id=USER)),
    mine_card.card(Preferences(user_id=USER, private_first=True)),
]


@pytest.mark.parametrize("made", CARDS)
def test_the_cards_are_within_the_limits_and_every_control_is_answered(made: Card) -> None:
    """Embed Limits; Component Reference."""
    (embed,) = made.embeds
    assert len(embed) <= 6000
    assert all(len(field.value or "") <= 1024 for field in embed.fields)
    assert not FORBIDDEN.search(str(embed.to_dict()))
    if made.rows:
        view = view_of(made)
        assert view is not None
        form = Form()
        check_components(form, view.to_components(), layout=False)
        form.close()
    patterns = [kind.__discord_ui_compiled_template__ for kind in (*privacy_controls.ALL, *mine_controls.ALL)]
    ids = [button.custom_id for row in made.rows for button in row]
    assert all(sum(bool(pattern.fullmatch(each)) for pattern in patterns) == 1 for each in ids)


def test_publish_is_answered_too() -> None:
    card = result(make_job(private=True), [make_clip()], upload_limit=5)
    (publish,) = card.rows[-1]
    (kind,) = publish_controls.ALL
    assert kind.__discord_ui_compiled_template__.fullmatch(publish.custom_id)


def test_whoever_has_not_said_who_runs_it_says_so() -> None:
    assert "has not said" in str(privacy_card.card("").embeds[0].to_dict())


def _bytes_of(document: Document) -> bytes:
    assert isinstance(document.content, bytes)
    return document.content


def test_an_export_is_readable_json_and_packed_only_where_it_has_to_be() -> None:
    whole = privacy_card.export(KEPT, user_id=USER, now=0.0, upload_limit=10**6)
    assert whole is not None
    read = json.loads(_bytes_of(whole))
    assert (read["form"], read["user_id"], read["exported_at"]) == (1, str(USER), "1970-01-01T00:00:00+00:00")
    assert read["requests"][3] == {"title": "Night Train 🚂 3"}
    packed = privacy_card.export(KEPT, user_id=USER, now=0.0, upload_limit=len(_bytes_of(whole)) - 1)
    assert packed is not None
    assert packed.filename.endswith(".json.gz")
    assert json.loads(gzip.decompress(_bytes_of(packed))) == read
    assert privacy_card.export(KEPT, user_id=USER, now=0.0, upload_limit=10) is None


def test_what_was_left_out_or_is_too_much_is_said() -> None:
    assert "more than Discord" in privacy_card.exported(None, {}).content
    document = privacy_card.export(KEPT, user_id=USER, now=0.0, upload_limit=10**6)
    assert "5 requests" in privacy_card.exported(document, {"requests": 5}).content
    assert "Left out" not in privacy_card.exported(document, {}).content


def test_what_is_published_without_a_post_says_so() -> None:
    job = make_job()
    for without in (replace(POST, given_up=True), replace(POST, given_up=True, message_id=9), replace(POST, removed=True, message_id=9)):
        said = publish_card.published(job, without, already=False).content
        assert "nothing of it stands in <#7>" in said
        assert "https://" not in said


def test_published_links_to_the_post_once_it_is_there() -> None:
    job = make_job()
    assert "in <#7> as soon as Discord takes it" in publish_card.published(job, POST, already=False).content
    there = replace(POST, message_id=9)
    assert (
        publish_card.published(job, there, already=True).content
        == f"Already published: [here it is](https://discord.com/channels/{GUILD}/7/9)."
    )
