"""What was spent, read from the jobs: there are no second books that could disagree with them."""

from typing import Any

from sqlalchemy import Column, ColumnElement, Double, Select, and_, case, func, literal, select

from bot.domain.limits import DAY
from bot.domain.usage import FREE, OfOperator, OfPerson, OfServer, Outcome, Scope, Spender, Usage, outcome_of
from bot.store.database import Database
from bot.store.jobs import to_job
from bot.store.limits import on_key
from bot.store.tables import IS_OWN, SPENDS, SUBMITS, jobs


class Ledger:
    """Fulfils `services.ports.records.Ledger`."""

    def __init__(self, database: Database) -> None:
        """Use this database."""
        self._database = database

    async def usage(self, scope: Scope, *, today: float, days: int, last: int, top: int) -> Usage:
        """Read what was spent in so many days up to and with the one that began at `today`; the `top` spenders of a server or of all."""
        begins = [today - DAY * ago for ago in reversed(range(days))]
        asked = (_where(scope), SUBMITS, jobs.c.created_at >= begins[0])
        by_day, outcomes = dict.fromkeys(begins, 0), dict.fromkeys(Outcome, 0)
        async with self._database.read() as connection:
            for begin, state, failure, number in (await connection.execute(_by_day(begins, *asked))).all():
                outcome = outcome_of(state, failure)
                outcomes[outcome] += number
                by_day[begin] += 0 if outcome in FREE else number
            newest = select(jobs).where(*asked).order_by(jobs.c.created_at.desc()).limit(last)
            rows = (await connection.execute(newest)).mappings().all()
            spenders: dict[Column[Any], list[Spender]] = {}
            for who in _spenders(scope):
                found = await connection.execute(_top(who, top, *asked))
                spenders[who] = [Spender(*row) for row in found.all()]
        people, servers = spenders.get(jobs.c.user_id, []), spenders.get(jobs.c.guild_id, [])
        return Usage(days=by_day, outcomes=outcomes, last=[to_job(row) for row in rows], people=people, servers=servers)

    async def spent(self, *, since: float, user_id: int | None = None, guild_id: int | None = None, lane: int | None = None) -> int:
        """Count what limits count: what was spent on the key of this `lane` since then, by this person, in this server (None: any)."""
        whose: list[ColumnElement[bool]] = []
        if user_id is not None:
            whose.append(_own(user_id))
        if guild_id is not None:
            whose.append(jobs.c.guild_id == guild_id)
        key = on_key(literal(lane, jobs.c.lane.type)) if whose else jobs.c.lane.is_not_distinct_from(lane)
        query = select(func.count()).select_from(jobs).where(*whose, key, SPENDS, jobs.c.created_at >= since)
        async with self._database.read() as connection:
            return (await connection.execute(query)).scalar_one()


def _own(user_id: int) -> ColumnElement[bool]:
    """Write that somebody has asked for it themselves: what a session has asked for in their name is not theirs to account for."""
    return and_(jobs.c.user_id == user_id, IS_OWN)


def _where(scope: Scope) -> ColumnElement[bool]:
    match scope:
        case OfPerson():
            return _own(scope.user_id)
        case OfServer():
            return jobs.c.guild_id == scope.guild_id
        case OfOperator():
            return jobs.c.lane.is_(None)


def _spenders(scope: Scope) -> list[Column[Any]]:
    match scope:
        case OfPerson():
            return []
        case OfServer():
            return [jobs.c.user_id]
        case OfOperator():
            return [jobs.c.user_id, jobs.c.guild_id]


def _by_day(begins: list[float], *asked: Any) -> Select[*tuple[Any, ...]]:  # noqa: ANN401 - whatever a WHERE takes
    # Compared, not divided: the dialects disagree on how a number is rounded.
    day = case(*((jobs.c.created_at >= literal(begin, Double), literal(begin, Double)) for begin in reversed(begins)))
    dated = select(day.label("day"), jobs.c.state, jobs.c.failure).where(*asked).subquery()
    group = (dated.c.day, dated.c.state, dated.c.failure)
    return select(*group, func.count()).group_by(*group)


def _top(who: Column[Any], most: int, *asked: Any) -> Select[*tuple[Any, ...]]:  # noqa: ANN401 - as above
    spent = func.count().label("spent")
    return select(who, spent).where(who.is_not(None), SPENDS, *asked).group_by(who).order_by(spent.desc(), who).limit(most)
