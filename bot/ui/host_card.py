"""What the host of a session can do now, for the host and for moderators alone. Pure, as the other cards."""

from collections.abc import Iterator

import discord

from bot.domain.sessions.hosting import HostAct
from bot.domain.sessions.ideas import choices
from bot.domain.sessions.model import Outcome, Phase, Session
from bot.domain.sessions.plans import MINUTE, Mode
from bot.domain.sessions.posts import round_post
from bot.ui import ids, round_buttons, round_parts, session_words
from bot.ui.cards import COLOUR, WARNING, Button, Card, Choose, Select
from bot.ui.people import people, person
from bot.ui.round_buttons import act_button
from bot.ui.session_card import name_of
from bot.ui.session_words import counted
from bot.ui.times import when

PERSON, ASK_END, BACK = "host-person", "host-ask-end", "host-back"
"""Names of the controls (`ui/host_controls.py`)."""

MORE = (1, 5)
"""Minutes by which a deadline can be put off."""

DONE = {
    HostAct.PAUSE: "The session is paused.",
    HostAct.RESUME: "The session goes on.",
    HostAct.MORE_TIME: "There is more time now.",
    HostAct.SKIP: "Skipped.",
    HostAct.REMOVE: "That person is out of the session: their idea, their place in line and their votes with them.",
    HostAct.UNDO: "The last round is undone. Nothing was deleted, and nothing is given back.",
    HostAct.HAND_OVER: "The session is handed over.",
    HostAct.STEP_DOWN: "You have stepped down. Until somebody takes over, or you do again, only moderators can steer it.",
    HostAct.END: "The session has ended. Its recap is on its way.",
    HostAct.DECIDE: "The idea is chosen.",
    HostAct.RETRY: "It is asked for once more.",
    HostAct.NEXT_BEST: "The next idea is made.",
}
"""What is said once an act is done."""


def panel(session: Session, *, moderator: bool, done: HostAct | None = None) -> Card:
    """Show how the session stands, and what the host can do about it; whose an idea is, only a `moderator` may know."""
    said = DONE[done] if done is not None else ""
    if not session.live:
        return Card(content=said or f"**{name_of(session.plan)}** has ended: there is nothing more to steer.")
    colour = WARNING if session.paused else COLOUR
    embeds = [discord.Embed(title="Host this session", description="\n".join(_lines(session)), colour=colour)]
    if session.current is not None and session.current.ideas:
        embeds.append(discord.Embed(title="Ideas", description=round_parts.ideas(session.current, named=moderator), colour=COLOUR))
    embeds[-1].set_footer(text="Only you see this.")
    post_id = post_of(session)
    rows = (tuple(_flow(post_id, session)), tuple(_stuck(post_id, session)), tuple(_rest(post_id, session)))
    return Card(content=said, embeds=tuple(embeds), selects=tuple(_selects(post_id, session)), rows=tuple(row for row in rows if row))


def post_of(session: Session) -> str:
    """Name the post of the round that an act is meant for."""
    return round_post(session, session.current.seq if session.current is not None else session.last_seq)


def _lines(session: Session) -> Iterator[str]:
    current = session.current
    yield f"**{name_of(session.plan)}**, hosted by {person(session.host_id)}"
    number = f"Round {current.number} of {session.plan.rounds}: " if current is not None and session.plan.mode is not Mode.OPEN else ""
    yield f"{number}{session_words.STEPS[session.phase]}."
    if session.paused is not None:
        yield session_words.PAUSES[session.paused]
    elif session.due is not None:
        yield f"Ends {when(session.due)}."
    if current is not None and current.trouble is not None and session.phase is Phase.STUCK:
        yield session_words.TROUBLES[current.trouble]
    yield f"{session.spent} of {counted(session.plan.budget, 'extension')} are spent."
    if session.line:
        yield f"In line: {people([player.user_id for player in session.line])}."


def _flow(post_id: str, session: Session) -> Iterator[Button]:
    """Offer what moves the clock."""
    if session.paused is not None:
        yield act_button(post_id, HostAct.RESUME, "Resume", style=discord.ButtonStyle.primary)
    elif session.phase is not Phase.OPENING:
        yield act_button(post_id, HostAct.PAUSE, "Pause")
    timed = session.due is not None or session.left is not None
    for minutes in MORE if timed else ():
        yield act_button(post_id, HostAct.MORE_TIME, f"+{minutes} min", int(minutes * MINUTE))
    if session.paused is not None:
        return
    if session.phase is Phase.DECIDING:
        yield act_button(post_id, HostAct.SKIP, "Skip this round", session.phase)
    elif timed and session.phase is not Phase.STUCK:
        yield act_button(post_id, HostAct.SKIP, "Skip to the next step", session.phase)


def _stuck(post_id: str, session: Session) -> Iterator[Button]:
    if session.current is not None and session.paused is None and session.phase is Phase.STUCK:
        yield from round_buttons.stuck(post_id, session, session.current)


def _rest(post_id: str, session: Session) -> Iterator[Button]:
    if _undoable(session):
        yield act_button(post_id, HostAct.UNDO, "Undo the last round", session.phase)
    others = {player.user_id for player in session.line} | {*session.people}
    if session.hosted and others - session.removed - {session.host_id}:
        yield act_button(post_id, HostAct.STEP_DOWN, "Step down")
    yield Button(ids.make(ASK_END, post_id), "End…", discord.ButtonStyle.danger)


def _undoable(session: Session) -> bool:
    at_rest = session.phase is not Phase.EXTENDING and not session.counting and session.plan.mode is not Mode.OPEN
    return at_rest and session.budget_left > 0 and any(each.outcome is Outcome.CHOSEN for each in session.past)


def _selects(post_id: str, session: Session) -> Iterator[Select]:
    current = session.current
    if session.phase is Phase.DECIDING and session.paused is None and current is not None and choices(current):
        options = round_parts.idea_options(current)
        yield Select(custom_id=ids.make(round_buttons.DECIDE, post_id), placeholder="Choose an idea", options=options)
    remove, hand_over = (ids.make(PERSON, post_id, act) for act in (HostAct.REMOVE, HostAct.HAND_OVER))
    yield Select(custom_id=remove, placeholder="Take a person out of the session", choose=Choose.PEOPLE)
    yield Select(custom_id=hand_over, placeholder="Hand the session over to", choose=Choose.PEOPLE)


def ask_end(session: Session) -> Card:
    """Ask once more before a session ends."""
    embed = discord.Embed(title="End the session now?", colour=WARNING)
    embed.description = (
        f"**{name_of(session.plan)}** ends for everybody, with its recap. What is being made still comes, and reaches /library. "
        "This can't be taken back."
    )
    post_id = post_of(session)
    end = act_button(post_id, HostAct.END, "End the session", style=discord.ButtonStyle.danger)
    return Card(embeds=(embed,), rows=((end, Button(ids.make(BACK, post_id), "Back")),))
