"""Sessions: what keeps and shows them, which posts are read by, and what runs them, which needs posts in turn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.app.discord_side import DiscordSide
from bot.app.ground import Ground
from bot.app.workshop import Workshop
from bot.domain.family import Tree
from bot.domain.sessions.model import Session
from bot.domain.standing import Standing
from bot.services.allowances import Allowances
from bot.services.lanes import Lanes
from bot.services.posting import Posting
from bot.services.removals import Removals
from bot.services.sessions.keeping import Keeping
from bot.services.sessions.making import Making
from bot.services.sessions.noticeboard import Noticeboard
from bot.services.sessions.running import Running
from bot.services.sessions.showing import Showing
from bot.store.sessions import SessionStore
from bot.ui import family_card


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What there is of sessions before anything is posted."""

    store: SessionStore
    keeping: Keeping
    showing: Showing


def keep_sessions(ground: Ground, workshop: Workshop, lanes: Lanes, on_change: Callable[[Session], None]) -> Kept:
    """Put together what reads sessions; `on_change` hears of every one that was saved."""
    store = SessionStore(ground.database)
    keeping = Keeping(store=store, on_change=on_change)

    async def standing(job_id: str | None) -> Standing | None:
        job = await ground.jobs.get(job_id) if job_id else None
        return None if job is None else lanes.standing(job)

    showing = Showing(
        keeping=keeping,
        store=store,
        clips=ground.clips,
        visibility=ground.visibility,
        standing=standing,
        audio=workshop.audio,
        listening=workshop.listening,
        whole_tracks=workshop.whole_tracks,
        families=workshop.families,
        draw=_draw,
    )
    return Kept(store=store, keeping=keeping, showing=showing)


def run_sessions(
    ground: Ground, side: DiscordSide, kept: Kept, *, lanes: Lanes, posting: Posting, allowances: Allowances, removals: Removals
) -> Running:
    """Put together what moves sessions on."""
    making = Making(
        keeping=kept.keeping,
        jobs=ground.jobs,
        clips=ground.clips,
        posts=ground.posts,
        visibility=ground.visibility,
        lanes=lanes,
        allowances=allowances,
        removals=removals,
        clock=ground.clock,
        model=ground.settings.music_models[0],
    )
    return Running(
        keeping=kept.keeping,
        making=making,
        board=Noticeboard(posts=ground.posts, posting=posting, venues=side.venues, clock=ground.clock),
        store=kept.store,
        venues=side.venues,
        memory=ground.memory,
        condition=lambda guild_id: lanes.condition_of(lanes.of(guild_id)),
        clock=ground.clock,
    )


def _draw(tree: Tree, names: Mapping[int, str]) -> tuple[bytes, str]:
    """Draw a family; return a PNG, and what it shows in words."""
    drawn, _ = family_card.drawn(tree)
    (picture,) = family_card.card(tree, drawn, names).pictures
    return picture.png, picture.description
