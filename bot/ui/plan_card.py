"""What a session will be, before it starts: a private card on which everything has a default. Pure, as the other cards."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import discord

from bot.domain.requests import show_seconds
from bot.domain.sessions.model import Session
from bot.domain.sessions.plans import (
    DEFAULT_ROUNDS,
    MAX_NAME,
    MOST_BUDGET,
    ROUND_SECONDS,
    ROUNDS,
    Mode,
    Plan,
    Proposal,
    usual_budget,
)
from bot.ui import ids, session_words, words
from bot.ui.cards import COLOUR, MAX_TITLE, WARNING, Button, Card, Choose, Option, Select
from bot.ui.session_card import name_of, take_name, theme_of, who_may
from bot.ui.session_words import counted, lasting

SET, START, NAME, WHO, ROLE, EVERYBODY, PINGS, BACK = (
    "plan-set",
    "plan-start",
    "plan-name",
    "plan-who",
    "plan-role",
    "plan-everybody",
    "plan-pings",
    "plan-back",
)
"""Names of the controls (`ui/plan_controls.py`)."""
MODE, MANY, LENGTH, BUDGET = "mode", "rounds", "length", "budget"
"""What is chosen from lists."""
BUDGETS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, MOST_BUDGET)
"""Budgets on offer, as far as they are allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A plan in the making, for a track; `own_budget` tells that its budget was chosen, and does not follow the rounds."""

    clip_id: str
    plan: Plan
    own_budget: bool = False

    @classmethod
    def of(cls, proposal: Proposal) -> "Draft":
        """Begin with the defaults."""
        name = words.bare_text(proposal.root.title, MAX_NAME) or "Music session"
        return cls(clip_id=proposal.root.clip_id, plan=Plan(name=name, budget=usual_budget(DEFAULT_ROUNDS, proposal.left)))

    def within(self, proposal: Proposal) -> "Draft":
        """Return the draft with a budget that can be set now."""
        usual = usual_budget(self.plan.rounds, proposal.left)
        budget = min(self.plan.budget, proposal.most) if self.own_budget else usual
        return replace(self, plan=replace(self.plan, budget=max(budget, min(1, proposal.most))))

    def to_fields(self) -> dict[str, str]:
        """Lay it out as it is kept."""
        plan = self.plan
        return {
            "clip": self.clip_id,
            "name": plan.name,
            "theme": plan.theme,
            MODE: plan.mode,
            MANY: str(plan.rounds),
            LENGTH: str(plan.round_seconds),
            BUDGET: str(plan.budget),
            "own_budget": "yes" if self.own_budget else "",
            "role": str(plan.role_id or ""),
            "pings": "yes" if plan.pings else "",
        }

    @classmethod
    def from_fields(cls, fields: dict[str, str]) -> "Draft":
        """Read it as it was kept."""
        plan = Plan(
            name=fields["name"],
            theme=fields["theme"],
            mode=Mode(fields[MODE]),
            rounds=int(fields[MANY]),
            round_seconds=float(fields[LENGTH]),
            role_id=int(fields["role"]) if fields["role"] else None,
            budget=int(fields[BUDGET]),
            pings=bool(fields["pings"]),
        )
        return cls(clip_id=fields["clip"], plan=plan, own_budget=bool(fields["own_budget"]))


def card(draft_id: str, draft: Draft, proposal: Proposal, *, in_thread: bool) -> Card:
    """Show what the session will be, with the means to change it; nothing begins before *Start*."""
    plan = draft.plan
    embed = discord.Embed(
        title=f"A session with {take_name(proposal.root, 100)}"[:MAX_TITLE],
        description="\n".join(_lines(plan, proposal, in_thread=in_thread)),
        colour=COLOUR if proposal.most else WARNING,
    )
    embed.set_footer(text="Only you see this. Nothing begins, and nothing is spent, before you press Start.")
    return Card(embeds=(embed,), selects=tuple(_selects(draft_id, plan, proposal)), rows=(_buttons(draft_id, plan, proposal),))


def _lines(plan: Plan, proposal: Proposal, *, in_thread: bool) -> Iterator[str]:
    yield f"**Name**: {name_of(plan)}"
    yield f"**Theme**: {theme_of(plan) if plan.theme else 'none'}"
    yield f"**{session_words.MODES[plan.mode]}**: {session_words.MODE_SENTENCES[plan.mode]}"
    yield f"**Length**: {session_words.rounds_of(plan.mode, plan.rounds, plan.round_seconds)}; the clock stands still while a track is made"
    yield f"**Who may join**: {who_may(plan)}"
    yield f"**Pings**: {'whoever is up' if plan.pings else 'nobody'}"
    yield f"**Where**: {'in this thread' if in_thread else 'in a thread that I open in this channel'}"
    yield f"**First track**: {show_seconds(proposal.root.seconds)} long"
    if proposal.most:
        yield f"**Budget**: {counted(plan.budget, 'extension')}. {_left(proposal)}"
    else:
        yield "**No session can start today**: this server's tracks of the day are used up. They are counted anew at 00:00 UTC."


def _left(proposal: Proposal) -> str:
    if proposal.left is None:
        return "This server has no daily limit."
    return f"This server may still spend {proposal.left} today."


def _selects(draft_id: str, plan: Plan, proposal: Proposal) -> Iterator[Select]:
    modes = [Option(mode, name, session_words.MODE_SENTENCES[mode].partition(". ")[0][:100]) for mode, name in session_words.MODES.items()]
    yield _select(draft_id, MODE, "How turns are taken", modes, plan.mode)
    counts = [Option(str(number), counted(number, "round")) for number in ROUNDS]
    yield _select(draft_id, MANY, "How many rounds", counts, str(plan.rounds))
    lengths = [Option(str(seconds), f"{lasting(seconds)} a round") for seconds in ROUND_SECONDS]
    yield _select(draft_id, LENGTH, "How long a round is", lengths, str(plan.round_seconds))
    if proposal.most:
        budgets = sorted({*(number for number in BUDGETS if number <= proposal.most), plan.budget, proposal.most})
        options = [Option(str(number), f"Budget: {counted(number, 'extension')}") for number in budgets]
        yield _select(draft_id, BUDGET, "How many extensions it may spend", options, str(plan.budget))


def _select(draft_id: str, what: str, placeholder: str, options: Sequence[Option], chosen: str) -> Select:
    return Select(custom_id=ids.make(SET, draft_id, what), placeholder=placeholder, options=tuple(options), chosen=(chosen,))


def _buttons(draft_id: str, plan: Plan, proposal: Proposal) -> tuple[Button, ...]:
    start = (Button(ids.make(START, draft_id), "Start", discord.ButtonStyle.success),) if proposal.most else ()
    return (
        *start,
        Button(ids.make(NAME, draft_id), "Name and theme…"),
        Button(ids.make(WHO, draft_id), "Who may join…"),
        Button(ids.make(PINGS, draft_id), f"Pings: {'on' if plan.pings else 'off'}"),
    )


def who(draft_id: str, plan: Plan) -> Card:
    """Ask who may take part."""
    embed = discord.Embed(title="Who may join?", description=f"At the moment: {who_may(plan)}. Everybody can listen.", colour=COLOUR)
    chosen = (str(plan.role_id),) if plan.role_id is not None else ()
    role = Select(custom_id=ids.make(ROLE, draft_id), placeholder="Only people with this role", choose=Choose.ROLES, chosen=chosen)
    row = (Button(ids.make(EVERYBODY, draft_id), "Everybody"), Button(ids.make(BACK, draft_id), "Back"))
    return Card(embeds=(embed,), selects=(role,), rows=(row,))


def started(session: Session) -> Card:
    """Tell the host that it has begun, and what they can do."""
    where = f"in <#{session.place_id}>" if session.place_id is not None else "in its thread, which opens in a moment"
    text = f"**{name_of(session.plan)}** has begun {where}. /session host, or *Host…* below each round, is how you steer it."
    return Card(content=text)
