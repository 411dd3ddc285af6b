"""The tree: who stands where in it, what of it a viewer sees, and what of a large one is drawn."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.family import MOST_DRAWN, MOST_KIN, MOST_STEPS, Kin, Row, Tree, rows, tree_of
from bot.domain.viewing import Seen
from bot.ui.drawing import WIDTH
from bot.ui.family_picture import DEEPEST, EDGE, RADIUS, layout
from tests.contract.builders import make_clip


def kin(clip_id: str, parent_id: str | None, *, at: float = 100.0, **given: object) -> Kin:
    return Kin(clip=make_clip(clip_id, **{"parent_id": parent_id, "continued_at": at, **given}))


def seen(family: Sequence[Kin], **other: Seen) -> dict[str, Seen]:
    return {each.clip.clip_id: Seen.SHOWN for each in family} | other


def shape(tree: Tree) -> list[tuple[str, str | None, int]]:
    return [(knot.clip_id, knot.parent_id, knot.depth) for knot in tree.knots]


def crowd(number: int) -> list[Kin]:
    return [kin("root", None), *(kin(f"c{n}", "root", at=float(n)) for n in range(number))]


def test_children_stand_by_start_point_then_by_time_then_by_variant() -> None:
    family = [
        kin("root", None),
        kin("late", "root", at=90.0, created_at=9.0),
        kin("b", "root", at=10.0, variant="B", created_at=5.0),
        kin("a", "root", at=10.0, variant="A", created_at=5.0),
        kin("early", "root", at=10.0, variant="Z", created_at=1.0),
        kin("grandchild", "a"),
    ]
    tree = tree_of(family, seen(family), "grandchild")
    below_root = [("early", "root", 1), ("a", "root", 1), ("grandchild", "a", 2), ("b", "root", 1), ("late", "root", 1)]
    assert shape(tree) == [("root", None, 0), *below_root]
    assert [knot.clip_id for knot in tree.path] == ["root", "a", "grandchild"]


def test_a_track_whose_parent_is_gone_is_a_root() -> None:
    family = [kin("child", "gone"), kin("grandchild", "child")]
    assert shape(tree_of(family, seen(family), "grandchild")) == [("child", None, 0), ("grandchild", "child", 1)]


def test_a_track_alone_is_a_family() -> None:
    tree = tree_of([kin("alone", None)], {"alone": Seen.SHOWN}, "alone")
    assert [row.knot and row.knot.clip_id for row in rows(tree)] == ["alone"]


@pytest.mark.parametrize("parents", [{"a": "a"}, {"a": "b", "b": "a"}, {"a": "b", "b": "c", "c": "b", "d": "c"}])
def test_circles_end(parents: dict[str, str]) -> None:
    family = [kin(clip_id, parent_id) for clip_id, parent_id in parents.items()]
    tree = tree_of(family, seen(family), "a")
    assert {knot.clip_id for knot in tree.knots} == parents.keys()
    assert tree.path[-1].clip_id == "a"


@pytest.mark.parametrize("verdict", [Seen.PRIVATE, Seen.REMOVED])
def test_what_may_not_be_seen_is_a_nameless_knot_where_the_tree_needs_it(verdict: Seen) -> None:
    family = [kin("root", None), kin("secret", "root"), kin("child", "secret"), kin("leaf", "root"), kin("mine", "root")]
    tree = tree_of(family, seen(family, secret=verdict, leaf=verdict), "mine")
    assert [(knot.clip_id, knot.seen, knot.kin is None) for knot in tree.knots] == [
        ("root", Seen.SHOWN, False),
        ("mine", Seen.SHOWN, False),
        ("secret", verdict, True),
        ("child", Seen.SHOWN, False),
    ]
    assert {each.clip.clip_id for each in tree.shown} == {"root", "mine", "child"}


def test_what_nobody_has_judged_counts_as_private() -> None:
    family = [kin("root", None), kin("mine", "root")]
    tree = tree_of(family, {}, "mine")
    assert [knot.seen for knot in tree.knots] == [Seen.PRIVATE, Seen.SHOWN]


def test_a_small_family_is_drawn_whole() -> None:
    tree = tree_of(crowd(MOST_DRAWN - 1), seen(crowd(MOST_DRAWN - 1)), "c3")
    drawn = rows(tree)
    assert len(drawn) == MOST_DRAWN
    assert not any(row.more for row in drawn)


def test_of_a_large_family_the_nearest_are_drawn_and_the_rest_is_counted() -> None:
    family = [*crowd(MOST_KIN), kin("child", "c499"), kin("grandchild", "child"), kin("far", "c0")]
    tree = tree_of(family, seen(family), "c499")
    drawn = rows(tree)
    names = {row.knot.clip_id for row in drawn if row.knot}
    assert len(names) == MOST_DRAWN
    assert {"root", "c499", "child"} <= names
    assert "far" not in names
    assert sum(row.more for row in drawn) == len(family) - MOST_DRAWN
    assert tree.cut


def test_a_path_longer_than_what_fits_is_drawn_whole() -> None:
    family = [kin(f"c{n}", f"c{n - 1}") for n in range(MOST_STEPS)]
    family += [kin(f"beside-{n}", "c0") for n in range(9)]
    drawn = rows(tree_of(family, seen(family), f"c{MOST_STEPS - 1}"))
    assert sum(row.on_path for row in drawn) == MOST_STEPS
    assert [row.more for row in drawn if row.more] == [9]


def test_a_chain_of_hundreds_is_laid_out() -> None:
    family = [kin(f"c{n}", f"c{n - 1}") for n in range(MOST_KIN)]
    drawn = rows(tree_of(family, seen(family), "c0"))
    assert [row.more for row in drawn if row.more] == [MOST_KIN - MOST_DRAWN]


@st.composite
def families(draw: st.DrawFn) -> tuple[list[Kin], dict[str, Seen], str]:
    """Any graph of parents, circles and missing ones among them, and any verdicts."""
    size = draw(st.integers(1, 70))
    parents = draw(st.lists(st.one_of(st.none(), st.integers(-1, size)), min_size=size, max_size=size))
    near = draw(st.booleans())
    family = [
        kin(f"c{n}", None if parent is None else f"c{max(parent, n - 2) if near else parent}", at=float(n % 5))
        for n, parent in enumerate(parents)
    ]
    verdicts = draw(st.lists(st.sampled_from(Seen), min_size=size, max_size=size))
    return family, {f"c{n}": verdict for n, verdict in enumerate(verdicts)}, f"c{draw(st.integers(0, size - 1))}"


@given(families(), st.integers(1, 40))
def test_whatever_the_family_the_path_is_drawn_and_nothing_is_lost(made: tuple[list[Kin], dict[str, Seen], str], most: int) -> None:
    family, verdicts, chosen = made
    tree = tree_of(family, verdicts, chosen)
    drawn = rows(tree, most)
    assert [row.knot.clip_id for row in drawn if row.knot and row.on_path] == [knot.clip_id for knot in tree.path]
    assert tree.path[-1].clip_id == chosen
    knots = [row for row in drawn if row.knot]
    assert len(knots) <= max(most, len(tree.path))
    hidden = len(tree.shown) - sum(row.knot.kin is not None for row in drawn if row.knot)
    assert sum(row.more for row in drawn) == hidden
    for row in drawn:
        parent = None if row.parent is None else drawn[row.parent]
        assert row.depth == (0 if parent is None else parent.depth + 1)
    assert all(knot.kin is None or verdicts[knot.clip_id] is Seen.SHOWN or knot.clip_id == chosen for knot in tree.knots)


@given(families(), st.integers(1, 40))
def test_whatever_is_drawn_lies_inside_the_picture_and_nothing_overlaps(made: tuple[list[Kin], dict[str, Seen], str], most: int) -> None:
    drawn: list[Row] = rows(tree_of(*made), most)
    boxes, height = layout(drawn)
    assert len(boxes) == len(drawn)
    for box, following in pairwise(boxes):
        assert box.bottom <= following.top
    for row, box in zip(drawn, boxes, strict=True):
        assert EDGE <= box.top < box.y < box.bottom <= height
        assert EDGE <= box.x - RADIUS < box.x + RADIUS < box.left <= WIDTH - DEEPEST
        if row.parent is not None:
            assert boxes[row.parent].x < box.x
            assert boxes[row.parent].bottom <= box.top
