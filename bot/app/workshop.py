"""Where tracks are listened to, joined and laid out: what needs the ground and the bot, and neither lanes nor delivery."""

import contextlib
from dataclasses import dataclass

from bot.app.discord_side import DiscordSide
from bot.app.ground import Ground
from bot.services.audio_back import AudioBack
from bot.services.families import FamilyTrees
from bot.services.listening import Listening
from bot.services.whole_tracks import WholeTracks
from bot.store.families import Families
from bot.ui import waveform_picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """What is made of tracks."""

    audio: AudioBack
    ancestry: Families
    families: FamilyTrees
    whole_tracks: WholeTracks
    listening: Listening


def set_up_workshop(ground: Ground, side: DiscordSide, stack: contextlib.AsyncExitStack) -> Workshop:
    """Put it together; `stack` ends what is under way when it is closed."""
    ancestry = Families(ground.database)
    audio = AudioBack(
        clips=ground.clips, jobs=ground.jobs, posts=ground.posts, archive=ground.archive, posted=side.posted, clock=ground.clock
    )
    whole_tracks = WholeTracks(families=ancestry, visibility=ground.visibility, audio=audio, archive=ground.archive, names=side.names)
    listening = Listening(audio=audio, draw=waveform_picture.picture)
    stack.push_async_callback(audio.aclose)
    stack.push_async_callback(whole_tracks.aclose)
    stack.push_async_callback(listening.aclose)
    return Workshop(
        audio=audio,
        ancestry=ancestry,
        families=FamilyTrees(families=ancestry, visibility=ground.visibility, names=side.names),
        whole_tracks=whole_tracks,
        listening=listening,
    )
