"""Words for sessions: what a step is about, why it stands still, how rounds and sessions end, and why somebody cannot take part."""

from bot.domain.sessions.model import Ending, Outcome, Pause, Phase, Trouble
from bot.domain.sessions.plans import MINUTE, Mode
from bot.errors import CannotTakePart, SessionRefused
from bot.ui.times import when

HOUR = 60 * MINUTE

MODES = {
    Mode.IDEAS: "Ideas",
    Mode.RELAY: "Relay",
    Mode.OPEN: "Open",
}

MODE_SENTENCES = {
    Mode.IDEAS: "Each round, everybody puts forward an idea. The one with the most votes is made, and goes on from there.",
    Mode.RELAY: "People stand in line. Whoever is up continues the track and picks A or B, then it is the next one's turn.",
    Mode.OPEN: "Everybody continues any track of the session, as they like. A vote at the end finds the best.",
}

TAKING_PART = {
    Mode.IDEAS: "Press *Add or change my idea* in the newest message of the thread, and vote when the time is over.",
    Mode.RELAY: "Press *Join the line* in the newest message of the thread.",
    Mode.OPEN: "Press *Continue a track…* in the thread.",
}

PHASES = {
    Phase.OPENING: "The thread is being opened.",
    Phase.IDEAS: "**How should the track go on? Add one idea.** You can change it until the time is over.",
    Phase.VOTE: "**Vote for one idea.** You can change your vote until the time is over; your own idea is for the others.",
    Phase.DECIDING: "**Nobody has voted, twice.** The host now chooses an idea.",
    Phase.WAITING: "**The line is empty.** Whoever joins it first is up at once.",
    Phase.TURN: "Continue the track before the time is over, or it is the next one's turn.",
    Phase.EXTENDING: "**The track is being continued.** The clock stands still until it is there.",
    Phase.TAKES: "**Listen to A and B, then vote for one.** The track goes on with it.",
    Phase.STUCK: "**This extension brought no track.** The host says how to go on.",
    Phase.OPEN: "**Continue any track of this session**, one at a time. What is made is shown below, as it comes.",
    Phase.FINALE: "**Listen to what was made, then vote for the best.**",
    Phase.ENDING: "The session has ended.",
    Phase.ENDED: "The session has ended.",
}
"""What is to be done now."""

STEPS = {
    Phase.OPENING: "The thread is being opened",
    Phase.IDEAS: "Ideas are being collected",
    Phase.VOTE: "A vote on the ideas",
    Phase.DECIDING: "The host chooses an idea",
    Phase.WAITING: "The line is empty",
    Phase.TURN: "Somebody's turn",
    Phase.EXTENDING: "The track is being continued",
    Phase.TAKES: "The choice between A and B",
    Phase.STUCK: "An extension brought no track",
    Phase.OPEN: "Open for everybody",
    Phase.FINALE: "The vote for the best",
    Phase.ENDING: "Ended",
    Phase.ENDED: "Ended",
}
"""Where a session stands, in a few words."""

PICKING = "Without a pick it is A."
"""What whoever was up in a relay is to do, in place of a vote."""
NO_MORE_REQUESTS = "The time for new tracks is over. As soon as everything is made, there is a vote for the best."
"""The same step of an open session."""
WAITED = "Nobody had an idea yet, so there is time for one once more. After that the session is paused."
REPEATED = "Nobody voted, so this round is played once more: the ideas can be changed. After that the host chooses."
COUNTING = "**The time is over.** The votes are being counted."
HELD = "The music service takes no requests at the moment. The clock stands still and goes on by itself."

PAUSES = {
    Pause.HOST: "**Paused by the host.** The clock stands still until the host resumes.",
    Pause.AWAY: "**Paused: I was down for more than ten minutes.** Nothing is lost; the host resumes.",
    Pause.NO_IDEAS: "**Paused: there were no ideas.** When people are back, the host resumes.",
    Pause.PLACE: "**Paused: I can't write in the session's thread any more.** The host can resume it once I may.",
}

TROUBLES = {
    Trouble.REFUSED: "The music service refused it. Nothing was spent.",
    Trouble.CONTENT: "The music service's moderation refused it. Nothing was spent; other styles may pass.",
    Trouble.FAILED: "The music service gave up while making it. It may have been charged, so it counts.",
    Trouble.UNKNOWN: "The connection broke, so I can't tell whether it was started. It may have been charged, so it counts.",
    Trouble.STALLED: "It is not finished in the usual time. It was charged, so it counts; if it comes late, the round goes on with it.",
    Trouble.CANCELLED: "It was taken out of the line before it was sent. Nothing was spent.",
    Trouble.LIMIT: "This server's tracks of the day are used up. Nothing was spent; they are counted anew at 00:00 UTC.",
    Trouble.SOURCE: "The track that was to be continued was taken down. Nothing was spent.",
    Trouble.TAKEN_DOWN: "What it brought was taken down. It was charged, so it counts.",
}

OUTCOMES = {
    Outcome.CHOSEN: "This round is over.",
    Outcome.MADE: "A new track of this session.",
    Outcome.PASSED: "The turn was passed on.",
    Outcome.SKIPPED: "This round was skipped: the track stays as it was.",
    Outcome.UNDONE: "This round was undone: the track is again as it was before. Nothing was deleted.",
    Outcome.ENDED: "The session ended before this round did.",
}

ENDINGS = {
    Ending.ROUNDS: "All rounds were played.",
    Ending.BUDGET: "Its extensions were used up.",
    Ending.HOST: "The host ended it.",
    Ending.SOURCE: "The track it began with was taken down.",
}

REFUSALS = {
    SessionRefused.BUDGET_USED: "This session's extensions are used up. The tracks are still there: continue one with /extend.",
    SessionRefused.HOSTED: "This session has a host. Whoever it is can hand it over under *Host…*.",
    SessionRefused.IN_LINE: "You are in the line already. The message of the round says when it is your turn.",
    SessionRefused.NOBODY_THERE: "Nobody else has taken part yet, so there is nobody to take over. You can end the session instead.",
    SessionRefused.NO_DEADLINE: "There is no deadline at the moment, so there is no time to add to. Try again when a clock runs.",
    SessionRefused.NO_LINE: "This session has no line to join. Its newest message says how to take part; /session board leads there.",
    SessionRefused.NO_SUCH_CHOICE: "That is not to choose from here any more. Choose from the newest message; /session board leads there.",
    SessionRefused.NOTHING_TO_SKIP: "There is nothing to skip at the moment. Wait until the track is made, or end the session.",
    SessionRefused.NOTHING_TO_UNDO: (
        "There is no round to undo at the moment: none was played, or a track is being made. Try again in a moment."
    ),
    SessionRefused.NOT_IN_LINE: "You are not in the line. *Join the line* puts you there.",
    SessionRefused.NOT_PAUSED: "The session is not paused, so there is nothing to resume. /session board leads to its newest message.",
    SessionRefused.NOT_TAKING_PART: "Only people who take part can take over. Add an idea, continue a track or join the line first.",
    SessionRefused.NOT_THE_HOST: "Only the session's host, or a moderator, can do that. Ask one of them.",
    SessionRefused.NOT_UP: "It is somebody else's turn. *Join the line* to get one; the message of the round says when.",
    SessionRefused.NO_SESSION: "There is no session here at the moment. Start one with /session start.",
    SessionRefused.ONE_AT_A_TIME: "A track of yours is being made. When it is there, you can continue another one.",
    SessionRefused.OVER: "This session has ended. Its tracks are still there: continue one from its last message, or with /library.",
    SessionRefused.OWN_IDEA: "That is your own idea: the votes for it are for the others to give. Vote for another one.",
    SessionRefused.PAUSED: "The session is paused. When the host resumes it, you can go on here.",
    SessionRefused.REMOVED: "The host has taken you, or whoever you chose, out of this session. You can still listen; ask the host why.",
    SessionRefused.REMOVES_HOST: "The host can't be taken out. Hand the session over first.",
    SessionRefused.STEP_OVER: "That is over: the session has gone on in the meantime. /session board leads to its newest message.",
    SessionRefused.THREAD_TAKEN: "There is a session in this thread already. Start yours in another thread, or in a channel.",
}


def refusal(error: CannotTakePart) -> str:
    """Say why a session does not take what somebody wants of it, and what to do instead."""
    most = error.number or 0
    match error.why:
        case SessionRefused.IDEAS_FULL:
            return f"There are {most} ideas, and a round takes no more. Vote when the time is over; the next round takes ideas again."
        case SessionRefused.LINE_FULL:
            return f"There are {most} people in the line, and it takes no more. Try again when somebody has played."
        case SessionRefused.NOT_INVITED:
            return f"This session is for people with the role <@&{most}>. You can listen; ask the host if you want to take part."
        case SessionRefused.TOO_DEAR:
            return f"This server may spend only {counted(most, 'extension')} more today. Choose a smaller budget."
        case _:
            return REFUSALS[error.why]


def counted(number: int, what: str) -> str:
    """Count something: "no votes", "1 vote", "7 votes"."""
    if number == 1:
        return f"1 {what}"
    things = "people" if what == "person" else f"{what}s"
    return f"{number or 'no'} {things}"


def lasting(seconds: float) -> str:
    """Write a length of time that is on offer: "45 s", "3 min", "4 h"."""
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    if seconds < HOUR:
        return f"{seconds / MINUTE:.0f} min"
    hours, minutes = divmod(round(seconds / MINUTE), 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def rounds_of(mode: Mode, rounds: int, round_seconds: float) -> str:
    """Say how long a session is; an open one has no rounds of its own."""
    if mode is Mode.OPEN:
        return lasting(rounds * round_seconds)
    return f"{counted(rounds, 'round')} of {lasting(round_seconds)}"


def voted(choice: str, due: float | None) -> str:
    """Confirm a vote."""
    until = f"until the time is over, {when(due)}" if due is not None else "until the time is over"
    return f"Your vote: **{choice}**. You can change it {until}."
