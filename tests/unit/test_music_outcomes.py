"""What an answer of the music API means: every row of the outcome table."""

import json
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.reports import Stage, TaskReport
from bot.errors import (
    Ambiguous,
    ContentRefused,
    KeyRefused,
    Maintenance,
    NotAccepted,
    OutOfCredits,
    ProviderError,
    Refused,
    TaskUnknown,
    TooOften,
    Unreadable,
)
from bot.music.outcomes import MAX_RETRY_AFTER, Answer, report_of, task_id_of
from bot.music.payloads import Statuses

NOW = 1_720_000_000.0
CREATED = {"code": 200, "task_id": "t1", "message": ""}


def answer(status: int = 200, body: object = b"", retry_after: str | None = None) -> Answer:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status=status, body=data, retry_after=retry_after, received_at=NOW)


def submit(status: int, body: object, retry_after: str | None = None) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        task_id_of(answer(status, body, retry_after))
    return caught.value


def query(status: int, body: object, retry_after: str | None = None) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        report_of(answer(status, body, retry_after), "t1", Statuses())
    return caught.value


@pytest.mark.parametrize(
    ("body", "task_id"),
    [
        (CREATED, "t1"),
        ({"code": "200", "task_id": "t1"}, "t1"),
        ({"code": 200.0, "task_id": 42}, "42"),
        # The sample of the provider's own page: an error text beside a success.
        ({"code": 200, "task_id": "t1", "message": "The current song has not been completed, Try again later."}, "t1"),
        ({"code": 200, "task_id": "t1", "message": "insufficient credits", "data": None}, "t1"),
    ],
)
def test_created_is_code_200_and_a_task_id(body: dict[str, Any], task_id: str) -> None:
    assert task_id_of(answer(200, body)) == task_id
    assert task_id_of(answer(201, body)) == task_id


CODES: list[tuple[int, type[ProviderError]]] = [
    (400, Refused),
    (401, KeyRefused),
    (402, OutOfCredits),
    (403, KeyRefused),
    (404, Refused),
    (405, TooOften),
    (409, Refused),
    (410, Refused),
    (413, Refused),
    (418, Refused),
    (422, Refused),
    (429, TooOften),
    (430, TooOften),
    (451, ContentRefused),
    (455, Maintenance),
    (408, Ambiguous),
    (500, Ambiguous),
    (502, Ambiguous),
    (503, Ambiguous),
    (504, Ambiguous),
]


@pytest.mark.parametrize(("code", "kind"), CODES)
def test_a_submits_status_as_http_as_code_and_as_both(code: int, kind: type[ProviderError]) -> None:
    said = {"code": code, "message": "words"}
    for status, body in ((code, said), (code, b""), (code, {"message": "words"}), (200, said), (200, said | {"code": str(code)})):
        assert type(submit(status, body)) is kind, (status, body)
    assert submit(200, said).words == "words"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_leaves_a_doubt(status: int) -> None:
    assert type(submit(status, CREATED)) is Ambiguous


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"OK",
        b"<html>welcome</html>",
        b'{"code": 200, "task_id": "t',
        b"[]",
        b"null",
        b"200",
        {"code": 200},
        {"code": 200, "task_id": None},
        {"code": 200, "task_id": ""},
        {"code": 200, "task_id": "  "},
        {"code": 200, "task_id": {"id": "t1"}},
        {"code": 200, "task_id": True},
        {"task_id": "t1"},
        {"task_id": "t1", "status": "queued"},
        {"code": None, "task_id": "t1"},
        {"code": "success", "task_id": "t1"},
        {"code": True, "task_id": "t1"},
        {"code": 0, "task_id": "t1"},
        {"code": 1, "message": "who knows"},
        {"code": 201, "task_id": "t1"},
        {"code": 999, "message": "who knows"},
        {"code": 500, "message": "internal error"},
        {"code": -1},
    ],
)
def test_what_nobody_can_tell_is_ambiguous(body: object) -> None:
    assert type(submit(200, body)) is Ambiguous


@pytest.mark.parametrize("status", [400, 404, 429, 455, 500, 503])
def test_an_error_around_a_success_is_ambiguous(status: int) -> None:
    assert type(submit(status, CREATED)) is Ambiguous


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, 429, TooOften),
        (400, 451, ContentRefused),
        (400, 402, OutOfCredits),
        (403, 455, Maintenance),
        (429, 402, OutOfCredits),
        (429, 400, TooOften),
        (401, 500, KeyRefused),
        (400, 500, Refused),
        (500, 429, Ambiguous),
        (503, 455, Ambiguous),
        (408, 429, Ambiguous),
    ],
)
def test_the_http_error_wins_unless_the_code_says_more(status: int, code: int, kind: type[ProviderError]) -> None:
    assert type(submit(status, {"code": code})) is kind


@pytest.mark.parametrize("said", ["Insufficient credits", "Your balance is too low", "payment required", "you have 0 credit left"])
def test_a_429_that_speaks_of_credits(said: str) -> None:
    assert type(submit(429, {"message": said})) is OutOfCredits
    assert type(submit(200, {"code": 429, "error": {"message": said}})) is OutOfCredits
    assert type(submit(429, said.encode())) is OutOfCredits


@pytest.mark.parametrize("said", ["too many requests", "accredited limits", "slow down", ""])
def test_a_429_that_does_not(said: str) -> None:
    assert type(submit(429, {"message": said})) is TooOften


@pytest.mark.parametrize(
    "said",
    [
        "Song description contained artist name: x",
        "flagged by moderation",
        "The text contains sensitive words",
        "inappropriate content",
        "Prohibited.",
        "copyrighted material",
    ],
)
@pytest.mark.parametrize("status", [400, 413, 422])
def test_moderation_speaks_in_words(status: int, said: str) -> None:
    assert type(submit(status, {"msg": said})) is ContentRefused
    assert type(submit(200, {"code": status, "detail": said})) is ContentRefused


@pytest.mark.parametrize("said", ["title too long", "the model is case-sensitive", "a moderate tempo"])
def test_other_words_are_about_the_parameters(said: str) -> None:
    assert type(submit(400, {"msg": said})) is Refused


def test_words_are_the_providers_cleaned_and_short() -> None:
    assert submit(400, {"message": "a\x00b\nc" + "x" * 400}).words == "a b c" + "x" * 295
    assert submit(400, b"<!doctype html><html>nginx</html>").words == ""
    assert submit(400, b"plain words").words == "plain words"
    assert submit(400, b'{"message": "cut of').words == ""


@pytest.mark.parametrize(
    ("header", "body", "wait"),
    [
        (None, {}, None),
        ("7", {}, 7.0),
        (" 2.5 ", {}, 2.5),
        ("0", {}, 0.0),
        (formatdate(NOW + 30, usegmt=True), {}, 30.0),
        (formatdate(NOW + 30), {}, 30.0),
        (formatdate(NOW - 30, usegmt=True), {}, 0.0),
        ("soon", {}, None),
        ("-5", {}, None),
        ("Wed, 99 Foo 2024 99:99:99 GMT", {}, None),
        (None, {"retry_after": 3}, 3.0),
        (None, {"retry_after": "4"}, 4.0),
        (None, {"retry_after": "later"}, None),
        ("9", {"retry_after": 3}, 9.0),
        ("99999999", {}, MAX_RETRY_AFTER),
    ],
)
def test_retry_after(header: str | None, body: dict[str, Any], wait: float | None) -> None:
    error = submit(429, body, header)
    assert isinstance(error, TooOften)
    assert error.retry_after == wait
    lost = query(503, body, header)
    assert isinstance(lost, Unreadable)
    assert lost.retry_after == wait


@pytest.mark.parametrize(("code", "kind"), CODES)
def test_a_querys_status(code: int, kind: type[ProviderError]) -> None:
    expected = Unreadable if kind is Ambiguous else kind
    if code in (404, 410):
        expected = TaskUnknown
    for status, body in ((code, {"code": code}), (code, b""), (200, {"code": code})):
        assert type(query(status, body)) is expected, (status, body)


@pytest.mark.parametrize(
    "said",
    ["task not found", "Task does not exist", "the task doesn't exist", "invalid task_id", "no such task", "Not found", "unknown task id"],
)
def test_a_400_may_mean_an_unknown_task(said: str) -> None:
    assert type(query(400, {"message": said})) is TaskUnknown
    assert type(query(200, {"code": 400, "msg": said})) is TaskUnknown
    assert type(submit(400, {"message": said})) is Refused


@pytest.mark.parametrize("said", ["task_id is required", "bad request", ""])
def test_another_400_does_not(said: str) -> None:
    assert type(query(400, {"message": said})) is Refused


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"code": 200, "clips": [', b"[]", {"code": 500}, {"code": 1}, {}, {"message": "?"}])
def test_an_unreadable_query_can_be_asked_again(body: object) -> None:
    assert type(query(200, body)) is Unreadable


@pytest.mark.parametrize("status", [301, 307, 408, 500, 502, 503, 504])
def test_a_query_that_the_provider_could_not_answer(status: int) -> None:
    assert type(query(status, b"<html>bad gateway</html>")) is Unreadable


@pytest.mark.parametrize("code", [{"code": 200}, {"code": "200"}, {}, {"code": None}])
def test_a_report(code: dict[str, Any]) -> None:
    report = report_of(answer(200, code | {"status": "Streaming", "clips": None}), "t1", Statuses())
    assert report == TaskReport(task_id="t1", stage=Stage.GENERATING)


def test_what_may_be_sent_again_is_exactly_not_accepted() -> None:
    again = {code for code, kind in CODES if issubclass(kind, NotAccepted)}
    assert again == {401, 402, 403, 405, 429, 430, 455}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
keys = st.sampled_from(("code", "task_id", "message", "msg", "error", "detail", "retry_after", "status", "clips"))
bodies = st.binary() | st.dictionaries(keys, anything | st.sampled_from((200, "200", 429, 500, "t1"))).map(json.dumps).map(str.encode)


def outcome(read: Callable[[], object]) -> object:
    try:
        return read()
    except ProviderError as error:
        return error


@settings(deadline=None)
@given(st.integers(100, 599), bodies, st.none() | st.text())
def test_every_answer_is_a_result_or_an_error_of_ours(status: int, body: bytes, header: str | None) -> None:
    given_answer = answer(status, body, header)
    submitted = outcome(lambda: task_id_of(given_answer))
    if isinstance(submitted, str):
        assert submitted
        assert 200 <= status < 300
        assert str(json.loads(body)["code"]) in ("200", "200.0")
    else:
        assert isinstance(submitted, NotAccepted | Refused | Ambiguous)
        assert len(submitted.words) <= 300
    queried = outcome(lambda: report_of(given_answer, "t1", Statuses()))
    assert isinstance(queried, TaskReport | NotAccepted | Refused | Unreadable | TaskUnknown)
