"""Which controls the message of a round has, by what it is waiting for. Pure, as the cards; `ui/session_controls.py` answers them.

At least one button carries the post's id: by that, a message is found again (`bot/messages.py`).
"""

from collections.abc import Iterator

from discord import ButtonStyle

from bot.domain.clips import Clip
from bot.domain.posts import Post, RoundShown
from bot.domain.sessions.hosting import HostAct
from bot.domain.sessions.ideas import choices
from bot.domain.sessions.model import Outcome, Phase, Round, Session, Trouble
from bot.domain.sessions.plans import Mode
from bot.ui import ids
from bot.ui.cards import SHOWN, Button, Select
from bot.ui.round_parts import idea_options, take_options
from bot.ui.session_card import board_button

IDEA, VOTE, DECIDE = "idea", "pick-idea", "decide"
TAKE, TURN, GROW, GROW_ANY = "pick-take", "my-turn", "grow", "grow-any"
JOIN_LINE, LEAVE_LINE = "line-join", "line-leave"
HOST, TAKE_OVER, ROUND_ACT = "host", "take-over", "host-act"
"""Names of the controls."""

NONE = "0"
"""In an act's custom_id, where it is about nothing further."""

AGAIN = {
    Trouble.UNKNOWN: "Try again (may cost twice)",
    Trouble.STALLED: "Try again (costs again)",
    Trouble.FAILED: "Try again (costs again)",
    Trouble.TAKEN_DOWN: "Try again (costs again)",
}
"""What *Try again* says where something may have been charged."""

Row = tuple[Button, ...]


def selects(post: Post, shown: RoundShown) -> tuple[Select, ...]:
    """Offer what is chosen from a list."""
    session, current = shown.session, shown.round
    if not _goes_on(shown):
        return ()
    match session.phase:
        case Phase.VOTE:
            made = Select(custom_id=ids.make(VOTE, post.id), placeholder="Vote for an idea", options=idea_options(current))
        case Phase.DECIDING:
            made = Select(custom_id=ids.make(DECIDE, post.id), placeholder="For the host: choose an idea", options=idea_options(current))
        case Phase.FINALE:
            made = Select(custom_id=ids.make(VOTE, post.id), placeholder="Vote for the best", options=take_options(current))
        case _:
            return ()
    return (made,) if made.options else ()


def _goes_on(shown: RoundShown) -> bool:
    """Tell whether something can be done in the round now."""
    session = shown.session
    return shown.round.outcome is None and session.live and session.paused is None and not session.counting


def rows(post: Post, shown: RoundShown) -> tuple[Row, ...]:
    """Offer what is done with a press."""
    session, current = shown.session, shown.round
    if current.outcome is not None or not session.live:
        return tuple(row for row in (*_made(post, shown), (board_button(post.id),)) if row)
    main = tuple(_main(post.id, session, current)) if _goes_on(shown) else ()
    takes = _takes(post, shown) if session.phase is Phase.TAKES and _goes_on(shown) else ()
    return tuple(row for row in (*takes, main, _always(post.id, session)) if row)


def _main(post_id: str, session: Session, current: Round) -> Iterator[Button]:
    match session.phase:
        case Phase.IDEAS:
            yield Button(ids.make(IDEA, post_id), "Add or change my idea", ButtonStyle.primary)
        case Phase.TURN:
            yield Button(ids.make(TURN, post_id), "Continue the track", ButtonStyle.primary)
        case Phase.OPEN:
            yield Button(ids.make(GROW_ANY, post_id), "Continue a track…", ButtonStyle.primary)
        case Phase.STUCK:
            yield from stuck(post_id, session, current)
        case _:
            return


def stuck(post_id: str, session: Session, current: Round) -> Iterator[Button]:
    """Offer the ways on from an extension that brought nothing, for the host."""
    if session.budget_left > 0:
        label = AGAIN.get(current.trouble, "Try again") if current.trouble is not None else "Try again"
        yield act_button(post_id, HostAct.RETRY, label)
        if choices(current):
            yield act_button(post_id, HostAct.NEXT_BEST, "Take the next idea")
    yield act_button(post_id, HostAct.SKIP, "Skip this round", session.phase)


def act_button(post_id: str, act: HostAct, label: str, about: str | int = NONE, style: ButtonStyle = ButtonStyle.secondary) -> Button:
    """Make a button for what the host may do in the round of a post; `about` is a number, or the step that is meant."""
    return Button(ids.make(ROUND_ACT, post_id, act, about), label, style)


def _takes(post: Post, shown: RoundShown) -> tuple[Row, ...]:
    verb = "Pick" if shown.session.plan.mode is Mode.RELAY else "Vote for"
    there = _there(shown)
    chosen = tuple(Button(ids.make(TAKE, post.id, clip.clip_id), f"{verb} {clip.variant}", ButtonStyle.primary) for clip in there)
    return chosen, _joins(there)


def _there(shown: RoundShown) -> list[Clip]:
    return [clip for clip in shown.takes[:SHOWN] if shown.round.take(clip.clip_id) is not None]


def _joins(clips: list[Clip]) -> Row:
    return tuple(Button(ids.make("join", clip.clip_id), f"Hear the join {clip.variant}") for clip in clips if clip.parent_id)


def _made(post: Post, shown: RoundShown) -> tuple[Row, ...]:
    """Offer what was made: to be heard, and in an open session to be continued."""
    there, session = _there(shown), shown.session
    grows = shown.round.outcome is Outcome.MADE and session.phase is Phase.OPEN and session.paused is None
    on = (Button(ids.make(GROW, post.id, clip.clip_id), f"Continue {clip.variant}", ButtonStyle.primary) for clip in there)
    return (tuple(on) if grows else (), _joins(there))


def _always(post_id: str, session: Session) -> Row:
    resume = (act_button(post_id, HostAct.RESUME, "Resume (host)", style=ButtonStyle.primary),) if session.paused is not None else ()
    line = (Button(ids.make(JOIN_LINE, post_id), "Join the line"), Button(ids.make(LEAVE_LINE, post_id), "Leave the line"))
    places = line if session.plan.mode is Mode.RELAY else ()
    over = (Button(ids.make(TAKE_OVER, post_id), "Take over as host"),) if not session.hosted else ()
    return (*resume, *places, *over, Button(ids.make(HOST, post_id), "Host…"))
