"""What people see: within Discord's limits and harmless whatever the text, with buttons that are answered."""

from itertools import chain, product
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.domain.clips import Clip, variant_name
from bot.domain.jobs import Failure, Job, JobKind, JobState
from bot.domain.standing import LaneCondition, Progress, Standing
from bot.ui import buttons, cards, continue_controls, family_controls, first_steps, ids, listing, sharing_controls, whole_controls
from bot.ui.cards import Card
from bot.ui.sending import files_of, mentions_of, view_of
from tests.contract.builders import GUILD, USER, make_clip, make_job
from tests.unit.hostile import TEXTS, check_harmless, check_limits, texts_of
from tests.unit.vocabulary import FORBIDDEN

LIMIT = 10 * 1024 * 1024
LONGEST_ID = "0f" * 32


def job_in(state: JobState, text: str = "Night Train", **given: Any) -> Job:  # noqa: ANN401 - any field
    submitted = state not in (JobState.QUEUED, JobState.SUBMITTING, JobState.CANCELLED, JobState.UNKNOWN)
    usual: dict[str, Any] = {
        "id": "abcdefghij",
        "state": state,
        "title": text,
        "tags": text,
        "source_id": LONGEST_ID,
        "source_label": f"B · {text}",
        "continue_at": 86399.999,
        "task_id": LONGEST_ID if submitted else None,
        "failure": Failure.REFUSED if state is JobState.FAILED else None,
        "provider_words": text,
        "origin": {"reply_id": USER + 3},
        "result_id": USER + 4 if state is JobState.DELIVERED else None,
    }
    return make_job(1, **{**usual, **given})


def clips_of(count: int, text: str = "Night Train", **given: Any) -> list[Clip]:  # noqa: ANN401 - any field
    return [
        make_clip(
            f"{number}{LONGEST_ID[1:]}",
            **{
                "variant": variant_name(number),
                "title": text,
                "tags": text,
                "audio_size": 3_000_000,
                "parent_id": LONGEST_ID,
                **given,
            },
        )
        for number in range(count)
    ]


EVERY_JOB = [
    job_in(state, kind=kind, hidden=hidden, undeliverable=undeliverable)
    for state, kind, hidden, undeliverable in product(JobState, JobKind, (False, True), (False, True))
]


def every_card(text: str = "Night Train") -> list[Card]:
    found = [
        cards.reply(job_in(state, text, kind=kind), Standing(place=2, wait=4.0, lane=lane, last_words=True))
        for state, kind, lane in product(JobState, JobKind, LaneCondition)
    ]
    for count, attach in product((1, 2, 4, 12), (True, False)):
        found.append(cards.result(job_in(JobState.READY, text), clips_of(count, text), upload_limit=LIMIT, attach=attach))
        found.append(cards.more(job_in(JobState.DELIVERED, text), clips_of(count, text)))
    listed = [
        job_in(state, text, undeliverable=undeliverable, id=f"job{number}")
        for number, (state, undeliverable) in enumerate(product(JobState, (False, True)))
    ]
    found += [listing.jobs(listed, [Standing()] * len(listed), page=page) for page in range(5)]
    found.append(listing.under_way(listed, [Standing(place=3, wait=50.0, usual=(85.0, 172.0), as_of=9e9)] * len(listed), limit=3))
    return [*found, listing.jobs([], [], page=0)]


@pytest.mark.parametrize("text", [*TEXTS, "Night Train"])
def test_whatever_the_text_every_card_is_within_the_limits_and_harmless(text: str) -> None:
    for card in every_card(text):
        check_limits(card)
        for shown in texts_of(card):
            check_harmless(shown.replace("**Length", "Length"))


def test_an_empty_title_or_tag_leaves_no_empty_field() -> None:
    check_limits(cards.reply(job_in(JobState.QUEUED, ""), Standing()))
    check_limits(cards.result(job_in(JobState.READY, ""), clips_of(1, ""), upload_limit=LIMIT))


def test_no_card_uses_a_word_of_the_code() -> None:
    texts = [text for card in every_card() for text in texts_of(card)]
    assert len(texts) > 100
    assert [text for text in texts if FORBIDDEN.search(text)] == []


# Buttons.


KINDS = (
    *buttons.ALL,
    continue_controls.Continue,
    first_steps.Help,
    family_controls.Family,
    sharing_controls.Share,
    whole_controls.WholeTrack,
)


def answered_by(custom_id: str) -> list[type[buttons.Pressed]]:
    return [kind for kind in KINDS if kind.__discord_ui_compiled_template__.fullmatch(custom_id)]


def test_every_button_is_answered_by_exactly_one_kind() -> None:
    shown = {button.custom_id for card in every_card() for button in chain(*card.rows)}
    shown |= {button.custom_id for job in EVERY_JOB for button in chain(*cards.reply(job, Standing()).rows)}
    shown.add(ids.make("fix", "A_z-0123456789ab"))
    answering = {custom_id: answered_by(custom_id) for custom_id in shown}
    assert {custom_id for custom_id, kinds in answering.items() if len(kinds) != 1} == set()
    assert {kinds[0] for kinds in answering.values()} == {*KINDS}, "and no kind is there for nothing"


@pytest.mark.parametrize(
    ("state", "kind", "labels"),
    [
        (JobState.QUEUED, JobKind.EXTEND, ["Cancel"]),
        (JobState.SUBMITTING, JobKind.EXTEND, ["Hide"]),
        (JobState.GENERATING, JobKind.EXTEND, ["Hide"]),
        (JobState.GENERATING, JobKind.TRACK, ["Hide"]),
        (JobState.UNKNOWN, JobKind.EXTEND, ["Try again (may cost twice)"]),
        (JobState.STALLED, JobKind.EXTEND, ["Try again (costs again)", "Hide"]),
        (JobState.STALLED, JobKind.CREATE, ["Try again (costs again)", "Hide"]),
        (JobState.STALLED, JobKind.TRACK, []),
        (JobState.FAILED, JobKind.EXTEND, ["Change and try again"]),
        (JobState.FAILED, JobKind.CREATE, ["Change and try again"]),
        (JobState.FAILED, JobKind.TRACK, []),
        (JobState.READY, JobKind.EXTEND, []),
        (JobState.DELIVERED, JobKind.EXTEND, []),
        (JobState.CANCELLED, JobKind.EXTEND, []),
    ],
)
def test_a_reply_offers_what_its_state_allows(state: JobState, kind: JobKind, labels: list[str]) -> None:
    assert [button.label for button in chain(*cards.reply(job_in(state, kind=kind), Standing()).rows)] == labels
    assert cards.reply(job_in(state, kind=kind, hidden=True), Standing()).rows == ()


# The reply.


def field(card: Card, name: str) -> str | None:
    return next((entry.value for entry in card.embeds[0].fields if entry.name == name), None)


def test_the_reply_shows_task_styles_source_and_start_point() -> None:
    card = cards.reply(job_in(JobState.GENERATING, continue_at=100.0), Standing())
    assert field(card, "Task") == f"`{LONGEST_ID}`"
    assert field(card, "Styles") == "Night Train"
    assert field(card, "Continues") == "B · Night Train from 1:40"
    assert field(card, "Title") == "Night Train"
    assert card.mentions == ()


@pytest.mark.parametrize("state", JobState)
def test_only_what_may_need_the_operator_shows_its_own_id(state: JobState) -> None:
    job = job_in(state)
    assert field(cards.reply(job, Standing()), "Request") == (f"`{job.id}`" if state is JobState.UNKNOWN else None)


def test_a_source_that_was_not_known_is_shown_by_its_id() -> None:
    assert field(cards.reply(job_in(JobState.QUEUED, source_label="", continue_at=100.5), Standing()), "Continues") == (
        f"`{LONGEST_ID}` from 1:40.5"
    )


@pytest.mark.parametrize(("guild", "place"), [(GUILD, str(GUILD)), (None, "@me")])
def test_the_reply_points_to_the_result(guild: int | None, place: str) -> None:
    card = cards.reply(job_in(JobState.DELIVERED, guild_id=guild), Standing())
    assert f"https://discord.com/channels/{place}/{USER + 2}/{USER + 4}" in (card.embeds[0].description or "")


@pytest.mark.parametrize("given", [{"hidden": True}, {"result_id": None}, {"result_id": USER + 3}])
def test_but_not_to_one_that_is_not_elsewhere(given: dict[str, Any]) -> None:
    assert "https://" not in (cards.reply(job_in(JobState.DELIVERED, **given), Standing()).embeds[0].description or "")


def test_last_words_come_last() -> None:
    text = cards.reply(job_in(JobState.GENERATING), Standing(last_words=True)).embeds[0].description or ""
    assert text.endswith("fetch it with /jobs.")
    assert "/jobs" not in (cards.reply(job_in(JobState.GENERATING), Standing()).embeds[0].description or "")


def test_moderations_words_are_not_shown_to_everyone() -> None:
    job = job_in(JobState.FAILED, failure=Failure.CONTENT, provider_words="names an artist")
    assert all("artist" not in text for text in texts_of(cards.reply(job, Standing())))
    assert any("artist" in text for text in texts_of(listing.jobs([job], [Standing()], page=0)))


# The result.


def result(clips: list[Clip], limit: int = LIMIT, **given: Any) -> Card:  # noqa: ANN401 - any field
    return cards.result(job_in(JobState.READY, **given), clips, upload_limit=limit)


def test_the_result_mentions_only_its_person_and_attaches_both() -> None:
    card = result(clips_of(2))
    assert card.content.startswith(f"<@{USER}> **Night Train** is finished")
    assert card.mentions == (USER,)
    names = [attachment.filename for attachment in card.attachments]
    assert names == ["Night Train - A.mp3", "Night Train - B.mp3", "cover-A.jpg", "cover-B.jpg"]
    assert [embed.thumbnail.url for embed in card.embeds] == ["attachment://cover-A.jpg", "attachment://cover-B.jpg"]
    assert [embed.title for embed in card.embeds] == ["A · Night Train", "B · Night Train"]
    assert all("3:12" in (embed.description or "") and "https://" not in (embed.description or "") for embed in card.embeds)
    assert [button.label for button in card.rows[0]] == ["Continue A", "Continue B", "More"]
    assert all(attachment.description for attachment in card.attachments)


def test_in_the_reply_nobody_is_mentioned() -> None:
    card = cards.result(job_in(JobState.READY), clips_of(2), upload_limit=LIMIT, mention=False)
    assert card.mentions == ()
    assert "<@" not in card.content


@pytest.mark.parametrize(
    ("sizes", "attached"),
    [
        ((LIMIT, LIMIT), "AB"),
        ((LIMIT + 1, 5), "B"),
        ((LIMIT, LIMIT + 1), "A"),
        ((LIMIT + 1, LIMIT + 1), ""),
    ],
)
def test_what_is_above_the_upload_limit_is_linked_and_said_so(sizes: tuple[int, int], attached: str) -> None:
    clips = [make_clip(variant=variant, clip_id=variant, audio_size=size) for variant, size in zip("AB", sizes, strict=True)]
    card = result(clips)
    assert "".join(attachment.filename[-5] for attachment in card.attachments if attachment.filename.endswith("mp3")) == attached
    for clip, embed in zip(clips, card.embeds, strict=True):
        linked = f"[Listen](https://cdn.example/{clip.clip_id}.mp3) · too large" in (embed.description or "")
        assert linked is (clip.variant not in attached)


def test_together_they_stay_below_the_limit_of_a_request() -> None:
    clips = [make_clip(clip_id=name, variant=name, audio_size=9 * 1024 * 1024) for name in "ABC"]
    card = result(clips)
    assert sum(attachment.filename.endswith("mp3") for attachment in card.attachments) == 2


def test_after_a_413_everything_is_linked() -> None:
    card = cards.result(job_in(JobState.READY), clips_of(2), upload_limit=LIMIT, attach=False)
    assert not [attachment for attachment in card.attachments if attachment.filename.endswith("mp3")]
    assert all("[Listen]" in (embed.description or "") for embed in card.embeds)


def test_what_the_archive_has_let_go_is_linked_and_said_so() -> None:
    card = result(clips_of(1, audio_name=None))
    assert "no longer kept here" in (card.embeds[0].description or "")


def test_without_an_address_that_can_be_shown_the_reason_stands_alone() -> None:
    card = result(clips_of(1, audio_name=None, audio_url="https://cdn.example/" + "a" * 2000))
    assert "No longer kept here" in (card.embeds[0].description or "")
    check_limits(card)


@pytest.mark.parametrize(
    ("count", "watched", "said"),
    [(2, False, "pick the one"), (1, False, "Only one version"), (1, True, "not done yet")],
)
def test_the_result_says_what_is_missing(count: int, watched: bool, said: str) -> None:
    card = result(clips_of(count), watch_until=9e9 if watched else None)
    assert said in card.content


def test_a_track_made_elsewhere_names_no_source() -> None:
    assert "Continues" not in (result(clips_of(1), kind=JobKind.TRACK).embeds[0].description or "")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Night Train", "Night Train"),
        ("../../etc/passwd", "etc passwd"),
        ('a/b\\c:d*e?f"g<h>i|j', "a b c d e f g h i j"),
        ("音楽, 'été' & co (2)", "音楽, 'été' & co (2)"),
        ("🎹🎹", "track"),
        ("", "track"),
        (" - ' ", "track"),
        ("\u202egnp.exe", "gnp exe"),
        ("x" * 100, "x" * 60),
    ],
)
def test_a_files_name_is_made_of_the_title(title: str, name: str) -> None:
    assert cards.filename(title) == name


# More, and /jobs.


def test_more_shows_ids_and_links_to_copy() -> None:
    card = cards.more(job_in(JobState.DELIVERED), clips_of(2, continued_at=100.25))
    text = "\n".join(texts_of(card))
    assert f"`{LONGEST_ID}`" in text
    assert f"`1{LONGEST_ID[1:]}`" in text
    assert "from 1:40.25" in text
    assert "Length 3:12.5" in text
    assert "Reference abcdefghij" in text
    assert [button.label for button in card.rows[0]] == ["Copy ID A", "Copy ID B"]


def test_more_leaves_out_what_is_not_known() -> None:
    text = "\n".join(texts_of(cards.more(job_in(JobState.DELIVERED), clips_of(1, audio_url="", parent_id=None))))
    assert "music service" not in text
    assert "Continues" not in text


def listed(count: int, state: JobState = JobState.QUEUED, **given: Any) -> list[Job]:  # noqa: ANN401 - any field
    return [job_in(state, id=f"job{number}", **given) for number in range(count)]


@pytest.mark.parametrize(
    ("count", "page", "jobs", "turns"),
    [
        (1, 0, 1, []),
        (4, 0, 4, []),
        (5, 0, 4, ["jobs:1:1"]),
        (5, 1, 1, ["jobs:1:0"]),
        (40, 0, 4, ["jobs:1:9", "jobs:1:1"]),
        (40, 9, 4, ["jobs:1:8", "jobs:1:0"]),
    ],
)
def test_pages_of_jobs_turn(count: int, page: int, jobs: int, turns: list[str]) -> None:
    card = listing.jobs(listed(count), [Standing()] * count, page=page)
    check_limits(card)
    assert len(card.embeds[0].fields) == jobs
    assert [button.custom_id for button in chain(*card.rows) if button.custom_id.startswith("jobs:")] == turns
    assert [button.label for button in chain(*card.rows) if button.label.startswith("Cancel")] == [
        f"Cancel {number}" for number in range(page * 4 + 1, page * 4 + jobs + 1)
    ]


def test_what_could_not_reach_its_person_can_be_fetched_or_hidden() -> None:
    card = listing.jobs(listed(1, JobState.READY, undeliverable=True), [Standing()], page=0)
    assert [button.label for button in chain(*card.rows)] == ["Fetch 1", "Hide 1"]
    assert "could not reach you" in (card.embeds[0].fields[0].name or "")


@pytest.mark.parametrize(
    ("state", "labels"),
    [
        (JobState.FAILED, ["Change and try again 1", "Hide 1"]),
        (JobState.UNKNOWN, ["Try again (may cost twice) 1", "Hide 1"]),
        (JobState.STALLED, ["Try again (costs again) 1", "Hide 1"]),
    ],
)
def test_an_end_that_could_not_be_told_can_be_hidden(state: JobState, labels: list[str]) -> None:
    card = listing.jobs(listed(1, state, undeliverable=True), [Standing()], page=0)
    assert [button.label for button in chain(*card.rows)] == labels


def test_with_nothing_under_way_the_way_in_is_told() -> None:
    (text,) = [embed.description for embed in listing.jobs([], [], page=0).embeds]
    assert text is not None
    assert "/extend" in text
    assert "/help" in text


def test_a_list_leads_to_each_requests_message() -> None:
    (field_of_it,) = listing.jobs([job_in(JobState.QUEUED)], [Standing()], page=0).embeds[0].fields
    assert f"[Its message](https://discord.com/channels/{GUILD}/{USER + 2}/{USER + 3})" in (field_of_it.value or "")


@pytest.mark.parametrize("origin", [{"reply_id": None}, {"reply_id": 5, "reply_ephemeral": True}])
def test_but_not_to_one_that_only_its_person_saw_once(origin: dict[str, Any]) -> None:
    (field_of_it,) = listing.jobs([job_in(JobState.QUEUED, origin=origin)], [Standing()], page=0).embeds[0].fields
    assert "https://" not in (field_of_it.value or "")


def test_one_request_too_many_shows_those_under_way_with_what_can_be_done() -> None:
    jobs = [job_in(JobState.QUEUED, "First", id="job1"), job_in(JobState.GENERATING, "Second", id="job2")]
    standings = [Standing(place=9, wait=40.0, usual=(85.0, 172.0)), Standing(progress=Progress.BEGUN)]
    card = listing.under_way(jobs, standings, limit=2)
    assert card.content.startswith("You have 2 requests under way, which is as many as one person may have here.")
    assert [entry.name for entry in card.embeds[0].fields] == ["1 · First · In line", "2 · Second · Being made"]
    first, second = (entry.value or "" for entry in card.embeds[0].fields)
    assert "Place 9 in line, about 40 s to the start, then usually 1½–3 min" in first
    assert "The music service is at work on it" in second
    assert all(f"/{USER + 3})" in text for text in (first, second))
    assert [button.label for button in chain(*card.rows)] == ["Cancel 1", "Hide 2"]


def test_of_many_the_first_are_shown_and_where_the_others_are() -> None:
    card = listing.under_way(listed(7), [Standing()] * 7, limit=7)
    check_limits(card)
    assert len(card.embeds[0].fields) == listing.PAGE
    assert card.embeds[0].footer.text == "3 more under /jobs"


# Sending.


async def test_a_cards_buttons_become_a_view_that_keeps_nothing() -> None:
    view = view_of(result(clips_of(2)))
    assert view is not None
    assert view.is_finished(), "no process needs to remember it"
    assert [(item.label, item.row) for item in view.children if isinstance(item, discord.ui.Button)] == [
        ("Continue A", 0),
        ("Continue B", 0),
        ("More", 0),
    ]
    assert view_of(Card(content="x")) is None


def test_files_are_opened_anew_each_time(tmp_path: Path) -> None:
    (tmp_path / "a.mp3").write_bytes(b"ID3")
    card = Card(content="x", attachments=(cards.Attachment("a.mp3", "Night Train - A.mp3", "d" * 2000),))
    first, second = (files_of(card, lambda name: tmp_path / name)[0] for _ in range(2))
    first.close()
    assert second.fp.read() == b"ID3"
    second.close()
    assert first.filename == "Night Train - A.mp3"
    assert len(first.description or "") == 1024
    with pytest.raises(FileNotFoundError):
        files_of(card, lambda name: tmp_path / "gone" / name)


def test_only_the_cards_own_mentions_are_allowed() -> None:
    allowed = mentions_of(result(clips_of(1))).to_dict()
    assert (allowed["parse"], allowed.get("users")) == ([], [USER])
    assert not allowed.get("replied_user")
    nobody = mentions_of(Card(content="x")).to_dict()
    assert (nobody["parse"], nobody.get("users", [])) == ([], [])


@pytest.mark.parametrize(
    ("title", "name"),
    [("Night *Train*", "Night *Train*"), ("  two \n lines ", "two lines"), ("\u202e", "Extension"), ("n" * 200, "n" * 99 + "…")],
)
def test_a_thread_is_named_after_its_track(title: str, name: str) -> None:
    assert cards.thread_name(make_job(title=title), []) == name


def test_a_result_without_pings_names_its_person_and_notifies_nobody() -> None:
    card = cards.result(make_job(), [make_clip()], upload_limit=1, pings=False)
    assert f"<@{USER}>" in card.content
    assert card.mentions == ()
