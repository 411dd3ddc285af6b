"""What is counted and measured: ports that count, sightings, routes without ids, the scrape."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from bot.domain.jobs import JobState
from bot.domain.posts import Debt, PostKind, Vote
from bot.domain.reports import Stage, TaskReport
from bot.domain.requests import ExtendRequest
from bot.domain.standing import LaneCondition, Standing
from bot.errors import CannotPost, NotConnected, StoreUnavailable, TaskUnknown, Unreadable
from bot.ops import sightings as sightings_module
from bot.ops.build import Build
from bot.ops.counting import CountingAnnouncer, CountingMusic
from bot.ops.discord_requests import route_of
from bot.ops.event_loop import probe_event_loop
from bot.ops.metrics import Metrics
from bot.ops.sightings import Sightings
from tests.contract.builders import make_clip, make_job
from tests.contract.test_posts import make_post
from tests.fakes import FakeClock, RecordingAnnouncer, ScriptedMusic

REQUEST = ExtendRequest(tags="wave", title="", model="v3.5", continue_clip_id="c", continue_at=100)
TASK = "task-000001"
JOB = make_job(task_id=TASK)


class Bot:
    """Vitals as a test wants them."""

    condition = LaneCondition.WORKING

    own_conditions: Mapping[LaneCondition, int] = {LaneCondition.KEY_REFUSED: 2}

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self.jobs: Mapping[JobState, int] | None = {}
        self.debts: Mapping[Debt, int] | None = {}

    async def not_ready(self) -> list[str]:
        return self.complaints

    async def unsettled(self) -> Mapping[JobState, int]:
        if self.jobs is None:
            raise StoreUnavailable("away")
        return self.jobs

    async def owed(self) -> Mapping[Debt, int]:
        if self.debts is None:
            raise StoreUnavailable("away")
        return self.debts


class Counted:
    """Metrics with the ports that feed them, over scripted ones."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.metrics = Metrics(Build(version="1.2.3", python="3.11.7", discord_py="2.7.1"))
        self.script = ScriptedMusic()
        self.people = RecordingAnnouncer()
        seen = Sightings()
        self.music = CountingMusic(self.script, metrics=self.metrics, sightings=seen, clock=self.clock)
        self.announcer = CountingAnnouncer(self.people, metrics=self.metrics, sightings=seen, clock=self.clock)

    def value(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(f"encore_{name}", labels)

    async def query(self, *stages: Stage) -> None:
        self.script.made(TASK, *stages)
        await self.music.task(TASK, slot=free)


@pytest.fixture
def counted() -> Counted:
    return Counted()


@asynccontextmanager
async def free() -> AsyncGenerator[None]:
    yield


async def test_submits_are_counted_by_what_came_of_them_and_errors_pass(counted: Counted) -> None:
    assert counted.value("submits_total", outcome="ambiguous") == 0, "an increase from nothing to one is none to Prometheus"
    counted.script.answers.extend([NotConnected(), KeyError("a bug")])
    for kind in (NotConnected, KeyError):
        with pytest.raises(kind):
            await counted.music.submit(REQUEST)
    assert await counted.music.submit(REQUEST) == TASK
    assert [counted.value("submits_total", outcome=outcome) for outcome in ("accepted", "not_connected", "broke_off")] == [1, 1, 1]


async def test_each_try_of_a_query_is_counted_and_its_wait_for_the_quota_measured(counted: Counted) -> None:
    held: list[Exception] = []

    @asynccontextmanager
    async def slow_slot() -> AsyncGenerator[None]:
        counted.clock.advance(0.4)
        try:
            yield
        except Unreadable as error:
            held.append(error)
            raise

    class Stumbling(ScriptedMusic):
        async def task(self, task_id: str, *, slot: Callable[[], AbstractAsyncContextManager[None]]) -> TaskReport:
            with pytest.raises(Unreadable):
                async with slot():
                    raise Unreadable
            return await super().task(task_id, slot=slot)

    script = Stumbling()
    script.made(TASK, Stage.GENERATING)
    await CountingMusic(script, metrics=counted.metrics, sightings=Sightings(), clock=counted.clock).task(TASK, slot=slow_slot)
    assert held, "the lane's own slot hears of the error, too"
    assert [counted.value("queries_total", outcome=outcome) for outcome in ("unreadable", "generating")] == [1, 1]
    assert counted.value("query_slot_wait_seconds_sum") == pytest.approx(0.8)
    with pytest.raises(TaskUnknown):
        await counted.music.task("nobody's", slot=free)
    assert counted.value("queries_total", outcome="task_unknown") == 1


async def test_the_lag_lies_between_the_last_sight_of_it_unfinished_and_the_first_of_it_finished(counted: Counted) -> None:
    await counted.music.submit(REQUEST)
    counted.clock.advance(90)
    await counted.query(Stage.GENERATING, Stage.GENERATING)
    counted.clock.advance(5)
    await counted.query(Stage.DONE, Stage.DONE)
    counted.clock.advance(2)
    await counted.query(Stage.DONE, Stage.DONE)
    counted.clock.advance(1)
    await counted.announcer.post_result(JOB, [make_clip()])
    assert counted.value("announcement_lag_upper_bound_seconds_sum", since="query") == 8
    assert counted.value("announcement_lag_upper_bound_seconds_count", since="submit") == 0
    assert counted.value("announcement_lag_lower_bound_seconds_sum") == 3
    await counted.announcer.post_result(JOB, [make_clip()])
    assert counted.value("announcement_lag_lower_bound_seconds_count") == 1, "a second post announces nothing new"


async def test_a_track_that_no_query_saw_unfinished_is_told_apart(counted: Counted) -> None:
    await counted.music.submit(REQUEST)
    counted.clock.advance(90)
    await counted.query(Stage.DONE)
    await counted.announcer.send_privately(JOB, [make_clip()])
    assert counted.value("announcement_lag_upper_bound_seconds_sum", since="submit") == 90
    assert counted.value("announcement_lag_upper_bound_seconds_count", since="query") == 0


async def test_of_a_track_that_was_finished_before_the_start_only_the_lower_bound_is_known(counted: Counted) -> None:
    await counted.query(Stage.DONE)
    counted.clock.advance(1)
    await counted.announcer.result_into_reply(JOB, [make_clip()])
    assert counted.value("announcement_lag_upper_bound_seconds_count", since="query") == 0
    assert counted.value("announcement_lag_lower_bound_seconds_sum") == 1


def test_sightings_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sightings_module, "MOST", 2)
    seen = Sightings()
    for number in range(3):
        seen.accepted(f"task-{number}", 1.0)
    seen.reported(TaskReport(task_id="task-1", stage=Stage.FAILED), 2.0, 2.1)
    assert [seen.pop(f"task-{number}") is not None for number in range(3)] == [False, False, True]


async def test_messages_are_counted_by_way_and_outcome(counted: Counted) -> None:
    counted.people.raises["ping"] = CannotPost("no")
    await counted.announcer.show_reply(JOB, Standing())
    await counted.announcer.update_result(JOB, [make_clip()])
    await counted.announcer.explain_privately(JOB)
    assert await counted.announcer.find_result(JOB) is None
    with pytest.raises(CannotPost):
        await counted.announcer.ping(JOB)
    for way, outcome in (("reply", "ok"), ("message_edit", "ok"), ("explanation", "ok"), ("ping", "cannot_post")):
        assert counted.value("deliveries_total", way=way, outcome=outcome) == 1
    assert counted.people.ways() == ["show_reply", "update_result", "explain_privately", "find_result"]


def test_the_wait_in_line_ends_with_the_first_submit(counted: Counted) -> None:
    job = make_job(state=JobState.SUBMITTING, created_at=100.0, state_since=112.0, attempts=1)
    counted.metrics.job_changed(job)
    counted.metrics.job_changed(make_job(state=JobState.SUBMITTING, created_at=100.0, state_since=500.0, attempts=2))
    counted.metrics.job_changed(make_job(state=JobState.GENERATING, created_at=100.0, state_since=500.0, attempts=1))
    assert counted.value("line_wait_seconds_sum") == 12


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/channels/1234/messages", "/channels/{channel_id}/messages"),
        ("/channels/1234/messages/5678", "/channels/{channel_id}/messages/{message_id}"),
        ("/webhooks/12/aW50ZXJhY3Rpb246/messages/@original", "/webhooks/{webhook_id}/{webhook_token}/messages/@original"),
        ("/interactions/12/aW50ZXJhY3Rpb246/callback", "/interactions/{interaction_id}/{interaction_token}/callback"),
        ("/applications/12/commands", "/applications/{application_id}/commands"),
        ("/users/@me/channels", "/users/@me/channels"),
        ("/gateway/bot", "/gateway/bot"),
        ("/new/1/thing", "/{other}/{other}/{other}"),
    ],
)
def test_routes_are_templates(path: str, shown: str) -> None:
    assert route_of(f"/api/v10{path}", "/api/v10") == shown
    assert route_of(path, "") == shown


@given(st.lists(st.text(st.characters(exclude_characters="/"), min_size=1), min_size=1))
def test_nothing_of_a_path_is_shown_but_known_words(parts: list[str]) -> None:
    secret = "aW50ZXJhY3Rpb246"
    shown = route_of("/" + "/".join([*parts, "webhooks", "1", secret]), "")
    assert secret not in shown
    assert shown.count("/") <= 8


def test_what_is_no_rest_path_is_elsewhere() -> None:
    assert route_of("/gateway-socket/", "/api/v10") == "elsewhere"
    assert route_of("/api/v100/users", "/api/v10") == "elsewhere"


async def test_the_probe_measures_how_late_it_is_woken(counted: Counted) -> None:
    late = iter((0.25, 0.0))

    async def sleep(seconds: float) -> None:
        try:
            counted.clock.advance(seconds + next(late))
        except StopIteration:
            raise asyncio.CancelledError from None

    with pytest.raises(asyncio.CancelledError):
        await probe_event_loop(counted.metrics.event_loop_lag, counted.clock, sleep=sleep)
    assert counted.value("event_loop_lag_seconds_sum") == pytest.approx(0.25)
    assert counted.value("event_loop_lag_seconds_count") == 2


async def test_a_scrape_asks_the_bot_and_shows_no_old_numbers(counted: Counted) -> None:
    bot = Bot()
    bot.jobs, bot.debts = {JobState.QUEUED: 7}, {Debt.DELETION: 2}
    shown = (await counted.metrics.scrape(bot)).decode()
    assert 'encore_jobs{state="queued"} 7.0\n' in shown
    assert 'encore_jobs{state="stalled"} 0.0\n' in shown
    assert 'encore_posts_owed{debt="deletion"} 2.0\n' in shown
    assert 'encore_posts_owed{debt="message"} 0.0\n' in shown
    assert 'encore_lane_condition{condition="working"} 1.0\n' in shown
    assert "encore_ready 1.0\n" in shown
    bot.jobs, bot.condition, bot.complaints = None, LaneCondition.NO_CREDITS, ["the lane is no_credits"]
    shown = (await counted.metrics.scrape(bot)).decode()
    assert "encore_jobs{" not in shown
    assert 'encore_posts_owed{debt="deletion"} 2.0\n' in shown, "each by itself"
    bot.debts = None
    assert "encore_posts_owed{" not in (await counted.metrics.scrape(bot)).decode()
    assert 'encore_lane_condition{condition="working"} 0.0\n' in shown
    assert 'encore_lane_condition{condition="no_credits"} 1.0\n' in shown
    assert "encore_ready 0.0\n" in shown


def test_posts_and_votes_are_counted_from_nothing_on(counted: Counted) -> None:
    post = make_post(kind=PostKind.SHOWCASE)
    assert counted.value("posts_total", kind="showcase", outcome="given_up") == 0
    counted.metrics.post_ended(replace(post, message_id=7))
    counted.metrics.post_ended(replace(post, given_up=True))
    counted.metrics.post_ended(replace(post, given_up=True))
    assert [counted.value("posts_total", kind="showcase", outcome=outcome) for outcome in ("posted", "given_up")] == [1, 2]
    for counts in (True, True, False):
        counted.metrics.voted(Vote(counts=counts, total=1))
    assert [counted.value("votes_total", act=act) for act in ("cast", "taken_back")] == [2, 1]


async def test_the_text_is_what_prometheus_reads_and_every_metric_is_described(counted: Counted) -> None:
    families = list(text_string_to_metric_families((await counted.metrics.scrape(Bot())).decode()))
    assert all(family.documentation for family in families)
    assert all(family.name.startswith(("encore_", "process_")) for family in families)
    assert not any(family.name.endswith("_created") for family in families)
    assert counted.value("build_info", version="1.2.3", python="3.11.7", discord_py="2.7.1") == 1


def test_two_registries_do_not_meet() -> None:
    one, other = Counted(), Counted()
    one.metrics.statement_sent("SELECT 1")
    assert (one.value("sql_statements_total"), other.value("sql_statements_total")) == (1, 0)
