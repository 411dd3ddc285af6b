"""What a whole track is made of: pure arithmetic on a path of clips."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.domain.whole_track import Lost, Missing, Segment, around_joint, key_of, plan
from tests.contract.builders import make_clip

if TYPE_CHECKING:
    from bot.domain.clips import Clip


def path(*starts: float | None, seconds: float = 120.0) -> list[Clip]:
    """A root, and a child for each start point."""
    clips = [make_clip(clip_id="clip-0", seconds=seconds, parent_id=None, continued_at=None)]
    for number, at in enumerate(starts, start=1):
        clips.append(make_clip(clip_id=f"clip-{number}", seconds=seconds, parent_id=f"clip-{number - 1}", continued_at=at))
    return clips


def stretches(segments: tuple[Segment, ...]) -> list[tuple[str, float, float | None]]:
    return [(each.clip.clip_id, each.start, each.until) for each in segments]


def test_each_parent_plays_until_its_child_begins() -> None:
    made = plan(path(100.0, 40.5), {})
    assert stretches(made.segments) == [("clip-0", 0.0, 100.0), ("clip-1", 0.0, 40.5), ("clip-2", 0.0, None)]
    assert made.seconds == pytest.approx(260.5)
    assert made.missing == ()


def test_a_track_alone_is_whole() -> None:
    made = plan(path(), {})
    assert stretches(made.segments) == [("clip-0", 0.0, None)]


@pytest.mark.parametrize(
    ("at", "until"), [(None, 120.0), (500.0, 120.0)], ids=["a start point that is not known", "one behind the parent's measured end"]
)
def test_a_parent_plays_no_longer_than_it_is(at: float | None, until: float) -> None:
    assert stretches(plan(path(at), {}).segments)[0] == ("clip-0", 0.0, until)


@pytest.mark.parametrize("at", [0.0, -3.0])
def test_a_parent_of_no_length_is_left_out(at: float) -> None:
    assert stretches(plan(path(at), {}).segments) == [("clip-1", 0.0, None)]


def test_what_is_before_a_lost_part_is_cut_off() -> None:
    clips = path(100.0, 50.0, 20.0)
    made = plan(clips, {"clip-1": Lost.GONE})
    assert stretches(made.segments) == [("clip-2", 0.0, 20.0), ("clip-3", 0.0, None)]
    assert made.missing == (Missing(Lost.GONE, clips[1]),)


def test_a_private_part_has_no_name() -> None:
    assert plan(path(100.0), {"clip-0": Lost.PRIVATE}).missing == (Missing(Lost.PRIVATE),)


def test_a_root_that_continues_something_unknown_says_so() -> None:
    clips = path(100.0)
    clips[0] = replace(clips[0], parent_id="from-elsewhere", continued_at=10.0)
    made = plan(clips, {})
    assert [each.why for each in made.missing] == [Lost.UNKNOWN]
    assert len(made.segments) == 2


def test_a_joint_has_two_sides() -> None:
    assert stretches(around_joint(path(100.0), 10.0).segments) == [("clip-0", 90.0, 100.0), ("clip-1", 0.0, 10.0)]
    assert stretches(around_joint(path(4.0, seconds=6.0), 10.0).segments) == [("clip-0", 0.0, 4.0), ("clip-1", 0.0, 6.0)]


def test_a_plan_is_named_by_all_that_makes_its_file() -> None:
    made = plan(path(100.0), {})
    names = {
        key_of(made),
        key_of(made, "256000"),
        key_of(made, "192000"),
        key_of(plan(path(101.0), {})),
        key_of(plan(path(100.0), {"clip-0": Lost.GONE})),
    }
    assert len(names) == 5
    assert all(len(name) == 40 for name in names)
    assert key_of(plan(path(100.0), {})) == key_of(made)
