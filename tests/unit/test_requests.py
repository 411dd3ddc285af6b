import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.domain.requests import (
    EXAMPLE_AT,
    EXAMPLE_ID,
    MAX_SECONDS,
    MAX_TAGS,
    MAX_TITLE,
    ExtendRequest,
    Source,
    TypedRequest,
    build_extension,
    check_model,
    check_start,
    clean_tags,
    clean_title,
    exact_seconds,
    last_start,
    parse_clip_id,
    parse_seconds,
    parse_start,
    parse_task_id,
    show_seconds,
)
from bot.errors import BadOption

MODELS = ("v3.5", "v4")


def source(seconds: float = 192.5, title: str = "Night Train") -> Source:
    return Source(clip_id=EXAMPLE_ID, variant="B", title=title, tags="wave", seconds=seconds)


MILLISECONDS = st.integers(min_value=1, max_value=int(MAX_SECONDS * 1000) - 1).map(lambda number: number / 1000)
LENGTHS = st.floats(min_value=0.0, max_value=2 * 3600.0)
TEXTS = st.text(max_size=60) | st.text(alphabet="0123456789:.,smh end-+e", max_size=12)


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [
        ("100", 100),
        ("100.5", 100.5),
        ("100,5", 100.5),
        ("0.001", 0.001),
        ("100s", 100),
        ("100 s", 100),
        ("100 sec", 100),
        ("100 seconds", 100),
        ("100S", 100),
        ("  100  ", 100),
        ("1:40", 100),
        ("01:40", 100),
        ("1:40.5", 100.5),
        ("1:40,5", 100.5),
        ("0:01", 1),
        ("100:00", 6000),
        ("1:02:03", 3723),
        ("1:02:03.25", 3723.25),
        ("1m40s", 100),
        ("1M40S", 100),
        ("1m 40s", 100),
        ("1 m 40 s", 100),
        ("1min40s", 100),
        ("2m", 120),
        ("1h", 3600),
        ("1h2m3s", 3723),
        ("1h 2m 3,5s", 3723.5),
        ("90s", 90),
        ("23:59:59", 86399),
    ],
)
def test_a_start_point_is_read_in_every_form_that_people_use(typed: str, seconds: float) -> None:
    assert parse_seconds(typed) == seconds
    assert parse_start(typed, None) == seconds


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "0",
        "0.0",
        "0.0004",
        "0:00",
        "0s",
        "0h0m0s",
        "-1",
        "-1:40",
        "+100",
        "1:75",
        "1:60",
        "1:60:00",
        "1:2",
        "1:2:3",
        ":40",
        "1:",
        "nan",
        "inf",
        "-inf",
        "1e3",
        "0x10",
        "1_000",
        "1.000,5",
        "100.",
        ".5",
        "1 40",
        "100 m s",
        "s",
        "m",
        "h",
        "start",
        "\uff11\uff10\uff10",
        "\u0661\u0660\u0660",
        "²",
        "86400",
        "24:00:00",
        "86399.9996",
        "99999999",
        "9" * 400,
        "1:40; DROP TABLE jobs",
        "1:40\x00",
    ],
)
def test_anything_else_is_refused_in_words(typed: str) -> None:
    with pytest.raises(BadOption) as refused:
        parse_seconds(typed)
    assert refused.value.field == "continue_at"
    assert refused.value.problem.endswith(".")
    parse_seconds(refused.value.example)


@pytest.mark.parametrize("typed", ["end", "END", " End "])
@pytest.mark.parametrize(("seconds", "end"), [(192.5, 192), (192.0, 191), (192.001, 192), (1.5, 1), (2.0, 1), (3600.0, 3599)])
def test_end_is_the_last_whole_second_before_the_measured_end(typed: str, seconds: float, end: int) -> None:
    assert parse_start(typed, source(seconds)) == end


def test_end_needs_a_length() -> None:
    with pytest.raises(BadOption, match="length") as refused:
        parse_start("end", None)
    assert parse_start(refused.value.example, None) == 100


@given(LENGTHS)
def test_the_last_start_lies_strictly_inside_and_a_second_on_would_not(seconds: float) -> None:
    last = last_start(seconds)
    assume(last)
    assert last < seconds <= last + 1
    assert check_start(last, source(seconds)) == last
    assert parse_start("end", source(seconds)) == last


@pytest.mark.parametrize("at", [192.5, 192.501, 193.0, 9999.0])
def test_a_start_point_at_or_past_the_end_is_refused_with_one_that_lies_inside(at: float) -> None:
    with pytest.raises(BadOption) as refused:
        check_start(at, source())
    assert refused.value.field == "continue_at"
    assert "3:12.5 long" in refused.value.problem
    assert parse_start(refused.value.example, source()) == 192


def test_a_start_point_of_an_unknown_track_is_left_to_the_provider() -> None:
    assert check_start(80_000.0, None) == 80_000.0


def test_just_inside_is_taken() -> None:
    assert parse_start("3:12.499", source()) == 192.499


@pytest.mark.parametrize("seconds", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("typed", ["0.2", "end", "nonsense"])
def test_a_track_of_a_second_is_too_short_whatever_is_typed(seconds: float, typed: str) -> None:
    with pytest.raises(BadOption, match="too short") as refused:
        parse_start(typed, source(seconds))
    assert refused.value.field == "continue_clip_id"


@given(MILLISECONDS)
def test_what_is_shown_exactly_reads_back_as_the_same(seconds: float) -> None:
    assert parse_seconds(exact_seconds(seconds)) == seconds


@given(st.integers(min_value=1, max_value=int(MAX_SECONDS) - 1))
def test_a_whole_second_reads_back_from_either_form(seconds: int) -> None:
    assert parse_seconds(show_seconds(seconds)) == seconds
    assert exact_seconds(seconds) == show_seconds(seconds)


@given(st.floats(min_value=0.0, max_value=MAX_SECONDS))
def test_a_shown_time_is_never_later_than_it_is(seconds: float) -> None:
    hours, minutes, rest = ([0, 0, 0, *map(int, show_seconds(seconds).split(":"))])[-3:]
    assert hours * 3600 + minutes * 60 + rest == math.floor(seconds)


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0:00"), (59.9, "0:59"), (100, "1:40"), (192.9996, "3:12"), (3600, "1:00:00"), (3723, "1:02:03")]
)
def test_seconds_are_shown_as_people_write_them(seconds: float, shown: str) -> None:
    assert show_seconds(seconds) == shown


@pytest.mark.parametrize(
    "typed",
    [
        EXAMPLE_ID,
        EXAMPLE_ID.upper(),
        f"  {EXAMPLE_ID}\n",
        f"<{EXAMPLE_ID}>",
        f"https://suno.com/song/{EXAMPLE_ID}",
        f"https://suno.com/song/{EXAMPLE_ID}?sh=x#y",
        f"suno.com/song/{EXAMPLE_ID}",
        f"https://cdn1.suno.ai/{EXAMPLE_ID}.mp3",
        f"<https://cdn1.suno.ai/{EXAMPLE_ID}.mp3>",
        f"https://cdn1.suno.ai/image_{EXAMPLE_ID}.png",
        f"https://site.example/976bdbf8-b5c9-4eda-b5cd-40f0e8fc875e/clip/{EXAMPLE_ID}",
    ],
)
def test_a_track_is_named_by_its_id_or_a_link(typed: str) -> None:
    assert parse_clip_id(typed).lower() == EXAMPLE_ID


@pytest.mark.parametrize("typed", ["clip42", "a1-b2_c3", "0" * 64])
def test_ids_of_other_forms_are_taken(typed: str) -> None:
    assert parse_clip_id(typed) == typed
    assert parse_task_id(typed) == typed


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "  ",
        "Night Train",
        "nightTrain",
        "a1",
        "0" * 65,
        "-12345678",
        "\uff11\uff12\uff13\uff14\uff15\uff16\uff17",
        "https://suno.com/song/",
        "https://suno.com/song/not-an-id",
        f"https://suno.com/?song={EXAMPLE_ID}",
        f"https://suno.com/song/{EXAMPLE_ID}0",
        "http://[::1",
        "https://[/" + EXAMPLE_ID,
        "://",
        "/",
        f"{EXAMPLE_ID} {EXAMPLE_ID}",
        "B · 3:12 · Night Train · 2 h ago",
    ],
)
def test_what_names_no_track_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(BadOption) as refused:
        parse_clip_id(typed)
    assert refused.value.field == "continue_clip_id"
    assert parse_clip_id(refused.value.example) == EXAMPLE_ID


@pytest.mark.parametrize("typed", ["", "abc", "a task", "https://suno.com/song/1", "x" * 65])
def test_what_names_no_task_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(BadOption) as refused:
        parse_task_id(typed)
    assert refused.value.field == "task_id"
    assert parse_task_id(refused.value.example) == refused.value.example


def test_a_task_id_may_be_copied_with_its_marks() -> None:
    assert parse_task_id("`976bdbf8-b5c9-4eda-b5cd-40f0e8fc875e`") == "976bdbf8-b5c9-4eda-b5cd-40f0e8fc875e"


@pytest.mark.parametrize(
    ("typed", "tidy"),
    [
        ("wave", "wave"),
        (" wave ,, synthwave , ", "wave, synthwave"),
        ("Wave, wave, WAVE, synthwave", "Wave, synthwave"),
        ("wave，synthwave、house", "wave, synthwave, house"),
        ("tropical   house\n,\twave", "tropical house, wave"),
        ("wa\x00ve\x1b", "wa ve"),
        ("Straße, STRASSE", "Straße"),
        ("🎹 , 音楽", "🎹, 音楽"),
    ],
)
def test_tags_are_tidied(typed: str, tidy: str) -> None:
    assert clean_tags(typed) == tidy
    assert clean_tags(tidy) == tidy


def test_tags_are_measured_after_tidying() -> None:
    exactly = "a" * 99 + "," + "b" * 99
    assert len(clean_tags(f" {exactly} ,,, {'A' * 99}")) == MAX_TAGS


@pytest.mark.parametrize("typed", ["", " ", ",, ,", "\n", "\x00", "a" * 201, "a" * 150 + "," + "b" * 150])
def test_tags_that_cannot_be_taken_are_refused_with_an_example(typed: str) -> None:
    with pytest.raises(BadOption) as refused:
        clean_tags(typed)
    assert refused.value.field == "tags"
    assert clean_tags(refused.value.example) == refused.value.example


@pytest.mark.parametrize(
    ("typed", "of_source", "title"),
    [
        ("  Crazy \n and  wild ", "Night Train", "Crazy and wild"),
        ("", "Night Train", "Night Train"),
        (None, "Night Train", "Night Train"),
        (None, "  Night\nTrain\x00 ", "Night Train"),
        (None, "x" * 100, "x" * MAX_TITLE),
        (None, "x" * 79 + " y", "x" * 79),
        (None, "\x00\n ", "Tropical house & Wave"),
        ("", "", "Tropical house & Wave"),
        ("x" * MAX_TITLE, "", "x" * MAX_TITLE),
    ],
)
def test_a_title_is_the_own_one_or_the_sources_or_made_from_the_tags(typed: str | None, of_source: str, title: str) -> None:
    assert clean_title(typed, source=source(title=of_source), tags="tropical house, wave, synthwave") == title


def test_a_title_for_a_source_that_is_not_known() -> None:
    assert clean_title("", source=None, tags="wave") == "Wave"
    assert len(clean_title("", source=None, tags="a" * 100 + ", b")) == MAX_TITLE


def test_a_title_too_long_is_refused_with_an_example() -> None:
    with pytest.raises(BadOption, match="81") as refused:
        clean_title("x" * 81, source=None, tags="wave")
    assert refused.value.field == "title"
    assert clean_title(refused.value.example, source=None, tags="wave") == refused.value.example


@pytest.mark.parametrize(
    ("typed", "model"), [(None, "v3.5"), ("", "v3.5"), (" ", "v3.5"), ("v4", "v4"), ("V4", "v4"), ("4", "v4"), (" 3.5 ", "v3.5")]
)
def test_a_model_is_one_of_those_on_offer(typed: str | None, model: str) -> None:
    assert check_model(typed, MODELS) == model


@pytest.mark.parametrize("typed", ["v5", "35", "`", "v" * 500])
def test_another_model_is_refused_with_the_choice(typed: str) -> None:
    with pytest.raises(BadOption, match=r"v3\.5, v4") as refused:
        check_model(typed, MODELS)
    assert refused.value.field == "model"
    assert len(refused.value.problem) < 200
    assert check_model(refused.value.example, MODELS) == "v3.5"


def test_the_providers_own_sample_request_comes_out_as_it_went_in() -> None:
    typed = TypedRequest(
        continue_clip_id=EXAMPLE_ID, continue_at="100", tags="tropical house, wave, synthwave", title="crazy and wild", model="v3.5"
    )
    request = build_extension(typed, source=source(), models=MODELS)
    assert (request.continue_clip_id, request.continue_at, request.tags) == (EXAMPLE_ID, 100.0, "tropical house, wave, synthwave")
    assert (request.title, request.model) == ("crazy and wild", "v3.5")


def test_the_source_gives_what_was_left_out() -> None:
    request = build_extension(TypedRequest(continue_clip_id=EXAMPLE_ID, continue_at="end", tags="wave"), source=source(), models=MODELS)
    assert (request.title, request.model, request.continue_at) == ("Night Train", "v3.5", 192.0)


def test_a_source_is_named_as_people_do() -> None:
    assert source().label == "B · Night Train"


def tried(typed: dict[str, str], known: Source | None) -> ExtendRequest | BadOption:
    try:
        return build_extension(TypedRequest(**typed), source=known, models=MODELS)
    except BadOption as error:
        return error


FORMS = st.fixed_dictionaries(
    {
        "continue_clip_id": TEXTS | st.just(EXAMPLE_ID),
        "continue_at": TEXTS | st.just("end"),
        "tags": st.text(max_size=300),
        "title": st.text(max_size=120),
        "model": TEXTS,
    }
)


@given(typed=FORMS, known=st.none() | st.floats(1.1, 7200.0).map(source))
def test_whatever_is_typed_is_taken_or_refused_with_an_example_that_works(typed: dict[str, str], known: Source | None) -> None:
    mended: set[str] = set()
    while isinstance(outcome := tried(typed, known), BadOption):
        assert outcome.problem
        assert outcome.field not in mended, f"the example for {outcome.field} was refused itself"
        mended.add(outcome.field)
        typed = {**typed, outcome.field: outcome.example}
    assert 0 < outcome.continue_at < (MAX_SECONDS if known is None else known.seconds)
    assert 0 < len(outcome.tags) <= MAX_TAGS
    assert 0 < len(outcome.title) <= MAX_TITLE
    assert outcome.model in MODELS


@pytest.mark.parametrize("seconds", [1.2, 30.0, 99.9, 100.0, 100.1, 5000.0])
def test_the_example_for_a_start_point_lies_inside_the_track(seconds: float) -> None:
    with pytest.raises(BadOption) as refused:
        parse_start("nonsense", source(seconds))
    assert 0 < parse_start(refused.value.example, source(seconds)) < seconds
    assert (refused.value.example == EXAMPLE_AT) is (seconds > 100)
