"""A family: a track's root and all that grew from it, as somebody may see it. No I/O.

A tree is a flat sequence in the order in which it is drawn, each knot before its children: a chain of hundreds needs no recursion.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.domain.clips import Clip
from bot.domain.viewing import Seen

MOST_STEPS = 64
"""Ancestors that are followed; beyond, the one that was reached counts as the root."""
MOST_KIN = 500
"""Tracks of a family that are looked at, those nearest to the chosen one first."""
MOST_DRAWN = 30
"""Tracks that are drawn: with two lines each, as many as can still be read on a phone's screen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kin:
    """A track of a family, by how many people it is a favourite, and its votes on the server where somebody looks."""

    clip: Clip
    favourites: int = 0
    votes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Knot:
    """A place in the tree. `kin` is None where the viewer may not see the track: then nothing but the place is known of it."""

    clip_id: str
    parent_id: str | None
    """Of a knot of the tree; None: this is the root."""
    depth: int
    seen: Seen = Seen.SHOWN
    kin: Kin | None = None


@dataclass(frozen=True, slots=True)
class Tree:
    """The knots, in the order in which they are drawn, and which one was chosen; `cut`: there are more than were looked at."""

    knots: tuple[Knot, ...]
    chosen_id: str
    cut: bool = False

    @property
    def shown(self) -> list[Kin]:
        """The tracks that the viewer may see, in the tree's order."""
        return [knot.kin for knot in self.knots if knot.kin is not None]

    @property
    def chosen(self) -> Kin:
        """The track that the tree is about."""
        return next(kin for kin in self.shown if kin.clip.clip_id == self.chosen_id)

    @property
    def path(self) -> list[Knot]:
        """The knots from the root to the chosen one."""
        by_id = {knot.clip_id: knot for knot in self.knots}
        found = [by_id[self.chosen_id]]
        while (above := found[-1].parent_id) is not None:
            found.append(by_id[above])
        return found[::-1]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the drawing: a knot, or how many there are more below its parent (`more`)."""

    depth: int
    parent: int | None
    """The row of the parent."""
    knot: Knot | None = None
    on_path: bool = False
    more: int = 0


def tree_of(kin: Iterable[Kin], seen: Mapping[str, Seen], chosen_id: str) -> Tree:
    """Lay out the family of the chosen track, which is among `kin` and shown, as somebody sees it.

    Children stand by start point, then by time: both variants of a task are siblings. What the viewer may not see stays only where
    something that they may see has grown from it. A track that is not known to `seen` counts as private.
    """
    family = {each.clip.clip_id: each for each in kin}
    root_id = _root_of(family, chosen_id)
    children = _children(family.values())
    order, places = _in_order(root_id, children)
    kept = _kept(order, places, {clip_id for clip_id in order if seen.get(clip_id) is Seen.SHOWN} | {chosen_id})
    knots = tuple(_knot(family[clip_id], *places[clip_id], seen, chosen_id) for clip_id in order if clip_id in kept)
    return Tree(knots, chosen_id, cut=len(family) >= MOST_KIN)


def _root_of(family: Mapping[str, Kin], clip_id: str) -> str:
    passed = {clip_id}
    while (above := family[clip_id].clip.parent_id) is not None and above in family and above not in passed:
        passed.add(above)
        clip_id = above
    return clip_id


def _children(family: Iterable[Kin]) -> dict[str, list[Kin]]:
    children: dict[str, list[Kin]] = defaultdict(list)
    for each in family:
        if each.clip.parent_id is not None:
            children[each.clip.parent_id].append(each)
    for siblings in children.values():
        siblings.sort(key=_place_among_siblings)
    return children


def _place_among_siblings(kin: Kin) -> tuple[float, float, int, str, str]:
    clip = kin.clip
    return clip.continued_at or 0.0, clip.created_at, len(clip.variant), clip.variant, clip.clip_id


def _in_order(root_id: str, children: Mapping[str, Sequence[Kin]]) -> tuple[list[str], dict[str, tuple[str | None, int]]]:
    """Walk the tree, each knot once, whatever circles the data has; tell each one's parent and depth."""
    order: list[str] = []
    places: dict[str, tuple[str | None, int]] = {}
    waiting: list[tuple[str, str | None, int]] = [(root_id, None, 0)]
    while waiting:
        clip_id, parent_id, depth = waiting.pop()
        if clip_id in places:
            continue
        places[clip_id] = parent_id, depth
        order.append(clip_id)
        waiting += [(child.clip.clip_id, clip_id, depth + 1) for child in reversed(children.get(clip_id, ()))]
    return order, places


def _kept(order: Sequence[str], places: Mapping[str, tuple[str | None, int]], shown: Collection[str]) -> set[str]:
    """Keep what is shown, and what stands between it and the root."""
    kept: set[str] = set()
    for clip_id in reversed(order):
        if clip_id in shown or clip_id in kept:
            kept.add(clip_id)
            if (parent_id := places[clip_id][0]) is not None:
                kept.add(parent_id)
    return kept


def _knot(kin: Kin, parent_id: str | None, depth: int, seen: Mapping[str, Seen], chosen_id: str) -> Knot:
    clip_id = kin.clip.clip_id
    verdict = Seen.SHOWN if clip_id == chosen_id else seen.get(clip_id, Seen.PRIVATE)
    return Knot(clip_id=clip_id, parent_id=parent_id, depth=depth, seen=verdict, kin=kin if verdict is Seen.SHOWN else None)


def rows(tree: Tree, most: int = MOST_DRAWN) -> list[Row]:
    """Choose what is drawn: the whole path, then its neighbours, the nearest to the chosen one first, up to `most` knots in all.

    What is left out is counted below its parent.
    """
    drawn = _nearest(tree, most)
    on_path = {knot.clip_id for knot in tree.path}
    hidden = _hidden(tree, drawn)
    found: list[Row] = []
    at: dict[str, int] = {}
    open_above: list[Knot] = []
    for knot in tree.knots:
        if knot.clip_id not in drawn:
            continue
        while open_above and open_above[-1].clip_id != knot.parent_id:
            _count(open_above.pop(), hidden, at, found)
        at[knot.clip_id] = len(found)
        parent = None if knot.parent_id is None else at[knot.parent_id]
        found.append(Row(knot.depth, parent, knot, on_path=knot.clip_id in on_path))
        open_above.append(knot)
    while open_above:
        _count(open_above.pop(), hidden, at, found)
    return found


def _count(knot: Knot, hidden: Mapping[str, int], at: Mapping[str, int], found: list[Row]) -> None:
    """Close a knot: say how many more there are below it."""
    if more := hidden.get(knot.clip_id, 0):
        found.append(Row(knot.depth + 1, at[knot.clip_id], more=more))


def _nearest(tree: Tree, most: int) -> set[str]:
    """Go outwards from the path, from its end first; a knot comes after its parent, so that what is chosen hangs together."""
    children: dict[str | None, list[Knot]] = defaultdict(list)
    for knot in tree.knots:
        children[knot.parent_id].append(knot)
    edge = tree.path[::-1]
    drawn = {knot.clip_id for knot in edge}
    while edge:
        edge = [child for knot in edge for child in children[knot.clip_id] if child.clip_id not in drawn]
        for child in edge[: max(0, most - len(drawn))]:
            drawn.add(child.clip_id)
        edge = [child for child in edge if child.clip_id in drawn]
    return drawn


def _hidden(tree: Tree, drawn: Collection[str]) -> dict[str, int]:
    """Count, for each knot that is drawn, the tracks that hang on it and are not; nameless knots are not tracks to anybody."""
    below: dict[str, int] = defaultdict(int)
    for knot in reversed(tree.knots):
        if knot.clip_id not in drawn and knot.parent_id is not None:
            below[knot.parent_id] += below[knot.clip_id] + (knot.kin is not None)
    return {clip_id: count for clip_id, count in below.items() if clip_id in drawn}
