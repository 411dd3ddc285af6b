"""What /usage shows: what is left of today, the last days, what became of the requests, and the newest with their tasks."""

from collections.abc import Mapping

import discord

from bot.domain.actors import NOBODY, SOMEONE
from bot.domain.jobs import Job
from bot.domain.limits import Limit
from bot.domain.usage import FREE, Allowance, OfOperator, OfPerson, OfServer, Outcome, Report, Scope, Spender, outcome_of
from bot.ui import words
from bot.ui.cards import COLOUR, Card, Picture
from bot.ui.limit_words import counted_anew
from bot.ui.times import when
from bot.ui.usage_chart import chart, in_words

CHART = "usage.png"

OUTCOMES = {
    Outcome.DELIVERED: "delivered",
    Outcome.BEING_MADE: "being made",
    Outcome.IN_LINE: "in line",
    Outcome.STALLED: "without an end in sight",
    Outcome.FAILED: "failed while being made",
    Outcome.UNKNOWN: "not clear whether it started",
    Outcome.REFUSED: "refused by the music service",
    Outcome.CANCELLED: "cancelled in time",
}

_OF = {
    Limit.PERSON: "You, today",
    Limit.PERSON_HERE: "You on this server, today",
    Limit.SERVER: "This server, today",
    Limit.ALL: "All servers, today",
}
_TITLES: dict[type[Scope], str] = {
    OfPerson: "What you have used",
    OfServer: "What this server has used",
    OfOperator: "What the bot has used",
}


def usage_card(report: Report, server_names: Mapping[int, str]) -> Card:
    """Show a report; drawing its chart takes some hundredths of a second."""
    usage, days = report.usage, len(report.usage.days)
    left = "\n".join(_left(allowance) for allowance in report.allowances)
    embed = discord.Embed(title=_TITLES[type(report.scope)], description=f"{left}\n{counted_anew(report.resets_at)}", colour=COLOUR)
    charged = [outcome for outcome in Outcome if outcome not in FREE]
    embed.add_field(name=f"Last {days} days · {usage.spent} {'track' if usage.spent == 1 else 'tracks'}", value=_list(report, charged))
    if any(usage.outcomes[outcome] for outcome in FREE):
        embed.add_field(name="Not counted, nothing spent", value=_list(report, [outcome for outcome in Outcome if outcome in FREE]))
    if usage.people:
        embed.add_field(name="People", value="\n".join(f"{_who(each.id)} · {each.spent}" for each in usage.people), inline=False)
    if usage.servers:
        embed.add_field(name="Servers", value="\n".join(_server(each, server_names) for each in usage.servers), inline=False)
    if usage.last:
        embed.add_field(name="Newest", value="\n".join(_line(job, report.scope) for job in usage.last), inline=False)
    embed.set_footer(text="Days are UTC days.")
    if not usage.spent:
        return Card(embeds=(embed,))
    embed.set_image(url=f"attachment://{CHART}")
    return Card(embeds=(embed,), pictures=(Picture(chart(usage.days), CHART, in_words(usage.days)),))


def _left(allowance: Allowance) -> str:
    of = _OF[allowance.limit]
    if allowance.allowed is None:
        return f"**{of}:** {allowance.used}, without a limit"
    return f"**{of}:** {allowance.used} of {allowance.allowed} · **{allowance.left} left**"


def _list(report: Report, outcomes: list[Outcome]) -> str:
    numbers = report.usage.outcomes
    return "\n".join(f"{numbers[each]} {OUTCOMES[each]}" for each in outcomes if numbers[each]) or "Nothing yet."


def _who(user_id: int) -> str:
    """Name a person; whoever had their data deleted is nobody."""
    return SOMEONE if user_id == NOBODY else f"<@{user_id}>"


def _server(spender: Spender, names: Mapping[int, str]) -> str:
    name = names.get(spender.id)
    return f"{words.safe_text(name, 80) if name else words.code(str(spender.id))} · {spender.spent}"


def _line(job: Job, scope: Scope) -> str:
    """One request; with its task, which the provider's bill names too, and which leads to the tracks: not to others' private ones."""
    by = "" if isinstance(scope, OfPerson) else f" · {_who(job.origin.user_id)}"
    shown = job.task_id if not (job.private and isinstance(scope, OfServer)) else None
    task = f" · {words.code(shown)}" if shown else ""
    return f"{when(job.created_at)}{by} · {OUTCOMES[outcome_of(job.state, job.failure)]}{task}"
