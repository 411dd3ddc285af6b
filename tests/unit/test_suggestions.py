import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.clips import KnownClip
from bot.domain.requests import NO_TRACK, Source, clean_tags, parse_clip_id, parse_start
from bot.domain.starters import Starter
from bot.errors import BadOption, NoTrackYet
from bot.ui import suggestions
from bot.ui.suggestions import LENGTH, LIMIT, STYLES, Choice, ago
from tests.unit.hostile import TEXTS
from tests.unit.vocabulary import FORBIDDEN

NOW = 1_790_000_000.0


def known(
    title: str = "Night Train", *, clip_id: str = "clip-1", since: float = NOW - 7200, seconds: float = 192.5, variant: str = "B"
) -> KnownClip:
    return KnownClip(clip_id=clip_id, variant=variant, title=title, tags="wave", seconds=seconds, known_since=since)


def check_choices(choices: list[Choice]) -> None:
    """Hold choices against Discord's limits (Application Command Option Choice Structure)."""
    assert len(choices) <= LIMIT == 25
    for choice in choices:
        assert 1 <= len(choice.name) <= LENGTH == 100
        assert 1 <= len(choice.value) <= LENGTH
        assert not FORBIDDEN.search(choice.name)


def test_a_track_is_offered_as_people_know_it() -> None:
    (choice,) = suggestions.tracks([known()], now=NOW)
    assert (choice.name, choice.value) == ("B · 3:12 · Night Train · 2 h ago", "clip-1")


@pytest.mark.parametrize("title", TEXTS)
def test_whatever_its_title_a_track_fits(title: str) -> None:
    choices = suggestions.tracks([known(title, seconds=86_399, since=0.0, variant="26")], now=NOW)
    check_choices(choices)
    assert choices[0].name.endswith(" d ago")
    assert "\n" not in choices[0].name


def test_at_most_twenty_five_tracks_are_offered_and_none_whose_id_does_not_fit() -> None:
    choices = suggestions.tracks([known(clip_id="x" * 101), *(known(clip_id=f"c{number}") for number in range(40))], now=NOW)
    check_choices(choices)
    assert [choice.value for choice in choices] == [f"c{number}" for number in range(24)]


def starter(number: int = 1, title: str = "Night Train") -> Starter:
    clip_id = f"starter-{number}"
    return Starter(clip_id, Source(clip_id=clip_id, variant="A", title=title, tags="wave", seconds=120.0))


def test_starters_come_after_a_persons_own_tracks_and_first_where_there_are_none() -> None:
    choices = suggestions.tracks([known()], [starter(), Starter("starter-2")], now=NOW)
    assert [choice.name for choice in choices[1:]] == ["Starter · A · 2:00 · Night Train", "Starter · starter-2"]
    assert [choice.value for choice in choices] == ["clip-1", "starter-1", "starter-2"]
    assert [choice.value for choice in suggestions.tracks([], [starter()], now=NOW)] == ["starter-1"]


def test_a_starter_that_is_known_already_is_offered_once() -> None:
    assert [choice.value for choice in suggestions.tracks([known(clip_id="starter-1")], [starter()], now=NOW)] == ["starter-1"]


@pytest.mark.parametrize(("own", "starters", "kept"), [(40, 2, 2), (40, 10, 5), (20, 10, 5), (15, 10, 10), (0, 30, 25)])
def test_many_tracks_leave_room_for_some_starters(own: int, starters: int, kept: int) -> None:
    listed = [known(clip_id=f"c{number}") for number in range(own)]
    choices = suggestions.tracks(listed, [starter(number) for number in range(starters)], now=NOW)
    check_choices(choices)
    assert sum(choice.value.startswith("starter") for choice in choices) == kept
    assert len(choices) == min(LIMIT, own + starters)


def test_no_title_turns_the_line_and_the_age_behind_it() -> None:
    names = [choice.name for choice in suggestions.tracks([known(title="אהבה"), known(title="\u202enight")], now=NOW)]
    assert names[0].startswith("B · 3:12 · \u2068אהבה\u2069 · ")
    assert names[1].startswith("B · 3:12 · night · ")


@pytest.mark.parametrize("title", TEXTS)
def test_whatever_its_title_a_starter_fits(title: str) -> None:
    check_choices(suggestions.tracks([], [starter(title=title), Starter("x" * 64)], now=NOW))


@pytest.mark.parametrize(
    ("typed", "says"), [("", "No track yet"), ("  ", "No track yet"), ("no such thing", "No track found"), (NO_TRACK, "No")]
)
def test_where_there_is_nothing_the_only_choice_says_what_to_do_next(typed: str, says: str) -> None:
    (choice,) = suggestions.tracks([], now=NOW, typed=typed)
    check_choices([choice])
    assert choice.name.startswith(says)
    assert "/help" in choice.name
    with pytest.raises(NoTrackYet):
        parse_clip_id(choice.value)


def test_an_id_that_nobody_knows_is_left_as_it_was_typed() -> None:
    assert suggestions.tracks([], now=NOW, typed="186001a9-a9e2-487a-bdcc-417914676f24") == []


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-5, "just now"), (59, "just now"), (60, "1 min ago"), (3599, "59 min ago"), (7300, "2 h ago"), (86400 * 3, "3 d ago")],
)
def test_ages(seconds: float, text: str) -> None:
    assert ago(seconds) == text


def test_start_points_are_the_end_and_round_points_before_it() -> None:
    choices = suggestions.starts("", seconds=32.5)
    assert [choice.name for choice in choices] == ["The end · 0:32", "0:30", "0:25", "0:20", "0:15", "0:10", "0:05"]
    assert choices[0].value == "end"


@given(st.floats(1.1, 7200.0), st.text(max_size=12) | st.sampled_from(["", "1", "1:", "1:4", "100", "end", "E", "2:00", " 1:40 "]))
def test_every_offered_start_point_is_one(seconds: float, typed: str) -> None:
    source = Source(clip_id="c", variant="A", title="", tags="", seconds=seconds)
    choices = suggestions.starts(typed, seconds=seconds)
    check_choices(choices)
    assert choices
    for choice in choices:
        assert 0 < parse_start(choice.value, source) < seconds


@pytest.mark.parametrize("seconds", [10.0, 60.0, 192.5, 600.0, 3600.0, 7200.0])
def test_the_points_are_spread_over_the_track(seconds: float) -> None:
    choices = suggestions.starts("", seconds=seconds)
    assert len(choices) >= min(LIMIT, int(seconds / 5)) // 2


def test_what_was_typed_is_offered_first_if_it_is_one() -> None:
    first = suggestions.starts("100,5", seconds=192.5)[0]
    assert (first.name, first.value) == ("1:40.5 · as typed", "100,5")


@pytest.mark.parametrize("typed", ["193", "9:99", "x"])
def test_what_is_none_is_not_offered(typed: str) -> None:
    assert not [choice for choice in suggestions.starts(typed, seconds=192.5) if "as typed" in choice.name]


def test_what_fits_what_was_typed_comes_alone_else_everything() -> None:
    assert {choice.value for choice in suggestions.starts("2:", seconds=192.5)} <= {f"2:{second:02}" for second in range(0, 60, 5)} | {
        "end"
    }
    assert suggestions.starts("zzz", seconds=192.5) == suggestions.starts("", seconds=192.5)


def test_without_a_length_only_what_was_typed_is_known() -> None:
    assert suggestions.starts("", seconds=None) == []
    assert [choice.value for choice in suggestions.starts("1:40", seconds=None)] == ["1:40"]
    assert suggestions.starts("1:40", seconds=0.5) == []


def test_typed_spaces_do_not_change_what_is_meant() -> None:
    (choice,) = suggestions.starts("1m" + " " * 200 + "40s", seconds=None)
    assert parse_start(choice.value, None) == 100.0


def values(typed: str, own: str = "", used: tuple[str, ...] = ()) -> list[str]:
    choices = suggestions.tags(typed, own=own, used=used)
    check_choices(choices)
    return [choice.value for choice in choices]


def test_the_tracks_own_styles_come_first_then_those_used_before() -> None:
    choices = suggestions.tags("", own="wave", used=["house", "wave", "dub, techno"])
    assert [(choice.name, choice.value) for choice in choices] == [
        ("Same as the track · wave", "wave"),
        ("house", "house"),
        ("dub, techno", "dub, techno"),
    ]


def test_the_last_part_is_completed() -> None:
    assert values("tropical house, wav")[:2] == ["tropical house, wav", "tropical house, wave"]
    assert "wave, synthwave" in values("wave, syn")
    assert "wave, wave" not in values("wave, wav"), "what is there is not offered again"


def test_a_beginning_comes_before_a_middle() -> None:
    found = values("wave")
    assert found.index("wave") < found.index("retrowave")


def test_sets_are_filtered_by_what_was_typed() -> None:
    assert values("dub", own="wave", used=("dub, techno", "house"))[0] == "dub, techno"


def test_what_no_longer_fits_is_not_offered() -> None:
    assert values("x" * 98 + ", wav") == []
    assert values("", own="y" * 101, used=("z" * 100,)) == ["z" * 100]


def test_a_long_name_is_cut_and_its_value_is_not() -> None:
    (choice,) = suggestions.tags("", own="y" * 95, used=[])
    assert choice.value == "y" * 95
    assert len(choice.name) == LENGTH


@given(st.text(max_size=120), st.text(max_size=120), st.lists(st.text(min_size=1, max_size=120), max_size=30))
def test_whatever_is_typed_every_offer_fits_and_can_be_taken(typed: str, own: str, used: list[str]) -> None:
    given_by_others = {own, *used, typed.strip()}
    for value in values(typed, own, tuple(used)):
        if value in given_by_others:
            continue
        try:
            clean_tags(value)
        except BadOption as error:
            raise AssertionError(f"{value!r} was offered") from error


def test_styles_are_in_order_and_unlike() -> None:
    assert list(STYLES) == sorted(set(STYLES))


def test_models_are_those_on_offer() -> None:
    assert [choice.value for choice in suggestions.models("", ["v3.5", "v4"])] == ["v3.5", "v4"]
    assert [choice.value for choice in suggestions.models(" V4 ", ["v3.5", "v4"])] == ["v4"]
    assert suggestions.models("x", ["v3.5"]) == []
