"""What each act of a host does to a session; the last argument is the number that stands beside the act."""

from collections.abc import Callable, Mapping

from bot.domain.sessions import clock, hosting
from bot.domain.sessions.hosting import HostAct
from bot.domain.sessions.model import Pause, Session

ACTS: Mapping[HostAct, Callable[[Session, float, int], Session]] = {
    HostAct.PAUSE: lambda session, now, _: clock.pause(session, Pause.HOST, now),
    HostAct.RESUME: lambda session, now, _: clock.resume(session, now),
    HostAct.MORE_TIME: lambda session, _, seconds: clock.more_time(session, float(seconds)),
    HostAct.SKIP: lambda session, now, _: hosting.skip(session, now),
    HostAct.REMOVE: lambda session, now, user_id: hosting.remove(session, user_id, now),
    HostAct.UNDO: lambda session, now, _: hosting.undo(session, now),
    HostAct.HAND_OVER: lambda session, _, user_id: hosting.hand_over(session, user_id),
    HostAct.STEP_DOWN: lambda session, _now, _number: hosting.step_down(session),
    HostAct.END: lambda session, now, _: hosting.end(session, now),
    HostAct.DECIDE: lambda session, now, number: hosting.decide(session, number, now),
    HostAct.RETRY: lambda session, now, _: hosting.retry(session, now),
    HostAct.NEXT_BEST: lambda session, now, _: hosting.next_best(session, now),
}
