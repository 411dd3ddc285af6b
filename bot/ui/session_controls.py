"""What people press in a session: ideas, votes, turns, the line, and the way to the newest round."""

from typing import ClassVar

import discord

from bot.domain.admission import Act
from bot.domain.export import Of
from bot.domain.sessions.model import Phase, Session
from bot.domain.sessions.posts import round_post, seq_of, session_of
from bot.errors import CannotTakePart, SessionRefused
from bot.ui import export_answer, ids, recap_card, round_buttons, round_parts, session_card, session_forms, session_words, share_card, words
from bot.ui.asking import actor_of, chosen
from bot.ui.buttons import Pressed
from bot.ui.cards import Button, Card, Option, Select
from bot.ui.client import services
from bot.ui.sending import answer_privately, promptly

MOST_OFFERED = 25
"""Options of a select (Select Menu)."""
GROW_FROM = "grow-from"
"""Name of the select of tracks."""

Interaction = discord.Interaction[discord.Client]


class OfRound(Pressed, template="of-round"):
    """A control of a round's message."""

    ACT: ClassVar[Act] = Act.LOOK

    @property
    def session_id(self) -> str:
        """The session that the message belongs to."""
        return session_of(self.about["post"])

    @property
    def seq(self) -> int:
        """The round that the message shows."""
        return seq_of(self.about["post"])


class AddIdea(OfRound, template=ids.template(round_buttons.IDEA, ids.POST)):
    """Put an idea forward, or change one's own."""

    async def act(self, interaction: Interaction) -> None:
        """Show the form, filled in with the idea as it is."""
        session, clip = await services(interaction).sessions.source(self.session_id, actor_of(interaction), seq=self.seq)
        await interaction.response.send_modal(session_forms.idea_form(session, clip, interaction.user.id, self.about["post"]))


class VoteFor(OfRound, template=ids.template(round_buttons.VOTE, ids.POST)):
    """Vote for an idea, or for the best track."""

    async def act(self, interaction: Interaction) -> None:
        """Let it count, and say so."""
        (choice,) = chosen(interaction)
        await promptly(interaction, self._vote(interaction, choice))

    async def _vote(self, interaction: Interaction, choice: str) -> Card:
        session = await _voted(interaction, self.session_id, choice, self.seq)
        if session.phase is Phase.FINALE:
            play = Button(ids.make("play", choice), "Play it")
            return Card(content=_said(session, choice), rows=((play,),))
        return Card(content=_said(session, choice))


class PickTake(OfRound, template=ids.template(round_buttons.TAKE, ids.POST, ids.CLIP)):
    """Vote for A or B, or pick one as whoever was up."""

    async def act(self, interaction: Interaction) -> None:
        """Let it count, and say so."""
        await promptly(interaction, self._pick(interaction, self.about["clip"]))

    async def _pick(self, interaction: Interaction, clip_id: str) -> Card:
        sessions, actor = services(interaction).sessions, actor_of(interaction)
        session = await sessions.get(self.session_id, actor)
        if session.vote_name is not None:
            return Card(content=_said(await _voted(interaction, self.session_id, clip_id, self.seq), clip_id))
        session = await sessions.pick(self.session_id, actor, clip_id, seq=self.seq)
        take = session.known(clip_id)
        return Card(content=f"You picked {session_card.take_name(take)}: it goes on from there." if take else "Picked.")


async def _voted(interaction: Interaction, session_id: str, choice: str, seq: int) -> Session:
    """Vote in the round that the message shows: idea 3 of an earlier one is none of this. Raises CannotTakePart."""
    sessions, actor = services(interaction).sessions, actor_of(interaction)
    check_round(await sessions.get(session_id, actor), seq)
    return await sessions.vote(session_id, actor, choice)


def check_round(session: Session, seq: int) -> None:
    """Let pass what is about the round that is being played. Raises CannotTakePart."""
    if not session.live:
        raise CannotTakePart(SessionRefused.OVER)
    if session.current is None or not session.current.is_shown_by(seq):
        raise CannotTakePart(SessionRefused.STEP_OVER)


def _said(session: Session, choice: str) -> str:
    current = session.current
    idea = current.idea(int(choice)) if current is not None and choice.isdigit() else None
    take = session.known(choice)
    if idea is not None:
        return session_words.voted(words.safe_text(round_parts.idea_label(idea), 100), session.due)
    return session_words.voted(session_card.take_name(take) if take is not None else "it counts", session.due)


class JoinLine(OfRound, template=ids.template(round_buttons.JOIN_LINE, ids.POST)):
    """Stand in line."""

    async def act(self, interaction: Interaction) -> None:
        """Join, and say which place it is."""
        await promptly(interaction, self._join(interaction))

    async def _join(self, interaction: Interaction) -> Card:
        session = await services(interaction).sessions.join(self.session_id, actor_of(interaction))
        place = next((place for place, each in enumerate(session.line, 1) if each.user_id == interaction.user.id), len(session.line))
        if session.current is not None and session.current.up == interaction.user.id:
            return Card(content="You are in the line, and it is your turn: press *Continue the track*.")
        return Card(content=f"You are in the line, at place {place}. The message of the round says when it is your turn.")


class LeaveLine(OfRound, template=ids.template(round_buttons.LEAVE_LINE, ids.POST)):
    """Leave the line."""

    ACT: ClassVar[Act] = Act.WITHDRAW

    async def act(self, interaction: Interaction) -> None:
        """Leave, and say so."""
        await promptly(interaction, self._leave(interaction))

    async def _leave(self, interaction: Interaction) -> Card:
        await services(interaction).sessions.leave(self.session_id, actor_of(interaction))
        return Card(content="You have left the line. *Join the line* puts you at its end again.")


class MyTurn(OfRound, template=ids.template(round_buttons.TURN, ids.POST)):
    """Continue the track, as whoever is up."""

    ACT: ClassVar[Act] = Act.SPEND

    async def act(self, interaction: Interaction) -> None:
        """Show the form."""
        session, clip = await services(interaction).sessions.source(self.session_id, actor_of(interaction), seq=self.seq)
        if session.current is None or session.current.up != interaction.user.id:
            raise CannotTakePart(SessionRefused.NOT_UP)
        await interaction.response.send_modal(session_forms.turn_form(clip, self.about["post"]))


class GrowAny(OfRound, template=ids.template(round_buttons.GROW_ANY, ids.POST)):
    """Choose which track of an open session is continued."""

    ACT: ClassVar[Act] = Act.SPEND

    async def act(self, interaction: Interaction) -> None:
        """Offer the tracks, newest first: in an answer of its own, from which the same one can be chosen again and again."""
        await promptly(interaction, self._offer(interaction))

    async def _offer(self, interaction: Interaction) -> Card:
        sessions = services(interaction).sessions
        session = await sessions.get(self.session_id, actor_of(interaction))
        if session.phase is not Phase.OPEN:
            raise CannotTakePart(SessionRefused.OVER if not session.live else SessionRefused.STEP_OVER)
        options = tuple(
            Option(take.clip_id, f"{take.variant} · {words.isolated(words.bare_text(take.title, 80)) or '–'}")
            for take in sessions.takes(session)[:MOST_OFFERED]
        )
        select = Select(custom_id=ids.make(GROW_FROM, self.about["post"]), placeholder="Choose a track", options=options)
        return Card(content="Which track do you continue?", selects=(select,))


class GrowFrom(OfRound, template=ids.template(GROW_FROM, ids.POST)):
    """Continue the track that was chosen."""

    ACT: ClassVar[Act] = Act.SPEND

    async def act(self, interaction: Interaction) -> None:
        """Show the form."""
        (clip_id,) = chosen(interaction)
        await grow(interaction, self.about["post"], clip_id)


class Grow(OfRound, template=ids.template(round_buttons.GROW, ids.POST, ids.CLIP)):
    """Continue a track from the message that shows it."""

    ACT: ClassVar[Act] = Act.SPEND

    async def act(self, interaction: Interaction) -> None:
        """Show the form."""
        await grow(interaction, self.about["post"], self.about["clip"])


async def grow(interaction: Interaction, post_id: str, clip_id: str) -> None:
    """Show the form for continuing a track of an open session. Raises CannotTakePart, Removed."""
    sessions, actor = services(interaction).sessions, actor_of(interaction)
    session = await sessions.get(session_of(post_id), actor)
    # The message may show what somebody made: what is asked for belongs to the round that goes on.
    seq = session.current.seq if session.current is not None else seq_of(post_id)
    session, clip = await sessions.source(session.id, actor, seq=seq, clip_id=clip_id)
    await interaction.response.send_modal(session_forms.grow_form(clip, round_post(session, seq)))


class TakeOver(OfRound, template=ids.template(round_buttons.TAKE_OVER, ids.POST)):
    """Become the host of a session that has none."""

    async def act(self, interaction: Interaction) -> None:
        """Take over, and say what that means."""
        await promptly(interaction, self._take_over(interaction))

    async def _take_over(self, interaction: Interaction) -> Card:
        session = await services(interaction).sessions.take_over(self.session_id, actor_of(interaction))
        return Card(content=f"You host **{session_card.name_of(session.plan)}** now: *Host…* below a round is how you steer it.")


class Board(OfRound, template=ids.template(session_card.BOARD, ids.POST)):
    """Lead to the round that is being played."""

    async def act(self, interaction: Interaction) -> None:
        """Answer privately with a link."""
        session = await services(interaction).sessions.get(self.session_id, actor_of(interaction))
        await show_board(interaction, session)


async def show_board(interaction: Interaction, session: Session) -> None:
    """Answer privately with the way to a session's newest round; a message that is gone is posted anew, which takes a moment."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    post = await services(interaction).sessions.board(session)
    await answer_privately(interaction, session_card.board(session, share_card.jump(post) if post is not None else ""))


class TakeOut(OfRound, template=ids.template(recap_card.TAKE_OUT, ids.POST)):
    """Export a session's family."""

    async def act(self, interaction: Interaction) -> None:
        """Answer privately with its audio and a playlist."""
        session = await services(interaction).sessions.get(self.session_id, actor_of(interaction))
        await export_answer.answer(interaction, Of.FAMILY, session.head.clip_id, export_answer.Form.ZIP)


ALL: tuple[type[Pressed], ...] = (
    AddIdea,
    VoteFor,
    PickTake,
    JoinLine,
    LeaveLine,
    MyTurn,
    GrowAny,
    GrowFrom,
    Grow,
    TakeOver,
    Board,
    TakeOut,
)
"""Every control here, to be registered at start-up."""
