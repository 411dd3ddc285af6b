"""The sandbox's music provider over real sockets."""

import asyncio
import io
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import av
import pytest
from PIL import Image

from bot.sandbox import music_faults as faults
from bot.sandbox.music_api import MusicApi
from bot.sandbox.music_counts import SlidingWindow
from bot.sandbox.music_faults import ELSEWHERE, Audio, Fault, Outcome, Shape
from bot.sandbox.music_library import SAMPLE_CLIP_ID, MusicSettings
from bot.sandbox.music_wire import KEY_REFUSED, Body, Endpoint
from bot.sandbox.tape import Take, first_take, record

SAMPLE = {
    "tags": "tropical house, wave, synthwave",
    "title": "crazy and wild",
    "model": "v3.5",
    "continue_clip_id": SAMPLE_CLIP_ID,
    "continue_at": 100,
}
FIRST = {"tags": "tropical house, wave, synthwave", "title": "crazy and wild"}
CREATED_KEYS = {"code", "task_id", "message"}
TASK_KEYS = {"code", "task_id", "status", "prompt", "clips"}
CLIP_KEYS = {
    "continue_clip_id",
    "title",
    "status",
    "audio_url",
    "image_url",
    "video_url",
    "image_large_url",
    "duration",
    "created_at",
    "model_name",
    "major_model_version",
}
UNLIMITED = MusicSettings(submit_interval=0, queries_per_second=0, generation=(10.0, 10.0), length=(5.0, 12.0))
MP3 = record(first_take("pop", 1, 0, between=(1.0, 2.0)), "a stand-in")

Json = dict[str, Any]


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Client:
    """A customer of the provider; `get` and `post` give the status and the body."""

    def __init__(self, api: MusicApi, http: aiohttp.ClientSession, clock: Clock) -> None:
        self.api = api
        self.http = http
        self.clock = clock

    async def post(self, endpoint: str, body: object, *, key: str | None = None) -> tuple[int, Json]:
        async with self.http.post(
            self.api.url + endpoint, json=body, headers={"Authorization": f"Bearer {key or self.api.key}"}, allow_redirects=False
        ) as answer:
            return answer.status, await answer.json()

    async def extend(self, **changes: object) -> tuple[int, Json]:
        return await self.post(Endpoint.EXTEND, SAMPLE | changes)

    async def query(self, task_id: str) -> Json:
        status, body = await self.post(Endpoint.QUERY, {"task_id": task_id})
        assert status == 200
        return body

    async def finished(self, outcome: Outcome | None = None) -> Json:
        """Submit, let the time pass, and query."""
        if outcome is not None:
            self.api.faults.next_task(outcome)
        _, created = await self.extend()
        self.clock.now += 10
        return await self.query(created["task_id"])

    async def get(self, url: str, **headers: str) -> tuple[int, bytes, Mapping[str, str]]:
        async with self.http.get(url, headers=headers) as answer:
            return answer.status, await answer.read(), answer.headers


def stand_in(_take: Take, _title: str) -> bytes:
    return MP3


@asynccontextmanager
async def provider(settings: MusicSettings = UNLIMITED, recorder: Callable[[Take, str], bytes] = stand_in) -> AsyncGenerator[Client]:
    clock = Clock()
    async with (
        MusicApi(settings, clock=clock, recorder=recorder) as api,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True), timeout=aiohttp.ClientTimeout(total=5)) as http,
    ):
        yield Client(api, http, clock)


@pytest.fixture
async def client() -> AsyncGenerator[Client]:
    async with provider() as client:
        yield client


# What the pages document


async def test_the_pages_own_request_works_and_answers_as_documented(client: Client) -> None:
    status, created = await client.extend()
    assert status == 200
    assert created.keys() == CREATED_KEYS
    assert created["code"] == 200
    assert created["message"] == KEY_REFUSED, "the page's sample says so, and it must not be believed"
    client.clock.now += 10
    task = await client.query(created["task_id"])
    assert task.keys() == TASK_KEYS
    assert (task["code"], task["task_id"], task["status"]) == (200, created["task_id"], "complete")
    assert task["prompt"].keys() == {"prompt"}
    assert len(task["clips"]) == 2
    for clip in task["clips"]:
        assert clip.keys() == CLIP_KEYS
        assert all(isinstance(value, str) for value in clip.values())
        assert (clip["title"], clip["status"], clip["model_name"]) == ("crazy and wild", "complete", "chirp-v3.5")
        assert float(clip["duration"]) > 0
        assert clip["created_at"][-1] == "Z"
    durations = {clip["duration"] for clip in task["clips"]}
    assert len(durations) == 2


async def test_a_first_clip_can_be_made_and_then_continued(client: Client) -> None:
    _, created = await client.post(Endpoint.GENERATE, FIRST)
    clip_id = client.api.tasks[created["task_id"]].clips[0].id
    assert (await client.extend(continue_clip_id=clip_id, continue_at=1))[0] == 400, "not complete yet"
    client.clock.now += 10
    status, _ = await client.extend(continue_clip_id=clip_id, continue_at="1.5")
    assert status == 200


async def test_a_task_goes_through_the_documented_statuses_and_replaces_its_audio(client: Client) -> None:
    _, created = await client.extend()
    seen: list[str] = []
    urls: list[str] = []
    for _ in range(21):
        task = await client.query(created["task_id"])
        seen.append(task["status"])
        urls += [clip["audio_url"] for clip in task["clips"][:1] if clip["audio_url"]]
        client.clock.now += 0.5
    assert list(dict.fromkeys(seen)) == ["submitted", "queued", "streaming", "complete"]
    streamed, complete = dict.fromkeys(urls)
    assert (await client.get(streamed))[0] == 404
    assert (await client.get(complete))[1] == MP3


async def test_a_streaming_file_is_a_growing_part(client: Client) -> None:
    _, created = await client.extend()
    sizes: list[int] = []
    for now in (3.5, 6.0, 8.5):
        client.clock.now = 1_000 + now
        task = await client.query(created["task_id"])
        status, data, _ = await client.get(task["clips"][0]["audio_url"])
        assert status == 200
        assert MP3.startswith(data)
        sizes.append(len(data))
    assert sizes == sorted(set(sizes))
    assert sizes[-1] < len(MP3)


async def test_generation_times_are_drawn_from_their_range() -> None:
    async with provider(MusicSettings(submit_interval=0, length=(2.0, 3.0))) as client:
        for _ in range(10):
            await client.extend()
        times = [task.seconds for task in client.api.tasks.values() if task.body]
    assert len(set(times)) == 10
    assert all(20 <= seconds <= 60 for seconds in times)


async def test_preloaded_clips_are_finished_tasks_of_their_own() -> None:
    async with provider(MusicSettings(preload=(SAMPLE_CLIP_ID, "another"))) as client:
        tasks = [client.api.task_of(clip_id) for clip_id in (SAMPLE_CLIP_ID, "another")]
        assert tasks[0].id != tasks[1].id
        task = await client.query(tasks[0].id)
        assert task["status"] == "complete"
        assert task["clips"][0]["continue_clip_id"] == SAMPLE_CLIP_ID
        assert float(task["clips"][0]["duration"]) > 100
        with pytest.raises(KeyError):
            client.api.task_of("a clip nobody made")


@pytest.mark.parametrize("continue_at", [100, 100.5, "100", "100.50", 0.5])
async def test_a_start_point_is_a_number_or_a_string_of_one(client: Client, continue_at: object) -> None:
    assert (await client.extend(continue_at=continue_at))[1]["code"] == 200


WRONG_SECONDS: list[object] = [0, -1, "soon", None, True, {}, "nan", "inf", 140, "1:40"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        *[({"continue_at": value}, "continue_at") for value in WRONG_SECONDS],
        ({"continue_clip_id": "a clip nobody made"}, "continue_clip_id"),
        ({"continue_clip_id": ""}, "continue_clip_id"),
        ({"continue_clip_id": 7}, "continue_clip_id"),
        ({"tags": ""}, "tags"),
        ({"tags": 5}, "tags"),
        ({"tags": "x" * 201}, "tags"),
        ({"title": "x" * 81}, "title"),
        ({"title": None}, "title"),
        ({"model": "v4"}, "model"),
        ({"model": ["v3.5"]}, "model"),
        ({"continueAt": 5}, "continueAt"),
    ],
)
async def test_wrong_parameters_are_refused_by_name(client: Client, changes: Json, field: str) -> None:
    status, body = await client.extend(**changes)
    assert status == body["code"] == 400
    assert field in body["message"]
    assert client.api.counts.outcomes == {"refused": 1}
    assert client.api.counts.accepted == []


@pytest.mark.parametrize("missing", ["tags", "continue_clip_id", "continue_at"])
async def test_required_parameters_are_required(client: Client, missing: str) -> None:
    status, body = await client.post(Endpoint.EXTEND, {name: value for name, value in SAMPLE.items() if name != missing})
    assert (status, body["code"]) == (400, 400)
    assert missing in body["message"]


async def test_optional_parameters_are_optional(client: Client) -> None:
    body = {name: value for name, value in SAMPLE.items() if name not in {"title", "model"}}
    assert (await client.post(Endpoint.EXTEND, body))[0] == 200
    assert (await client.extend(negative_tags="vocals", tags="x" * 200, title="y" * 80))[0] == 200


@pytest.mark.parametrize(("data", "kind"), [(b"{", "application/json"), (b"[]", "application/json"), (b"{}", "text/plain")])
async def test_a_body_that_is_not_json_is_refused(client: Client, data: bytes, kind: str) -> None:
    headers = {"Authorization": f"Bearer {client.api.key}", "Content-Type": kind}
    async with client.http.post(client.api.url + Endpoint.EXTEND, data=data, headers=headers) as answer:
        assert (answer.status, (await answer.json())["code"]) == (400, 400)


@pytest.mark.parametrize("body", [{}, {"task_id": ""}, {"task_id": 1}, {"task_id": "x", "more": 1}])
async def test_a_wrong_query_is_refused(client: Client, body: Json) -> None:
    assert (await client.post(Endpoint.QUERY, body))[0] == 400


async def test_an_unknown_task_is_not_found(client: Client) -> None:
    status, body = await client.post(Endpoint.QUERY, {"task_id": "nobody's"})
    assert status == body["code"] == 404


async def test_a_wrong_key_is_refused_and_costs_nothing(client: Client) -> None:
    client.api.credits_left = 1
    for key in ("wrong", "schlüssel", ""):
        async with client.http.post(client.api.url + Endpoint.EXTEND, json=SAMPLE, headers={"Authorization": f"Bearer {key}"}) as answer:
            assert (answer.status, await answer.json()) == (403, {"code": 403, "message": KEY_REFUSED})
    assert client.api.credits_left == 1
    assert client.api.counts.outcomes == {"unauthorized": 3}


@pytest.mark.parametrize(("method", "path"), [("GET", Endpoint.EXTEND), ("POST", "/suno/music/extend-instrumental"), ("DELETE", "/x")])
async def test_an_unknown_address_is_refused_and_told(client: Client, method: str, path: str) -> None:
    async with client.http.request(method, client.api.url + path) as answer:
        assert answer.status == 404
    assert client.api.counts.unknown == [f"{method} {path}"]


# Rate limits and credits


async def test_one_submit_in_four_seconds_counted_on_arrivals() -> None:
    async with provider(MusicSettings(generation=(1.0, 1.0), length=(2.0, 3.0))) as client:
        answers: list[int] = []
        for now, endpoint, body in [
            (0.0, Endpoint.EXTEND, SAMPLE),
            (0.0, Endpoint.QUERY, {"task_id": "x"}),
            (3.99, Endpoint.GENERATE, FIRST),
            (4.0, Endpoint.GENERATE, FIRST),
            (7.99, Endpoint.EXTEND, SAMPLE),
            (8.0, Endpoint.EXTEND, SAMPLE),
        ]:
            client.clock.now = 1_000 + now
            answers.append((await client.post(endpoint, body))[0])
        assert answers == [200, 404, 429, 200, 429, 200]
        counts = client.api.counts
        assert (counts.submits, counts.queries, counts.violations, len(counts.accepted)) == (5, 1, 2, 3)
        assert counts.arrivals(Endpoint.EXTEND) == [1_000.0, 1_007.99, 1_008.0]


async def test_two_queries_a_second_with_the_wait_in_the_answer() -> None:
    async with provider(MusicSettings()) as client:
        url, headers = client.api.url + Endpoint.QUERY, {"Authorization": f"Bearer {client.api.key}"}
        answers: list[tuple[int, str | None]] = []
        for now in (0.0, 0.9, 0.95, 1.0, 1.5, 1.9):
            client.clock.now = 1_000 + now
            async with client.http.post(url, json={"task_id": "x"}, headers=headers) as answer:
                answers.append((answer.status, answer.headers.get("Retry-After")))
        assert answers == [(404, None), (404, None), (429, "1"), (404, None), (429, "1"), (404, None)]
        assert client.api.counts.violations == 2


def test_a_window_slides_and_does_not_jump() -> None:
    window = SlidingWindow(2, 1.0)
    assert [window.admit(now) == 0 for now in (0.0, 0.75, 1.0, 1.5, 1.75, 2.0)] == [True, True, True, False, True, True]
    assert window.admit(2.5) == 0.25


async def test_credits_are_used_refused_refunded_and_set(client: Client) -> None:
    client.api.credits_left = 1
    assert (await client.extend())[0] == 200
    assert client.api.credits_left == 0
    status, body = await client.extend()
    assert status == body["code"] == 402
    client.api.refund()
    assert (await client.extend())[0] == 200
    client.api.credits_left = None
    client.api.refund()
    assert client.api.credits_left is None
    assert (await client.extend())[0] == 200


async def test_a_refused_submit_uses_neither_credit_nor_planned_outcome(client: Client) -> None:
    client.api.credits_left = 1
    client.api.faults.next_task(Outcome(fails_as="error"))
    await client.extend(continue_at=999)
    assert client.api.credits_left == 1
    _, created = await client.extend()
    assert client.api.tasks[created["task_id"]].outcome.fails_as == "error"


async def test_a_submit_that_was_sent_again_shows(client: Client) -> None:
    await client.extend()
    await client.extend(continue_at=50)
    assert client.api.counts.accepted_twice() == []
    await client.extend()
    assert client.api.counts.accepted_twice() == [SAMPLE]
    assert [arrival.task_id for arrival in client.api.counts.accepted] == [task.id for task in client.api.tasks.values() if task.body]
    assert client.api.counts.bodies(Endpoint.EXTEND) == [SAMPLE, SAMPLE | {"continue_at": 50}, SAMPLE]


# Failures on demand


@pytest.mark.parametrize(
    ("fault", "status", "kind", "says"),
    [
        (faults.http_error(500), 500, "application/json", b"Internal error"),
        (faults.http_error(400, code=400, message="no"), 400, "application/json", b'{"code": 400, "message": "no"}'),
        (faults.http_error(503, accepted=True), 503, "application/json", b"Internal error"),
        (faults.code_in_200(500), 200, "application/json", b'"code": 500'),
        (faults.too_often(), 429, "application/json", b"Too many requests"),
        (faults.too_often(status=430), 430, "application/json", b'"code": 430'),
        (faults.no_credits(), 402, "application/json", b"credits"),
        (faults.no_credits(status=429), 429, "application/json", b"credits"),
        (faults.maintenance(), 455, "application/json", b"maintenance"),
        (faults.html(), 200, "text/html", b"<html>"),
        (faults.html(status=502, accepted=True), 502, "text/html", b"<html>"),
        (faults.empty(), 200, "application/json", b""),
        (faults.empty(status=500, accepted=True), 500, "application/json", b""),
        (faults.oversized(3_000_000), 200, "application/json", b"x" * 3_000_000),
        (faults.without_task_id(), 200, "application/json", b'{"code": 200, "message": "success"}'),
        (faults.without_task_id(accepted=False), 200, "application/json", b"success"),
    ],
    ids=lambda value: value.name if isinstance(value, Fault) else None,
)
async def test_a_fault_answers_instead(client: Client, fault: Fault, status: int, kind: str, says: bytes) -> None:
    client.api.credits_left = 5
    client.api.faults.add(Endpoint.EXTEND, fault)
    headers = {"Authorization": f"Bearer {client.api.key}"}
    async with client.http.post(client.api.url + Endpoint.EXTEND, json=SAMPLE, headers=headers) as answer:
        assert (answer.status, answer.content_type) == (status, kind)
        assert says in await answer.read()
        assert "Retry-After" not in answer.headers
    accepted = fault.stage is faults.Stage.AFTER
    assert client.api.counts.outcomes == {"accepted" if accepted else "faulted": 1}
    assert client.api.credits_left == 5 - accepted
    assert client.api.counts.log[0].fault == fault.name
    assert (await client.extend())[1]["code"] == 200, "a fault strikes once"


async def test_retry_after_is_sent_when_asked_for(client: Client) -> None:
    client.api.faults.add(Endpoint.QUERY, faults.too_often(retry_after=2.5))
    url, headers = client.api.url + Endpoint.QUERY, {"Authorization": f"Bearer {client.api.key}"}
    async with client.http.post(url, json={"task_id": "x"}, headers=headers) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "2.5")


async def test_a_redirect_that_is_followed_shows(client: Client) -> None:
    client.api.faults.add(Endpoint.EXTEND, faults.redirect(), times=2)
    url, headers = client.api.url + Endpoint.EXTEND, {"Authorization": f"Bearer {client.api.key}"}
    async with client.http.post(url, json=SAMPLE, headers=headers, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (307, ELSEWHERE)
    assert client.api.counts.unknown == []
    async with client.http.post(url, json=SAMPLE, headers=headers) as answer:
        assert answer.status == 404
    assert client.api.counts.unknown == [f"POST {ELSEWHERE}"]


@pytest.mark.parametrize("accepted", [False, True])
async def test_a_reset_connection_may_or_may_not_have_been_accepted(client: Client, accepted: bool) -> None:
    client.api.faults.add(Endpoint.EXTEND, faults.reset(accepted=accepted))
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.extend()
    assert len(client.api.counts.accepted) == accepted
    assert (client.api.counts.log[0].body is not None) == accepted
    if accepted:
        assert client.api.counts.accepted[0].task_id in client.api.tasks


async def test_a_truncated_answer_announces_more_than_it_holds(client: Client) -> None:
    client.api.faults.add(Endpoint.EXTEND, faults.truncated())
    with pytest.raises(aiohttp.ClientPayloadError):
        await client.extend()
    assert len(client.api.counts.accepted) == 1


@pytest.mark.parametrize("accepted", [False, True])
async def test_a_stalled_answer_ends_with_the_server(accepted: bool) -> None:
    async with provider() as client:
        struck = asyncio.Event()

        def strikes(_body: Body) -> bool:
            struck.set()
            return True

        client.api.faults.add(Endpoint.EXTEND, faults.stall(60, accepted=accepted), when=strikes)
        answer = asyncio.create_task(client.extend())
        await struck.wait()
        assert not (await asyncio.wait({answer}, timeout=0.2))[0]
        assert len(client.api.counts.accepted) == accepted
        answer.cancel()


@pytest.mark.parametrize(("accepted", "status"), [(False, 504), (True, 200)])
async def test_a_short_stall_answers_in_the_end(client: Client, accepted: bool, status: int) -> None:
    client.api.faults.add(Endpoint.EXTEND, faults.stall(0.05, accepted=accepted))
    assert (await client.extend())[0] == status


async def test_faults_are_chosen_by_endpoint_times_and_body(client: Client) -> None:
    client.api.faults.add(Endpoint.EXTEND, faults.maintenance(), times=2, when=lambda body: body["title"] == "mine")
    client.api.faults.add(Endpoint.QUERY, faults.html(), times=None)
    titles = ["other", "mine", "mine", "mine"]
    assert [(await client.extend(title=title))[0] for title in titles] == [200, 455, 455, 200]
    assert (await client.post(Endpoint.GENERATE, FIRST))[0] == 200
    for _ in range(3):
        with pytest.raises(aiohttp.ContentTypeError):
            await client.post(Endpoint.QUERY, {"task_id": "x"})
    client.api.faults.clear()
    assert (await client.post(Endpoint.QUERY, {"task_id": "x"}))[0] == 404


async def test_a_rate_limit_is_broken_before_a_fault_strikes() -> None:
    async with provider(MusicSettings(length=(2.0, 3.0))) as client:
        await client.extend()
        client.api.faults.add(Endpoint.EXTEND, faults.maintenance())
        assert (await client.extend())[0] == 429
        client.clock.now += 4
        assert (await client.extend())[0] == 455


# How tasks turn out


@pytest.mark.parametrize("word", ["error", "failed", "generate_audio_failed", "sensitive_word_error"])
async def test_a_whole_task_can_fail(client: Client, word: str) -> None:
    task = await client.finished(Outcome(fails_as=word))
    assert task["status"] == word
    assert [(clip["status"], clip["audio_url"]) for clip in task["clips"]] == [(word, ""), (word, "")]


async def test_one_clip_can_fail_alone(client: Client) -> None:
    task = await client.finished(Outcome(clip_fails={1: "error"}))
    assert task["status"] == "complete"
    assert [clip["status"] for clip in task["clips"]] == ["complete", "error"]
    assert task["clips"][1]["audio_url"] == ""


async def test_a_task_can_have_no_end(client: Client) -> None:
    client.api.faults.next_task(Outcome(hangs_as="processing"))
    _, created = await client.extend()
    client.clock.now += 86_400
    task = await client.query(created["task_id"])
    assert {task["status"], *(clip["status"] for clip in task["clips"])} == {"processing"}


async def test_a_sibling_can_be_late(client: Client) -> None:
    client.api.faults.next_task(Outcome(late_by=90))
    _, created = await client.extend()
    client.clock.now += 10
    task = await client.query(created["task_id"])
    assert task["status"] == "streaming"
    assert [clip["status"] for clip in task["clips"]] == ["complete", "streaming"]
    client.clock.now += 90
    task = await client.query(created["task_id"])
    assert {task["status"], *(clip["status"] for clip in task["clips"])} == {"complete"}


@pytest.mark.parametrize(
    ("audio", "url", "status", "kind"),
    [
        (Audio.NULL_URL, None, 0, ""),
        (Audio.EMPTY_URL, "", 0, ""),
        (Audio.NONE_FILE, "/None.mp3", 404, "text/html"),
        (Audio.FORBIDDEN_PAGE, "/api/forbidden", 200, "text/html"),
        (Audio.EMPTY_FILE, ".mp3", 200, "audio/mpeg"),
        (Audio.HTTP_403, ".mp3", 403, "text/html"),
        (Audio.HTML_PAGE, ".mp3", 200, "text/html"),
    ],
)
async def test_a_complete_clip_can_be_without_audio_for_a_while(
    client: Client, audio: Audio, url: str | None, status: int, kind: str
) -> None:
    task = await client.finished(Outcome(audio=audio, bad_clips=frozenset({0}), mended_after=30))
    bad, good = task["clips"]
    assert (bad["status"], good["status"]) == ("complete", "complete")
    if url:
        assert bad["audio_url"].endswith(url)
        got, data, headers = await client.get(bad["audio_url"])
        assert (got, headers["Content-Type"].split(";")[0]) == (status, kind)
        assert data != MP3
        assert (data == b"") == (audio is Audio.EMPTY_FILE)
    else:
        assert bad["audio_url"] == url
    assert (await client.get(good["audio_url"]))[1] == MP3
    client.clock.now += 30
    mended = (await client.query(task["task_id"]))["clips"][0]
    assert (await client.get(mended["audio_url"]))[1] == MP3


async def test_words_shape_and_durations_can_be_a_siblings(client: Client) -> None:
    outcome = Outcome(words={"complete": "SUCCESS", "streaming": "IN_PROGRESS"}, shape=Shape.OBJECT, duration=float)
    client.api.faults.next_task(outcome)
    _, created = await client.extend()
    client.clock.now += 5
    assert (await client.query(created["task_id"]))["status"] == "IN_PROGRESS"
    client.clock.now += 5
    task = await client.query(created["task_id"])
    assert task["status"] == "SUCCESS"
    for clip_id, clip in task["clips"].items():
        assert clip["id"] == clip_id
        assert "continue_clip_id" not in clip
        assert clip["status"] == "SUCCESS"
        assert isinstance(clip["duration"], float)


async def test_outcomes_are_chosen_by_the_body(client: Client) -> None:
    client.api.faults.next_task(Outcome(fails_as="error"), when=lambda body: "metal" in str(body["tags"]))
    assert (await client.finished())["status"] == "complete"
    _, created = await client.extend(tags="metal")
    client.clock.now += 10
    assert (await client.query(created["task_id"]))["status"] == "error"


# Files


async def test_files_answer_head_and_ranges(client: Client) -> None:
    url = (await client.finished())["clips"][0]["audio_url"]
    async with client.http.head(url) as head:
        assert (head.status, head.content_length, head.content_type) == (200, len(MP3), "audio/mpeg")
        assert head.headers["Accept-Ranges"] == "bytes"
    for asked, start, stop in [("bytes=0-99", 0, 100), ("bytes=100-", 100, len(MP3)), ("bytes=-10", len(MP3) - 10, len(MP3))]:
        status, data, headers = await client.get(url, Range=asked)
        assert (status, data) == (206, MP3[start:stop])
        assert headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(MP3)}"
    for asked in (f"bytes={len(MP3)}-", "bytes=9-1", "furlongs=1-2"):
        status, _, headers = await client.get(url, Range=asked)
        assert (status, headers["Content-Range"]) == (416, f"bytes */{len(MP3)}")


async def test_covers_are_pictures(client: Client) -> None:
    clips = (await client.finished())["clips"]
    pictures: list[bytes] = []
    for url, size in [(clips[0]["image_url"], 512), (clips[1]["image_url"], 512), (clips[0]["image_large_url"], 1024)]:
        status, data, headers = await client.get(url)
        assert (status, headers["Content-Type"]) == (200, "image/png")
        with Image.open(io.BytesIO(data)) as picture:
            assert (picture.format, picture.size) == ("PNG", (size, size))
        pictures.append(data)
    assert len(set(pictures)) == 3


async def test_the_audio_is_real_and_as_long_as_the_answer_says() -> None:
    async with provider(recorder=record) as client:
        for clip in (await client.finished())["clips"]:
            _, data, _ = await client.get(clip["audio_url"])
            with av.open(io.BytesIO(data), "r") as container:
                samples = sum(frame.samples for frame in container.decode(audio=0))
                assert container.metadata["title"] == clip["title"]
            assert abs(samples / 44_100 - float(clip["duration"])) < 0.027


async def test_a_file_is_made_once_however_many_ask_and_the_oldest_are_dropped() -> None:
    made: list[tuple[Take, str]] = []

    def recorder(take: Take, title: str) -> bytes:
        made.append((take, title))
        return MP3

    async with provider(MusicSettings(submit_interval=0, generation=(1, 1), length=(2, 3), cache_bytes=len(MP3)), recorder) as client:
        one, other = (clip["audio_url"] for clip in (await client.finished())["clips"])
        await asyncio.gather(*(client.get(one) for _ in range(5)))
        assert len(made) == 1
        assert made[0][1] == "crazy and wild"
        await client.get(other)
        await client.get(other)
        assert len(made) == 2
        await client.get(one)
        assert len(made) == 3


async def test_audio_can_fail_on_its_way(client: Client) -> None:
    url = (await client.finished())["clips"][0]["audio_url"]
    client.api.faults.add(Endpoint.AUDIO, faults.http_error(503))
    client.api.faults.add(Endpoint.AUDIO, faults.truncated())
    client.api.faults.add(Endpoint.AUDIO, faults.reset(), times=2)  # aiohttp sends a GET once more by itself
    assert (await client.get(url))[0] == 503
    with pytest.raises(aiohttp.ClientPayloadError):
        await client.get(url)
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.get(url)
    assert (await client.get(url))[1] == MP3


async def test_a_recorder_that_fails_is_an_error_of_the_server_and_tried_again() -> None:
    fails = [True, False]

    def recorder(_take: Take, _title: str) -> bytes:
        if fails.pop(0):
            raise RuntimeError("out of tape")
        return MP3

    async with provider(recorder=recorder) as client:
        url = (await client.finished())["clips"][0]["audio_url"]
        assert (await client.get(url))[0] == 500
        assert (await client.get(url))[1] == MP3


async def test_it_closes_twice_and_at_once() -> None:
    api = MusicApi(UNLIMITED)
    await api.close()
    async with provider() as client:
        await client.api.close()
        with pytest.raises(aiohttp.ClientConnectionError):
            await client.extend()


async def test_the_fast_settings_take_six_seconds() -> None:
    settings = MusicSettings.fast()
    assert (settings.generation, settings.submit_interval, settings.queries_per_second) == ((6.0, 6.0), 4.0, 2)
    async with provider(settings) as client:
        _, created = await client.extend()
        client.clock.now += 6
        task = await client.query(created["task_id"])
        assert task["status"] == "complete"
        assert all(24 <= float(clip["duration"]) <= 40 for clip in task["clips"])
        assert json.dumps(SAMPLE) == json.dumps(client.api.counts.bodies(Endpoint.EXTEND)[0])
