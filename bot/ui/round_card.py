"""The message of a round: the track so far, what is to be done now, until when, and what came of it. Pure, as the other cards.

None of its embeds refers to a file, so that all of its text can be edited while the audio and the waveform stay as they were sent.
"""

from collections.abc import Iterator, Mapping

from bot.domain.clips import Clip
from bot.domain.posts import Post, RoundShown
from bot.domain.requests import show_seconds
from bot.domain.sessions.model import Outcome, Phase, Round, Session
from bot.domain.sessions.plans import TAKES_SECONDS, Mode
from bot.domain.sessions.relay import turns_at
from bot.domain.standing import Standing
from bot.ui import round_parts, session_words, words
from bot.ui.cards import SHOWN, Attachment, Card, Picture, attachable, audio_of, filename, listen_line
from bot.ui.people import person
from bot.ui.round_buttons import rows, selects
from bot.ui.session_card import is_open, name_of, take_name, theme_of
from bot.ui.session_words import counted
from bot.ui.times import about, between, when

WAVEFORM = "waveform.png"


def card(post: Post, shown: RoundShown, *, upload_limit: int, attach: bool) -> Card:
    """Show a round as it is; above `upload_limit` (bytes a file) or without `attach`, audio is linked instead of attached."""
    clips = _heard(shown)
    attached = attachable(clips, upload_limit) if attach else frozenset[str]()
    pinged = _pinged(shown)
    return Card(
        content="\n".join(_lines(shown, attached)),
        embeds=tuple(round_parts.embeds(shown, attached)),
        selects=selects(post, shown),
        rows=rows(post, shown),
        attachments=tuple(_file(shown, clip) for clip in clips if clip.clip_id in attached),
        pictures=_pictures(shown),
        mentions=pinged,
        silent=not pinged,
    )


def is_played(shown: RoundShown) -> bool:
    """Tell whether the round is the one that is being played."""
    return shown.round.outcome is None and shown.session.live


def _pinged(shown: RoundShown) -> tuple[int, ...]:
    """Tell who is notified: whoever is up, if anybody."""
    session, up = shown.session, shown.round.up
    calls = session.plan.pings and session.phase is Phase.TURN and session.paused is None and is_played(shown)
    return (up,) if calls and up else ()


# Files.


def _heard(shown: RoundShown) -> list[Clip]:
    """List what can be heard in the message: of a vote on many tracks, and of what continues one, each has a message of its own."""
    source = [shown.source] if shown.source is not None and shown.round.outcome is not Outcome.MADE else []
    return source if shown.session.phase is Phase.FINALE and is_played(shown) else [*source, *shown.takes[:SHOWN]]


def _file(shown: RoundShown, clip: Clip) -> Attachment:
    if shown.source is None or clip.clip_id != shown.source.clip_id:
        return audio_of(clip)
    suffix = (clip.audio_name or "").rpartition(".")[2]
    spoken = f"The track so far, {clip.title}, {show_seconds(clip.seconds)}"
    return Attachment(clip.audio_name or "", f"{filename(clip.title)} - so far.{suffix}", spoken)


def _pictures(shown: RoundShown) -> tuple[Picture, ...]:
    source = shown.round.source
    if shown.waveform is None or shown.round.outcome is Outcome.MADE:
        return ()
    spoken = f"Waveform of {words.bare_text(source.title, 80)}, {show_seconds(source.seconds)} long, with a mark at its end."
    return (Picture(shown.waveform, WAVEFORM, spoken),)


# Words.


def _lines(shown: RoundShown, attached: frozenset[str]) -> Iterator[str]:
    session, current = shown.session, shown.round
    yield _heading(session, current)
    yield from _now(shown) if is_played(shown) else _came_to(session, current)
    # What does not change comes last: what is to be done is to be seen first.
    if is_played(shown) and session.plan.theme:
        yield f"Theme: {theme_of(session.plan)}"
    yield _so_far(session, current)
    if shown.source is None:
        yield "That track was taken down and can't be heard any more."
    elif shown.source in _heard(shown) and shown.source.clip_id not in attached and (listen := listen_line(shown.source)):
        yield listen


def _heading(session: Session, current: Round) -> str:
    name = name_of(session.plan)
    if not is_open(session):
        return f"**Round {current.number} of {session.plan.rounds}** · {name}"
    return f"**A new track** · {name}" if current.outcome is Outcome.MADE else f"**Open session** · {name}"


def _so_far(session: Session, current: Round) -> str:
    what = "Continues" if current.outcome is Outcome.MADE else "It begins with" if is_open(session) else "The track so far:"
    return f"{what} {take_name(current.source)} · **{show_seconds(current.source.seconds)}**"


def _now(shown: RoundShown) -> Iterator[str]:
    """Say what is to be done, until when, and how many have done it."""
    session = shown.session
    yield from _to_do(session, shown.round)
    if session.paused is None and (clock := " ".join(_clock(shown))):
        yield clock
    if session.plan.mode is Mode.RELAY and (line := _line(shown)):
        yield line
    if session.offered_to is not None:
        yield f"The host has stepped down: {person(session.offered_to)} can take over, or anybody who takes part."


def _to_do(session: Session, current: Round) -> Iterator[str]:
    if session.paused is not None:
        yield session_words.PAUSES[session.paused]
        return
    if session.counting:
        yield session_words.COUNTING
        return
    if session.phase is Phase.IDEAS and (current.waited or current.repeated):
        yield session_words.WAITED if current.waited else session_words.REPEATED
    match session.phase, session.plan.mode:
        case Phase.EXTENDING, Mode.OPEN:
            yield session_words.NO_MORE_REQUESTS
        case Phase.EXTENDING, _:
            yield from _made_now(current)
        case Phase.TAKES, Mode.RELAY:
            yield f"**{person(current.up or 0)}, listen to A and B, then pick one.** {session_words.PICKING}"
        case Phase.TURN, _:
            yield f"**It is the turn of {person(current.up or 0)}.** {session_words.PHASES[Phase.TURN]}"
        case Phase.STUCK, _:
            yield session_words.PHASES[Phase.STUCK]
            yield " ".join(_trouble(session, current))
        case _:
            yield session_words.PHASES[session.phase]


def _made_now(current: Round) -> Iterator[str]:
    if current.chosen is not None:
        yield f"**{_won(current)}.**"
    elif current.by:
        yield f"{person(current.by)} has played."
    yield session_words.PHASES[Phase.EXTENDING]


def _won(current: Round) -> str:
    votes = (current.idea_votes or {}).get(str(current.chosen), 0)
    return f"Idea {current.chosen} won" + (f" with {counted(votes, 'vote')}" if votes else "")


def _trouble(session: Session, current: Round) -> Iterator[str]:
    if current.trouble is not None:
        yield session_words.TROUBLES[current.trouble]
    yield f"{session.spent} of {counted(session.plan.budget, 'extension')} are spent."


def _clock(shown: RoundShown) -> Iterator[str]:
    session = shown.session
    if session.phase is Phase.EXTENDING and shown.standing is not None:
        yield _progress(shown.standing)
    elif session.held:
        yield session_words.HELD
    if session.due is not None and not session.counting:
        yield f"**Ends {when(session.due)}.**"
    if shown.turnout is not None:
        yield _turnout(shown.turnout)


def _turnout(people: int) -> str:
    if not people:
        return "Nobody has voted yet."
    return "1 person has voted." if people == 1 else f"{people} people have voted."


def _progress(standing: Standing) -> str:
    """Say how far the extension is."""
    said = words.lane(standing)
    if standing.lane.stopped:
        return said
    if standing.place is None:
        usual = f", usually done after {between(*standing.usual)}" if standing.usual is not None else ""
        return f"{said} It is being made{usual}.".lstrip()
    wait = f", {about(standing.wait)} to the start" if standing.wait is not None and standing.place > 1 else ""
    as_of = f" (as of {when(standing.as_of)})" if standing.as_of is not None else ""
    return f"{said} It waits in line: {'it is next' if standing.place == 1 else f'place {standing.place}'}{wait}{as_of}.".lstrip()


def _line(shown: RoundShown) -> str:
    """Name who stands in line, with about when each is up."""
    session, current = shown.session, shown.round
    now = _about_now(shown)
    at: Mapping[int, float] = turns_at(session, now) if now is not None and session.paused is None else {}
    waiting = [player.user_id for player in session.line if player.user_id != current.up]
    named = (f"{person(user_id)} (your turn about <t:{at[user_id]:.0f}:t>)" if user_id in at else person(user_id) for user_id in waiting)
    return f"Next in line: {', '.join(named)}." if waiting else ""


def _about_now(shown: RoundShown) -> float | None:
    """Tell when this was so, as far as it shows: a card has no clock of its own."""
    session = shown.session
    if session.phase is Phase.EXTENDING:
        return shown.standing.as_of if shown.standing is not None else None
    if session.due is None:
        return None
    return session.due - TAKES_SECONDS if session.phase is Phase.TAKES else session.due


def _came_to(session: Session, current: Round) -> Iterator[str]:
    """Say how the round was closed."""
    if current.chosen is not None and current.outcome in (Outcome.CHOSEN, Outcome.UNDONE):
        yield f"Idea {current.chosen} was made, by {person(current.by or 0)}."
    elif current.by:
        yield f"**Continued by {person(current.by)}.**" if current.outcome is Outcome.MADE else f"Continued by {person(current.by)}."
    picked, outcome = current.take(current.picked), current.outcome or Outcome.ENDED
    if outcome is Outcome.MADE:
        return
    if picked is None or outcome is Outcome.UNDONE:
        yield session_words.OUTCOMES[outcome]
        return
    votes = (current.votes or {}).get(picked.clip_id, 0)
    what = "The best of this session is" if is_open(session) else "It goes on with"
    yield f"**{what} {take_name(picked)} · {show_seconds(picked.seconds)}**" + (f", with {counted(votes, 'vote')}." if votes else ".")
