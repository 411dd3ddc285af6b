"""What the messages of sessions show: read anew each time, so that nothing is shown that was taken down meanwhile."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence

from bot.domain.actors import NOBODY
from bot.domain.clips import Clip
from bot.domain.family import Tree
from bot.domain.posts import Post, PostKind, RoundShown, SessionBegun, SessionContent, SessionRecap
from bot.domain.sessions.model import Phase, Round, Session
from bot.domain.sessions.posts import seq_of, session_of
from bot.domain.standing import Standing
from bot.domain.viewing import Seen, Viewer
from bot.domain.whole_track import Whole
from bot.errors import (
    AudioAway,
    AudioDamaged,
    AudioGone,
    CannotStore,
    CannotTakePart,
    NothingToJoin,
    Removed,
    TooLongToSend,
    UnknownTrack,
    WorkLost,
)
from bot.services.families import FamilyTrees
from bot.services.listening import Listening
from bot.services.ports.sessions import SessionStore
from bot.services.ports.sound import AudioBack
from bot.services.ports.stores import Clips, Visibility
from bot.services.sessions.keeping import Keeping
from bot.services.whole_tracks import WholeTracks

log = logging.getLogger(__name__)

PICTURES = 20
"""Waveforms in memory, of some ten kilobytes each: a round is edited many times."""
LISTEN_WITHIN = 20.0
"""Seconds for drawing a waveform: a round begins without one after that."""
SMALLEST_LIMIT = 10 * 1024 * 1024
"""Bytes a file that Discord takes everywhere (Uploading Files)."""

Draw = Callable[[Tree, Mapping[int, str]], tuple[bytes, str]]
"""Draws a family, with what people are called; returns a PNG, and what it shows in words. Takes some tenths of a second."""

_UNHEARD = (AudioGone, AudioAway, AudioDamaged, CannotStore, WorkLost, TimeoutError)


class Showing:
    """Finds what posts of sessions show."""

    def __init__(
        self,
        *,
        keeping: Keeping,
        store: SessionStore,
        clips: Clips,
        visibility: Visibility,
        standing: Callable[[str | None], Awaitable[Standing | None]],
        audio: AudioBack,
        listening: Listening,
        whole_tracks: WholeTracks,
        families: FamilyTrees,
        draw: Draw,
    ) -> None:
        """`draw` is called in a thread."""
        self._keeping = keeping
        self._store = store
        self._clips = clips
        self._visibility = visibility
        self._standing = standing
        self._audio = audio
        self._listening = listening
        self._whole_tracks = whole_tracks
        self._families = families
        self._draw = draw
        self._pictures: OrderedDict[str, bytes] = OrderedDict()

    async def of(self, post: Post) -> SessionContent | None:
        """Read what a session's post shows now; None where there is nothing to show. Raises StoreUnavailable."""
        try:
            session = await self._keeping.get(session_of(post.id))
        except CannotTakePart:
            return None
        match post.kind:
            case PostKind.SESSION:
                return SessionBegun(session=session, source=next(iter(await self._seen(session, [session.root.clip_id])), None))
            case PostKind.RECAP:
                return await self._recap(session)
            case _:
                shown = next((each for each in session.shown if each.seq == seq_of(post.id)), None)
                return None if shown is None else await self._round(session, shown)

    async def track_of(self, post_id: str) -> Clip | None:
        """Find the track that a session's message is about: what its round brought, or else what it continues. Raises StoreUnavailable."""
        try:
            session = await self._keeping.get(session_of(post_id))
        except CannotTakePart:
            return None
        shown = next((each for each in session.shown if each.seq == seq_of(post_id)), None)
        take = session.head if shown is None else shown.take(shown.picked) or next(iter(shown.takes), shown.source)
        return await self._clips.get(take.clip_id)

    async def _round(self, session: Session, shown: Round) -> RoundShown:
        played = session.current is not None and session.current.seq == shown.seq
        clips = {clip.clip_id: clip for clip in await self._seen(session, [shown.source.clip_id, *(take.clip_id for take in shown.takes)])}
        source = clips.get(shown.source.clip_id)
        ballot = session.vote_name if played else None
        return RoundShown(
            session=session,
            round=shown,
            source=source,
            takes=tuple(clips[take.clip_id] for take in shown.takes if take.clip_id in clips),
            turnout=None if ballot is None else await self._store.turnout(session.id, ballot),
            standing=await self._standing(shown.job_id) if played and session.phase is Phase.EXTENDING else None,
            waveform=None if source is None else await self._waveform(source),
        )

    async def _seen(self, session: Session, clip_ids: Sequence[str]) -> list[Clip]:
        """Read those of these tracks that everybody in the server may see."""
        seen = await self._visibility.seen(clip_ids, Viewer(NOBODY, session.guild_id))
        return await self._audio.for_message(await self._clips.several([each for each in clip_ids if seen.get(each) is Seen.SHOWN]))

    async def _waveform(self, clip: Clip) -> bytes | None:
        """Draw a track; one that cannot be listened to is shown without its picture."""
        if clip.clip_id not in self._pictures:
            try:
                async with asyncio.timeout(LISTEN_WITHIN):
                    heard = await self._listening.profile(clip)
                    self._pictures[clip.clip_id] = await self._listening.picture(heard, start=clip.seconds)
            except _UNHEARD as error:
                log.info("track %s is shown without its waveform: %s", clip.clip_id, type(error).__name__)
                return None
        self._pictures.move_to_end(clip.clip_id)
        while len(self._pictures) > PICTURES:
            self._pictures.popitem(last=False)
        return self._pictures[clip.clip_id]

    # The recap.

    async def _recap(self, session: Session) -> SessionRecap:
        best = next(iter(await self._seen(session, [session.head.clip_id])), None)
        if best is None:
            return SessionRecap(session=session, best=None)
        viewer = Viewer(NOBODY, session.guild_id)
        family = await self._family(best, viewer)
        return SessionRecap(
            session=session,
            best=best,
            whole=await self._whole(best, viewer),
            family=None if family is None else family[0],
            family_words="" if family is None else family[1],
        )

    async def _whole(self, best: Clip, viewer: Viewer) -> Whole | None:
        """Join the last track with all before it, small enough for everywhere; without that, the recap has its words."""
        try:
            return await self._whole_tracks.whole(best.clip_id, viewer, max_bytes=SMALLEST_LIMIT)
        except (*_UNHEARD, NothingToJoin, TooLongToSend, Removed, UnknownTrack) as error:
            log.info("track %s is not joined for a recap: %s", best.clip_id, type(error).__name__)
            return None

    async def _family(self, best: Clip, viewer: Viewer) -> tuple[bytes, str] | None:
        try:
            tree = await self._families.of(best.clip_id, viewer)
        except (Removed, UnknownTrack) as error:
            log.info("the family of track %s is not drawn for a recap: %s", best.clip_id, type(error).__name__)
            return None
        names = await self._families.names(tree.shown)
        return await asyncio.to_thread(self._draw, tree, names)
