from dataclasses import replace

import pytest

from bot.domain.clips import Clip, StoredAudio
from bot.domain.jobs import Job, JobState, amend
from bot.domain.limits import Limits
from bot.services.ports import stores
from bot.store.clips import Clips
from bot.store.jobs import Jobs
from tests.contract.builders import GUILD, USER, make_clip, make_job

OTHER = USER - 5
OTHER_GUILD = GUILD + 5


async def accepted(
    jobs: Jobs, number: int = 1, *, user_id: int = USER, guild_id: int | None = GUILD, tags: str = "wave", task_id: str = ""
) -> Job:
    job = make_job(number, state=JobState.READY, user_id=user_id, guild_id=guild_id, tags=tags, task_id=task_id or f"task-{number}")
    assert await jobs.accept(job, limits=Limits(in_flight=100))
    return job


async def brought(jobs: Jobs, number: int, *clips: Clip, user_id: int = USER, guild_id: int | None = GUILD, task_id: str = "") -> None:
    """Let a job bring these clips, as those of its task."""
    job = await accepted(jobs, number, user_id=user_id, guild_id=guild_id, task_id=task_id)
    assert await jobs.save(amend(job), clips=[replace(clip, task_id=job.task_id or "") for clip in clips])


async def known(clips: Clips, user_id: int, guild_id: int | None, text: str = "", limit: int = 25) -> list[str]:
    return [clip.clip_id for clip in await clips.known_to(user_id, guild_id, text=text, limit=limit)]


def test_it_is_what_the_services_ask_for(clips: Clips) -> None:
    port: stores.Clips = clips
    assert port is clips


async def test_saved_clips_are_read_back_unchanged_a_first(jobs: Jobs, clips: Clips) -> None:
    late = make_clip("clip-27", variant="27")
    a, b = make_clip("z-clip", variant="A"), make_clip("a-clip", variant="B", audio_name=None, parent_id=None, guild_id=None)
    assert await jobs.save(amend(await accepted(jobs)), clips=[late, b, a])
    assert await clips.get("z-clip") == a
    assert await clips.of_task("task-1") == [a, b, late]
    assert await clips.of_task("task-2") == []
    assert await clips.get("nothing") is None
    assert await clips.several(["nothing", "z-clip"]) == [a]


async def test_a_known_clip_keeps_its_maker_and_gets_its_files_anew(jobs: Jobs, clips: Clips) -> None:
    first = make_clip()
    await jobs.save(amend(await accepted(jobs)), clips=[first])
    again = replace(
        first,
        user_id=OTHER,
        guild_id=None,
        created_at=99.0,
        parent_id=None,
        continued_at=None,
        title="another",
        seconds=200.0,
        audio_name="new.mp3",
        audio_size=7,
        audio_url="https://cdn.example/new.mp3",
        image_name=None,
        image_url="https://cdn.example/new.png",
    )
    await jobs.save(amend(await accepted(jobs, 2, user_id=OTHER, guild_id=None)), clips=[again])
    assert await clips.get("clip-a") == replace(
        first,
        seconds=200.0,
        audio_name="new.mp3",
        audio_size=7,
        audio_url="https://cdn.example/new.mp3",
        image_url="https://cdn.example/new.png",
    )


async def test_words_that_no_database_takes_do_not_make_a_clip_unwritable(jobs: Jobs, clips: Clips) -> None:
    clip = make_clip("🎷", title="no\0pe \ud800", tags="\0", audio_url="é\\\"'\n")
    await jobs.save(amend(await accepted(jobs)), clips=[clip])
    assert await clips.get("🎷") == replace(clip, title="nope ?", tags="")


async def test_an_outdated_job_leaves_no_clip(jobs: Jobs, clips: Clips) -> None:
    job = await accepted(jobs)
    assert await jobs.save(amend(job))
    assert not await jobs.save(amend(job), clips=[make_clip()])
    assert await clips.get("clip-a") is None


async def test_a_save_that_fails_in_its_middle_leaves_nothing(jobs: Jobs, clips: Clips) -> None:
    job = await accepted(jobs)
    with pytest.raises(Exception, match=r"(?i)null"):
        await jobs.save(amend(job), clips=[make_clip(), make_clip("clip-b", model=None)])
    assert await jobs.get(job.id) == job
    assert await clips.get("clip-a") is None


async def test_a_person_and_a_server_know_what_was_made_there(jobs: Jobs, clips: Clips) -> None:
    await brought(jobs, 1, make_clip("here"))
    await brought(jobs, 2, make_clip("alone"), guild_id=None)
    await brought(jobs, 3, make_clip("theirs"), user_id=OTHER)
    await brought(jobs, 4, make_clip("elsewhere"), user_id=OTHER, guild_id=OTHER_GUILD)
    assert await known(clips, USER, GUILD) == ["theirs", "alone", "here"]
    assert await known(clips, USER, None) == ["alone", "here"]
    assert await known(clips, OTHER, OTHER_GUILD) == ["elsewhere", "theirs"]
    assert await known(clips, USER - 9, None) == []
    assert await known(clips, USER - 9, OTHER_GUILD) == ["elsewhere"]
    # Numbers of people and of servers are not mixed up.
    assert await known(clips, GUILD, USER) == []


async def test_what_is_not_finished_is_not_known(jobs: Jobs, clips: Clips) -> None:
    await brought(jobs, 1, make_clip("theirs"), user_id=OTHER, guild_id=OTHER_GUILD, task_id="task")
    for number, state in enumerate(set(JobState) - {JobState.READY, JobState.DELIVERED}, 2):
        assert await jobs.accept(make_job(number, state=state, task_id="task"), limits=Limits(in_flight=100))
    assert await known(clips, USER, GUILD) == []
    assert await jobs.accept(make_job(20, state=JobState.DELIVERED, task_id="task"), limits=Limits(in_flight=100))
    assert await known(clips, USER, GUILD) == ["theirs"], "a task that somebody else has brought"


async def test_a_clip_is_listed_once_and_since_it_was_last_asked_for(jobs: Jobs, clips: Clips) -> None:
    await brought(jobs, 1, make_clip("old"), task_id="task-old")
    await brought(jobs, 2, make_clip("new"))
    assert await known(clips, USER, GUILD) == ["new", "old"]
    for number in range(3, 9):
        await brought(jobs, number, make_clip("old"), guild_id=GUILD + number, task_id="task-old")
    assert await known(clips, USER, GUILD) == ["old", "new"]
    assert await known(clips, USER, GUILD, limit=1) == ["old"]
    (found,) = await clips.known_to(OTHER, GUILD + 4, text="old", limit=5)
    assert (found.variant, found.title, found.tags, found.seconds) == ("A", "Night Train", "wave, synthwave", 192.5)
    assert found.known_since == 4.0


async def test_siblings_are_listed_a_first(jobs: Jobs, clips: Clips) -> None:
    await brought(jobs, 1, make_clip("1", variant="B"), make_clip("2", variant="A"), make_clip("0", variant="27"))
    assert await known(clips, USER, GUILD) == ["2", "1", "0"]


async def test_a_text_is_looked_for_among_the_newest_jobs_only(jobs: Jobs, clips: Clips, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.store.clips._JOBS_SEARCHED", 2)
    for number, name in enumerate(("wanted", "other", "wanted", "other"), 1):
        await brought(jobs, number, make_clip(f"{name}-{number}", title=name))
    assert await known(clips, USER, GUILD, "wanted") == ["wanted-3"]
    assert len(await known(clips, USER, GUILD)) == 4


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ÉTÉ", ["summer"]),
        ("été ", ["summer"]),
        ("SYNTH", ["summer", "percent"]),
        ("SUMM", ["summer"]),
        ("100%", ["percent"]),
        ("%", ["percent"]),
        ("_", ["percent"]),
        ("/", []),
        ("\\", []),
        ("'", []),
    ],
)
async def test_text_filters_title_tags_and_id_whatever_its_case(jobs: Jobs, clips: Clips, text: str, found: list[str]) -> None:
    await brought(jobs, 1, make_clip("percent", title="100% up_beat", tags="synth"))
    await brought(jobs, 2, make_clip("summer", title="L'été à Paris".replace("'", "’"), tags="Synthwave"))
    assert await known(clips, USER, GUILD, text) == found


async def test_the_limit_counts_what_the_text_left(jobs: Jobs, clips: Clips) -> None:
    for number in range(10):
        name = "wanted" if number < 3 else "other"
        await brought(jobs, number, make_clip(f"{name}-{number}", title=name))
    assert await known(clips, USER, GUILD, "wanted", limit=2) == ["wanted-2", "wanted-1"]


async def test_tag_sets_are_distinct_and_newest_first(jobs: Jobs, clips: Clips) -> None:
    await accepted(jobs, 1, tags="wave")
    await accepted(jobs, 2, tags="house")
    await accepted(jobs, 3, tags="")
    await accepted(jobs, 4, tags="wave", user_id=OTHER)
    await accepted(jobs, 5, tags="jazz", user_id=OTHER, guild_id=OTHER_GUILD)
    await accepted(jobs, 6, tags="folk", guild_id=None)
    assert await clips.tag_sets(USER, GUILD, limit=9) == ["folk", "wave", "house"]
    assert await clips.tag_sets(USER, None, limit=9) == ["folk", "house", "wave"]
    assert await clips.tag_sets(USER, GUILD, limit=1) == ["folk"]
    assert await clips.tag_sets(USER - 9, None, limit=9) == []


async def test_a_file_that_is_gone_is_named_no_more(jobs: Jobs, clips: Clips) -> None:
    pair = [make_clip("a"), make_clip("b")]
    await jobs.save(amend(await accepted(jobs)), clips=pair)
    await clips.audio_gone("a.mp3")
    await clips.audio_gone("nothing.mp3")
    assert [await clips.get("a"), await clips.get("b")] == [replace(pair[0], audio_name=None), pair[1]]


async def test_a_file_that_is_back_is_named_again(jobs: Jobs, clips: Clips) -> None:
    clip = make_clip("a", audio_name=None)
    await jobs.save(amend(await accepted(jobs)), clips=[clip])
    await clips.audio_back("a", StoredAudio(name="a.ogg", seconds=7.0, size=123))
    await clips.audio_back("nothing", StoredAudio(name="b.mp3", seconds=7.0, size=123))
    assert await clips.get("a") == replace(clip, audio_name="a.ogg", audio_size=123), "its length was measured before, and stays"
