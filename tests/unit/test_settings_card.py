"""/settings as a card: what is set in plain words, within Discord's limits, and what each control asks for."""

from dataclasses import fields, replace

import discord
import pytest

from bot.domain.guild_settings import GuildSettings, PostingRight, ResultsIn
from bot.domain.typed_settings import MOST_A_DAY, MOST_WORDS, parse_daily, parse_starters, parse_words
from bot.errors import BadOption
from bot.sandbox.discord.checks_components import check_components
from bot.sandbox.discord.forms import Form
from bot.ui import key_controls, mine_controls, settings_controls
from bot.ui.cards import WARNING
from bot.ui.sending import view_of
from bot.ui.settings_card import TOPICS, Topic, card, changes, cleared
from tests.unit.vocabulary import FORBIDDEN

GUILD = 4_611_686_018_427_387_905
UNSET = GuildSettings(guild_id=GUILD)
FULL = GuildSettings(
    guild_id=GUILD,
    revision=9,
    channels=tuple(GUILD + number for number in range(1, 26)),
    spender_role=GUILD + 30,
    host_role=GUILD + 31,
    results_in=ResultsIn.THREAD,
    showcase_channel=GUILD + 32,
    log_channel=GUILD + 33,
    pings=False,
    daily_per_person=5,
    daily_per_server=MOST_A_DAY,
    creating=True,
    words=tuple(f"word{number}" for number in range(MOST_WORDS)),
    starters=tuple(f"track-{number}" for number in range(10)),
)
NOTHING = frozenset[int]()


def shown(settings: GuildSettings, gone: frozenset[int] = NOTHING) -> str:
    return card(settings, gone).embeds[0].description or ""


def line(settings: GuildSettings, topic: Topic, gone: frozenset[int] = NOTHING) -> str:
    return next(each for each in shown(settings, gone).splitlines() if each.startswith(f"**{TOPICS[topic].label}**"))


def test_every_field_belongs_to_a_topic() -> None:
    topical = [name for text in TOPICS.values() for name in text.fields]
    assert set(TOPICS) == set(Topic)
    assert sorted(topical) == sorted({field.name for field in fields(GuildSettings)} - {"guild_id", "revision"})


@pytest.mark.parametrize("topic", [None, *Topic])
@pytest.mark.parametrize("settings", [UNSET, FULL], ids=["unset", "full"])
@pytest.mark.parametrize("gone", [NOTHING, FULL.named], ids=["there", "gone"])
def test_whatever_is_set_the_card_is_within_the_limits(settings: GuildSettings, gone: frozenset[int], topic: Topic | None) -> None:
    """Embed Limits; Select Menus; Component Reference."""
    made = card(settings, gone, topic, closed=dict.fromkeys(settings.written_to - gone, PostingRight.SEND))
    (embed,) = made.embeds
    assert len(embed) <= 6000
    assert len(embed.description or "") <= 4096
    assert not FORBIDDEN.search(embed.description or "")
    assert len(made.selects) + len(made.rows) <= 5
    view = view_of(made)
    assert view is not None
    form = Form()
    check_components(form, view.to_components(), layout=False)
    form.close()
    custom_ids = [str(getattr(item, "custom_id", None)) for item in view.children]
    assert len(custom_ids) == len(set(custom_ids)) == len(view.children)
    for select in made.selects:
        assert len(select.options) <= 25
        assert all(len(option.label) <= 100 and len(option.description) <= 100 for option in select.options)
        assert 1 <= len(select.placeholder) <= 150
        assert len(select.chosen) <= select.most <= 25
        assert not gone.intersection(map(int, select.chosen)) if not select.options else True
    patterns = [kind.__discord_ui_compiled_template__ for kind in (*settings_controls.ALL, *key_controls.ALL, *mine_controls.ALL)]
    assert all(sum(bool(pattern.fullmatch(each)) for pattern in patterns) == 1 for each in custom_ids)


def test_what_is_deleted_is_called_so_with_what_that_means() -> None:
    settings = replace(UNSET, channels=(1, 2), spender_role=3, host_role=4, showcase_channel=5, log_channel=6)
    assert line(settings, Topic.CHANNELS) == "**Where I can be used**: <#1>, <#2>"
    assert line(settings, Topic.CHANNELS, frozenset({1})) == "**Where I can be used**: <#2> (1 deleted channel left out)"
    assert "nowhere: only 2 deleted channels are left" in line(settings, Topic.CHANNELS, frozenset({1, 2}))
    assert line(settings, Topic.SPENDER) == "**Who may ask for tracks**: <@&3>"
    assert "deleted: only people with Manage Server may" in line(settings, Topic.SPENDER, frozenset({3}))
    assert "deleted: only moderators may" in line(settings, Topic.HOST, frozenset({4}))
    assert "deleted" in line(settings, Topic.SHOWCASE, frozenset({5}))
    assert "deleted" in line(settings, Topic.LOG, frozenset({6}))


def test_where_it_may_not_post_the_card_says_what_is_missing() -> None:
    settings = replace(UNSET, channels=(6,), showcase_channel=5, log_channel=6)
    for channel, right, topic, other in (
        (5, PostingRight.VIEW, Topic.SHOWCASE, Topic.LOG),
        (6, PostingRight.SEND, Topic.LOG, Topic.SHOWCASE),
    ):
        (embed,) = card(settings, NOTHING, closed={channel: right}).embeds
        lines = (embed.description or "").splitlines()
        warned = [each for each in lines if "⚠" in each]
        assert warned == [f"{line(settings, topic)} ⚠ I may not post there: I lack **{right}** in that channel"]
        assert line(settings, other) in lines
        assert embed.colour == discord.Colour(WARNING)
    assert card(settings, NOTHING).embeds[0].colour != discord.Colour(WARNING)


def test_a_log_is_text_and_a_showcase_is_not() -> None:
    (embed,) = card(replace(UNSET, showcase_channel=5, log_channel=5), NOTHING, closed={5: PostingRight.FILES}).embeds
    (warned,) = (each for each in (embed.description or "").splitlines() if "⚠" in each)
    assert warned.startswith("**Showcase**")
    assert warned.endswith("I lack **Attach Files** in that channel")


@pytest.mark.parametrize(
    ("waiting", "said"), [(1, "⚠ 1 track waits for the showcase: I can't post it"), (3, "⚠ 3 tracks wait for the showcase")]
)
def test_what_the_showcase_refuses_is_said_below_it(waiting: int, said: str) -> None:
    (embed,) = card(FULL, NOTHING, waiting=waiting).embeds
    lines = (embed.description or "").splitlines()
    assert lines[lines.index(line(FULL, Topic.SHOWCASE)) + 1].startswith(said)
    assert embed.colour == discord.Colour(WARNING)
    assert "wait" not in shown(FULL)


@pytest.mark.parametrize(("number", "said"), [(0, "none"), (1, "1 {one}"), (2, "2 {one}s"), (10, "10 {one}s")])
@pytest.mark.parametrize(("topic", "one"), [(Topic.WORDS, "word"), (Topic.STARTERS, "track")])
def test_what_is_counted_is_the_servers_own(topic: Topic, one: str, number: int, said: str) -> None:
    settings = replace(UNSET, words=FULL.words[:number], starters=FULL.starters[:number])
    assert line(settings, topic) == f"**{TOPICS[topic].label}**: {said.format(one=one)} of this server's own"


@pytest.mark.parametrize("topic", list(Topic))
def test_what_is_about_to_be_changed_is_explained(topic: Topic) -> None:
    (field,) = card(UNSET, NOTHING, topic).embeds[0].fields
    assert (field.name, field.value) == (TOPICS[topic].label, f"{TOPICS[topic].about}.")


@pytest.mark.parametrize("topic", list(Topic))
def test_what_is_set_can_be_cleared_and_what_is_not_offers_no_clearing(topic: Topic) -> None:
    offered = [button.label for row in card(FULL, NOTHING, topic).rows for button in row]
    assert (TOPICS[topic].none in offered) is bool(TOPICS[topic].none)
    assert TOPICS[topic].none not in [button.label for row in card(UNSET, NOTHING, topic).rows for button in row] or not TOPICS[topic].none
    changed = cleared(FULL, topic)
    assert all(getattr(changed, name) == getattr(UNSET, name) for name in TOPICS[topic].fields)
    others = {field.name for field in fields(GuildSettings)} - set(TOPICS[topic].fields)
    assert all(getattr(changed, name) == getattr(FULL, name) for name in others)


@pytest.mark.parametrize("topic", list(Topic))
def test_a_change_is_told_from_what_to_what(topic: Topic) -> None:
    after = replace(UNSET, **{name: getattr(FULL, name) for name in TOPICS[topic].fields})
    said = changes(UNSET, after, NOTHING)
    assert said.startswith(f"**{TOPICS[topic].label}**: ")
    assert len(said) < 1900
    assert changes(after, after, NOTHING) == ""


def test_words_are_told_hidden_and_only_those_that_changed() -> None:
    before, after = replace(UNSET, words=("one", "two")), replace(UNSET, words=("two", "*three*"))
    assert changes(before, after, NOTHING) == "**Forbidden words**: added ||\\*three\\*||; removed ||one||"
    assert changes(before, replace(UNSET, words=("two", "one")), NOTHING) == "**Forbidden words**: put in another order"


# What is typed.


@pytest.mark.parametrize(("text", "number"), [("", None), ("  ", None), ("1", 1), (" 20 ", 20), ("007", 7), (str(MOST_A_DAY), MOST_A_DAY)])
def test_a_limit_is_a_whole_number_or_nothing(text: str, number: int | None) -> None:
    assert parse_daily("daily_per_person", text) == number


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "ten", str(MOST_A_DAY + 1), "9" * 5000, "٣", "²"])
def test_other_limits_are_refused_with_an_example_that_works(text: str) -> None:
    with pytest.raises(BadOption) as refused:
        parse_daily("daily_per_person", text)
    assert parse_daily("daily_per_person", refused.value.example) == 20


def test_words_are_separated_by_commas_or_lines_and_kept_once() -> None:
    assert parse_words("bad, worse*\n Very   Bad ;BAD,,") == ("BAD", "worse*", "Very Bad")
    assert parse_words("") == ()


@pytest.mark.parametrize("text", ["x" * 41, "***", "b*d", "-", ",".join(f"w{number}" for number in range(MOST_WORDS + 1))])
def test_words_that_can_match_nothing_are_refused(text: str) -> None:
    with pytest.raises(BadOption) as refused:
        parse_words(text)
    assert parse_words(refused.value.example)


def test_starters_are_ids_or_links() -> None:
    clip = "186001a9-a9e2-487a-bdcc-417914676f24"
    assert parse_starters(f"{clip}\nhttps://suno.com/song/{clip}, task-000001") == (clip, "task-000001")
    assert parse_starters(" ") == ()


@pytest.mark.parametrize("text", ["a/b", "https://suno.com/", " ".join(f"track-{number}" for number in range(11))])
def test_other_starters_are_refused_with_an_example_that_works(text: str) -> None:
    with pytest.raises(BadOption) as refused:
        parse_starters(text)
    assert refused.value.field == "starters"
    assert parse_starters(refused.value.example)
