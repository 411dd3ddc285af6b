"""Wire payloads: tolerant where providers vary, exact in what is sent."""

import json
import logging
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.reports import ClipReport, Stage, TaskReport
from bot.domain.requests import CreateRequest, ExtendRequest
from bot.music.payloads import MAX_UNKNOWN_STATUSES, STAGES, Statuses, query_body, read_json, read_task, seconds, submit_body, words

SAMPLE = """{"tags": "tropical house, wave, synthwave", "title": "crazy and wild", "model": "v3.5",
"continue_clip_id": "186001a9-a9e2-487a-bdcc-417914676f24", "continue_at": 100}"""
"""The sample body of the provider's page "Extend Instrumental"."""


def read(document: dict[str, Any]) -> TaskReport:
    return read_task(document, "t1", Statuses())


def clip(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever a provider may send
    return {"continue_clip_id": "c1", "status": "complete", "audio_url": "https://cdn/c1.mp3", **fields}


def one(**fields: Any) -> ClipReport:  # noqa: ANN401 - whatever a provider may send
    (report,) = read({"status": "streaming", "clips": [clip(**fields)]}).clips
    return report


def request(continue_at: float = 100.0) -> ExtendRequest:
    return ExtendRequest(
        tags="tropical house, wave, synthwave",
        title="crazy and wild",
        model="v3.5",
        continue_clip_id="186001a9-a9e2-487a-bdcc-417914676f24",
        continue_at=continue_at,
    )


def test_the_sample_of_the_providers_page_is_what_is_sent() -> None:
    body = submit_body(request())
    assert body == json.loads(SAMPLE)
    assert json.dumps(body) == " ".join(SAMPLE.split())


def test_a_first_track_is_asked_for_as_the_page_shows_it() -> None:
    request = CreateRequest(tags="tropical house, wave, synthwave", title="crazy and wild", model="v3.5")
    assert submit_body(request) == {"tags": "tropical house, wave, synthwave", "title": "crazy and wild", "model": "v3.5"}


@pytest.mark.parametrize(("at", "number"), [(100.0, "100"), (100, "100"), (100.5, "100.5"), (0.001, "0.001"), (86399.0, "86399")])
def test_the_start_point_is_a_number_and_a_whole_one_if_it_can_be(at: float, number: str) -> None:
    assert json.dumps(submit_body(request(at))["continue_at"]) == number


def test_a_query_names_its_task() -> None:
    assert query_body("t1") == {"task_id": "t1"}


def test_the_documented_answer() -> None:
    report = read(
        {
            "code": 200,
            "task_id": "t1",
            "status": "complete",
            "prompt": {"prompt": "…"},
            "clips": [
                {
                    "continue_clip_id": "c83a492a",
                    "title": "",
                    "status": "complete",
                    "audio_url": "https://cdn1.suno.ai/c83a492a.mp3",
                    "image_url": "https://cdn1.suno.ai/image_c83a.png",
                    "video_url": "https://cdn1.suno.ai/c83a.mp4",
                    "duration": "240",
                    "created_at": "2024-07-10T13:41:18.077Z",
                    "model_name": "chirp-v3.5",
                }
            ],
        }
    )
    assert report == TaskReport(
        task_id="t1",
        stage=Stage.DONE,
        clips=(
            ClipReport(
                clip_id="c83a492a",
                stage=Stage.DONE,
                audio_url="https://cdn1.suno.ai/c83a492a.mp3",
                image_url="https://cdn1.suno.ai/image_c83a.png",
                duration=240.0,
            ),
        ),
    )


@pytest.mark.parametrize(("word", "stage"), STAGES.items())
def test_a_status_is_known_in_any_case(word: str, stage: Stage) -> None:
    spellings = (word, word.upper(), word.title(), f" {word} ", word.replace("_", "-"), word.replace("_", " "))
    assert {read({"status": spelling}).stage for spelling in spellings} == {stage}


def test_an_unknown_status_is_logged_once_a_word(caplog: pytest.LogCaptureFixture) -> None:
    statuses = Statuses()
    with caplog.at_level(logging.WARNING):
        stages = [statuses.stage(word) for word in ("mastering", "Mastering", "MASTERING", "polishing", "complete")]
    assert stages == [Stage.UNRECOGNISED] * 4 + [Stage.DONE]
    assert [record.getMessage().count("'mastering'") + record.getMessage().count("'polishing'") for record in caplog.records] == [1, 1]


def test_unknown_statuses_do_not_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    statuses = Statuses()
    for number in range(MAX_UNKNOWN_STATUSES + 50):
        statuses.stage(f"state {number}\n")
    assert len(caplog.records) == MAX_UNKNOWN_STATUSES
    assert "\n" not in caplog.messages[0]


@pytest.mark.parametrize("status", [None, "", 7, [], {}])
def test_a_status_that_is_no_word_counts_as_in_progress(status: object) -> None:
    assert read({"status": status}).stage is Stage.UNRECOGNISED
    assert not read({"status": status}).stage.ended


def test_a_clip_without_a_status_has_its_tasks() -> None:
    report = read({"status": "COMPLETED", "clips": [clip(status=None), {"id": "c2"}, clip(continue_clip_id="c3", status="error")]})
    assert [(found.clip_id, found.stage) for found in report.clips] == [("c1", Stage.DONE), ("c2", Stage.DONE), ("c3", Stage.FAILED)]


def test_clips_may_be_an_object_keyed_by_id() -> None:
    report = read({"status": "complete", "clips": {"k1": clip(continue_clip_id=None), "k2": clip(id="own", continue_clip_id="")}})
    assert [found.clip_id for found in report.clips] == ["k1", "own"]


@pytest.mark.parametrize(
    ("ids", "found"),
    [
        ({"continue_clip_id": "new", "id": "old"}, "new"),
        ({"continue_clip_id": None, "id": "old"}, "old"),
        ({"continue_clip_id": " ", "id": 17}, "17"),
        ({"continue_clip_id": ["x"], "id": "old"}, "old"),
    ],
)
def test_the_id_has_two_names(ids: dict[str, Any], found: str) -> None:
    assert one(**ids).clip_id == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("240", 240.0),
        (240, 240.0),
        (240.5, 240.5),
        (" 1.5 ", 1.5),
        (0, 0.0),
        (None, None),
        ("", None),
        ("long", None),
        (-1, None),
        ("nan", None),
        ("1e999", None),
        (float("inf"), None),
        (True, None),
        ([3], None),
        (10**400, None),
    ],
)
def test_durations(value: object, found: float | None) -> None:
    assert one(duration=value).duration == found
    assert seconds(value) == found


@pytest.mark.parametrize("value", [None, "", "  ", 5, ["https://x"], "https://x/\ny", "https://x/" + "a" * 3000])
def test_an_address_that_is_none(value: object) -> None:
    report = one(audio_url=value, image_url=value)
    assert (report.audio_url, report.image_url) == (None, None)


@pytest.mark.parametrize(
    ("value", "found"), [(None, ""), (["x"], ""), (5, "5"), (True, ""), (" a\x00b\n\u202ec\ud800 ", "a b c"), ("夜汽車 🚂", "夜汽車 🚂")]
)
def test_titles_hold_nothing_that_a_database_or_a_screen_chokes_on(value: object, found: str) -> None:
    assert one(title=value).title == found


@pytest.mark.parametrize("broken", [None, 5, "clip", [], {}, {"id": ""}, {"id": "a b"}, {"id": "x" * 300}, {"title": "no id"}])
def test_a_broken_clip_spoils_no_other(broken: object) -> None:
    assert [found.clip_id for found in read({"status": "complete", "clips": [clip(), broken, clip(continue_clip_id="c2")]}).clips] == [
        "c1",
        "c2",
    ]


def test_an_id_that_comes_twice_counts_once() -> None:
    assert len(read({"status": "complete", "clips": [clip(), clip(title="again")]}).clips) == 1


@pytest.mark.parametrize("clips", [None, "", 5, [], {}, "c1"])
def test_no_clips(clips: object) -> None:
    assert read({"status": "queued", "clips": clips}) == TaskReport(task_id="t1", stage=Stage.WAITING)


def test_words_are_kept_of_failures_alone() -> None:
    assert read({"status": "complete", "message": "fine", "clips": [clip()]}).words == ""
    assert read({"status": "failed", "msg": "no luck"}).words == "no luck"
    assert (
        read({"status": "complete", "clips": [clip(), clip(id="c2", continue_clip_id=None, status="error", error="broke")]}).words
        == "broke"
    )


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("Bad\r\n\x1b[31m tags", "Bad [31m tags"),
        ("x" * 500, "x" * 300),
        ("<html><body>502</body></html>", ""),
        ('{"code": 20', ""),
        ({"message": "m", "error": "e"}, "m"),
        ({"message": "", "error": {"message": "deep"}}, "deep"),
        ({"detail": [{"msg": "field required"}]}, "field required"),
        ({"error": {"error": {"error": {"error": "too deep"}}}}, ""),
        (None, ""),
        ([], ""),
        (429, "429"),
    ],
)
def test_words(value: object, found: str) -> None:
    assert words(value) == found


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"<html>", b"1" * 5000])
def test_what_is_no_json_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_json(body)


@pytest.mark.parametrize("body", [b'\xef\xbb\xbf{"a": "b"}', b'{"a": "b"}\n'])
def test_a_byte_order_mark_is_no_obstacle(body: bytes) -> None:
    assert read_json(body) == {"a": "b"}


def test_a_broken_character_does_not_cost_the_task_id() -> None:
    assert read_json(b'{"task_id": "t1", "message": "caf\xe9"}') == {"task_id": "t1", "message": "caf\ufffd"}


surrogates_too = st.text(st.characters(codec=None, categories=("L", "N", "P", "S", "Z", "C")))
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | surrogates_too | st.sampled_from(sorted(STAGES)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(surrogates_too, inner, max_size=4),
    max_leaves=12,
)
fields = ("continue_clip_id", "id", "title", "status", "audio_url", "image_url", "duration", "message", "error")
clip_like = st.dictionaries(st.sampled_from(fields) | surrogates_too, anything, max_size=8)
task_like = st.fixed_dictionaries(
    {}, optional={"status": anything, "clips": st.lists(clip_like | anything) | anything, "message": anything}
)


@settings(deadline=None)
@given(task_like)
def test_no_answer_breaks_the_reader(document: dict[str, Any]) -> None:
    report = read(document)
    assert len({found.clip_id for found in report.clips}) == len(report.clips)
    for text in (report.words, *(found.title for found in report.clips), *(found.clip_id for found in report.clips)):
        text.encode()
        assert "\x00" not in text
        assert "\n" not in text
