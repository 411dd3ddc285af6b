"""Whether one more job is within its limits: counted in the statement that inserts it, and once more to say which limit is reached.

All counts but that of the jobs in flight are of jobs on the same API key (`jobs.lane`), and what is a person's leaves out what is a
session's. PostgreSQL counts within a function, since a
statement there sees what was committed before it began: the function first waits for its turn, and what it counts it sees anew. So
one statement is enough, and two at once cannot both take the last one. SQLite has one writer at a time.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Protocol, TypeAlias

from sqlalchemy import (
    DDL,
    ColumnElement,
    Integer,
    ScalarSelect,
    and_,
    bindparam,
    case,
    event,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from bot.domain.limits import Limit, Limits, day_end
from bot.errors import LimitReached, TooManyInFlight, UserError
from bot.store.tables import IS_IN_FLIGHT, IS_OWN, IS_OWN_SUBMIT, IS_QUEUED, SPENDS, SUBMITS, jobs

_TURN: Final = -0x616363657074
"""The number of the advisory lock that whoever accepts waits for: "accept" in ASCII, and negative like that of `lock`."""

_SINCE: Final = "day_since"
_MOST: Final = {limit: f"most_{limit.value}" for limit in Limit}
_TYPES: Final[Mapping[str, TypeEngine[Any]]] = {
    **{f"new_{column.name}": column.type for column in (jobs.c.user_id, jobs.c.guild_id, jobs.c.lane)},
    _SINCE: jobs.c.created_at.type,
    **{name: Integer() for name in _MOST.values()},
}

_Element: TypeAlias = "ColumnElement[Any]"


class _Given(Protocol):
    """Stands for a value that comes from outside, by its name."""

    def __call__(self, name: str, /) -> _Element: ...


def _bound(name: str) -> _Element:
    return bindparam(name, type_=_TYPES[name])


def _named(name: str) -> _Element:
    return literal_column(name, _TYPES[name])


def values_of(limits: Limits) -> dict[str, float | None]:
    """Lay the limits out as a statement takes them; the rest of what it needs is the job's row, each column with `new_` before it."""
    return {name: getattr(limits, limit.value) for limit, name in _MOST.items()} | {_SINCE: limits.since}


def within_limits(dialect: str) -> _Element:
    """Write the condition of an INSERT for a dialect."""
    return _within(_bound) if dialect == "sqlite" else func.within_limits(*map(_bound, _TYPES))


def limit_reached() -> _Element:
    """Write the name of the first limit that leaves no room, NULL if all do; the ones that last longest come first."""
    counts = _counts(_bound)
    reached = [(_bound(_MOST[limit]) <= count, literal(limit.value)) for limit, count in counts.items()]
    return case(*reached, else_=null())


def on_key(lane: _Element) -> _Element:
    """Write that a job is on the key of this lane; not so that the way along all of the key's jobs looks short."""
    return func.coalesce(jobs.c.lane, text("0")) == func.coalesce(lane, text("0"))


def refusal(limit: Limit, row: Mapping[str, Any]) -> UserError:
    """Turn the limit that a job has met into what its person is told; `row` is as `values_of` has laid it out."""
    allowed = row[_MOST[limit]]
    if limit is Limit.IN_FLIGHT:
        return TooManyInFlight(allowed)
    return LimitReached(limit, allowed, None if limit is Limit.LINE else day_end(row[_SINCE]))


def _within(given: _Given) -> _Element:
    return and_(*(_leaves_room(given(_MOST[limit]), [*_at_most(limit, given), count]) for limit, count in _counts(given).items()))


def _leaves_room(most: _Element, counts: Iterable[ScalarSelect[int]]) -> _Element:
    # Without a limit nothing is counted: neither dialect evaluates what stands behind something that is true.
    return or_(most.is_(None), *(count < most for count in counts))


def _at_most(limit: Limit, given: _Given) -> list[ScalarSelect[int]]:
    """Count what was asked for: no less than was spent, and quicker to tell, since a job's lane and failure stand late in its row."""
    whose = {
        Limit.PERSON: (jobs.c.user_id == given("new_user_id"), IS_OWN_SUBMIT),
        Limit.PERSON_HERE: (jobs.c.user_id == given("new_user_id"), IS_OWN_SUBMIT),
        Limit.SERVER: (jobs.c.guild_id == given("new_guild_id"), SUBMITS),
        Limit.ALL: (jobs.c.lane.is_(None), SUBMITS),
    }
    return [_count(*whose[limit], jobs.c.created_at >= given(_SINCE))] if limit in whose else []


def _counts(given: _Given) -> dict[Limit, ScalarSelect[int]]:
    user, guild = jobs.c.user_id == given("new_user_id"), jobs.c.guild_id == given("new_guild_id")
    same_key = on_key(given("new_lane"))
    spent = (SPENDS, jobs.c.created_at >= given(_SINCE))
    return {
        Limit.PERSON: _count(user, IS_OWN, same_key, *spent),
        Limit.PERSON_HERE: _count(user, IS_OWN, guild, same_key, *spent),
        Limit.SERVER: _count(guild, same_key, *spent),
        # Only the operator's key has this limit; said so, PostgreSQL finds the way along the index.
        Limit.ALL: _count(jobs.c.lane.is_(None), *spent),
        Limit.IN_FLIGHT: _count(user, IS_OWN, IS_IN_FLIGHT),
        Limit.LINE: _count(jobs.c.lane.is_not_distinct_from(given("new_lane")), IS_QUEUED),
    }


def _count(*conditions: Any) -> ScalarSelect[int]:  # noqa: ANN401 - whatever a WHERE takes
    return select(func.count().label("n")).select_from(jobs).where(*conditions).scalar_subquery()


def _function() -> str:
    types = {name: kind.compile(postgresql.dialect()) for name, kind in _TYPES.items()}
    condition = str(_within(_named).compile(dialect=postgresql.dialect()))
    return f"""CREATE OR REPLACE FUNCTION within_limits({", ".join(f"{name} {kind}" for name, kind in types.items())})
RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_advisory_xact_lock({_TURN});
    RETURN {" ".join(condition.split())};
END $$"""


event.listen(jobs, "after_create", DDL(_function()).execute_if(dialect="postgresql"))
