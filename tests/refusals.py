"""`make refusals`: write docs/refusals.md, every refusal that people can meet, from the words themselves.

An example provokes the error where the domain's own checks can, and makes it with values of a quiet evening where they cannot.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bot import errors
from bot.domain import requests, typed_settings
from bot.domain.guild_keys import KeyTrouble
from bot.domain.jobs import JobState
from bot.domain.limits import Limit
from bot.domain.standing import LaneCondition
from bot.errors import BadOption, BlockRefused, CannotTakePart, EncoreError, PublishRefused, SessionRefused, UserError
from bot.ui import refusals, words
from cogs import operator, share

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

PAGE = Path(__file__).parents[1] / "docs" / "refusals.md"

MUSICIANS, MUSIC, LOUNGE = 1_199_900_000_000_000_005, 1_199_900_000_000_000_011, 1_199_900_000_000_000_012
MIDNIGHT = 1_798_761_600.0
"""When a day's limits are counted anew in the examples: 2027-01-01, 00:00 UTC."""
MODELS = ("v3.5", "v4.5", "v5")
TRACK = requests.Source(clip_id="c0ffee", variant="A", title="Night Train", tags="wave", seconds=187.4)
STUB = requests.Source(clip_id="c0ffee", variant="A", title="Blip", tags="wave", seconds=0.9)

SHOWN = {f"<@&{MUSICIANS}>": "@Musicians", f"<#{MUSIC}>": "#music", f"<#{LOUNGE}>": "#lounge"}
"""What Discord shows in place of a mention."""
RELATIVE = re.compile(r"<t:\d+:R>")
CLOCK = re.compile(r"<t:\d+:t>")


@dataclass(frozen=True, slots=True)
class Example:
    """When a refusal is met, and the error behind it."""

    when: str
    error: EncoreError


@dataclass(frozen=True, slots=True)
class Group:
    """Refusals of one sort, under a heading."""

    heading: str
    introduction: str
    examples: Sequence[Example] = field(default_factory=tuple[Example, ...])


def provoked(check: Callable[[], object]) -> BadOption:
    """Return what a check refuses; raises AssertionError if it takes it."""
    try:
        check()
    except BadOption as error:
        return error
    message = "the check took what it should refuse"
    raise AssertionError(message)


def groups() -> Iterator[Group]:
    """Yield every refusal."""
    yield Group("Where", "The place decides: the operator says which, and the server may narrow it.", tuple(_where()))
    yield Group("Who", "The person decides: their roles, how long they have been there, whose request it is.", tuple(_who()))
    yield Group("How much", "A day is a UTC day; what is cancelled before it is sent counts for nothing.", tuple(_how_much()))
    yield Group(
        "What was typed",
        "Each names the option, what is wrong with it, and an example that works; **Fix** brings back what was typed.",
        tuple(_typed()),
    )
    yield Group(
        "In a session", "The session decides: what it waits for, who takes part, and what its host has set.", tuple(_in_a_session())
    )
    yield Group("Later", "Nothing is wrong with the request: it is the wrong moment.", tuple(_later()))
    yield Group("For managers, moderators and the operator", "Met only by those who set things up.", tuple(_managing()))


def _where() -> Iterator[Example]:
    yield Example("In a channel that the server has not chosen for it", errors.WrongChannel((MUSIC, LOUNGE)))
    yield Example("Every channel that was chosen has been deleted", errors.WrongChannel(()))
    yield Example("In direct messages, while the operator has not allowed them", errors.DirectMessagesOff())
    yield Example("Where the bot is not a member and the person brought the app along", errors.AppElsewhere())
    yield Example("On a server that the operator has not named", errors.ServerNotAllowed())
    yield Example("Sharing or voting in direct messages", errors.OnlyInServers())
    send, attach = "send_messages", "attach_files"
    yield Example("Sharing where the person may not post", errors.CannotShare(LOUNGE, person_lacks=(send,)))
    yield Example("Sharing where the bot may not post", errors.CannotShare(LOUNGE, bot_lacks=(send, attach)))
    yield Example("Sharing where neither may", errors.CannotShare(LOUNGE, person_lacks=(send,), bot_lacks=(attach,)))
    yield Example("Sharing a track that one has made on another server", errors.NotFromHere(requests.EXAMPLE_ID))
    yield Example("Sharing a private track of one's own; a button makes it public", errors.NotPublicYet())
    yield Example("/create, while the operator has not allowed it", errors.CreatingOff(by_operator=True))
    yield Example("/create, while the server has not switched it on", errors.CreatingOff(by_operator=False))


def _who() -> Iterator[Example]:
    yield Example("Without the role that may ask for tracks", errors.MayNotSpend(MUSICIANS))
    yield Example("That role has been deleted", errors.MayNotSpend(None))
    yield Example("Without the role that may start sessions", errors.MayNotHost(MUSICIANS))
    yield Example("That role has been deleted", errors.MayNotHost(None))
    yield Example("A member of a few hours, where the operator asks for a day", errors.TooNew(MIDNIGHT))
    yield Example("Blocked by a moderator or by the operator", errors.Blocked())
    yield Example("A vote for a track of one's own", errors.OwnTrack())
    yield Example("Taking down what somebody else has shared", errors.NotYourShare())
    yield Example("/settings without Manage Server", errors.MayNotManage())
    yield Example("A button of somebody else's request", errors.NotAllowed())
    yield Example("A track that somebody else keeps to themselves", errors.PrivateTrack())
    for why, met in (
        (PublishRefused.NO_CHANNEL, "*Publish*, where the channel of the request is gone"),
        (PublishRefused.NOT_A_SERVER, "*Publish* of what was asked for outside of servers"),
        (PublishRefused.PERSON, "*Publish*, where the person may not post in the channel of the request"),
        (PublishRefused.BOT, "*Publish*, where the bot may not"),
    ):
        yield Example(met, errors.CannotPublish(why))
    yield Example("The server's usage without Manage Messages", errors.ModeratorsOnly())
    yield Example("/operator by anybody but the operator", errors.NotTheOperator())


def _how_much() -> Iterator[Example]:
    yield Example("As many requests under way as one person may have", errors.TooManyInFlight(3))
    for limit, when, allowed in (
        (Limit.PERSON, "A person's tracks of the day are used up", 20),
        (Limit.PERSON_HERE, "The same, where the server has set a lower number", 5),
        (Limit.SERVER, "The server's tracks of the day are used up", 100),
        (Limit.ALL, "The whole bot's tracks of the day are used up", 300),
    ):
        yield Example(when, errors.LimitReached(limit, allowed, MIDNIGHT))
    yield Example("The line is as long as the operator lets it become", errors.LimitReached(Limit.LINE, 100))


def _typed() -> Iterator[Example]:
    parse, start = requests.parse_clip_id, requests.parse_start
    yield Example("No track given", provoked(lambda: parse(" ")))
    yield Example("Something else than a track", provoked(lambda: parse("the one from yesterday")))
    yield Example("A link without an id", provoked(lambda: parse("https://suno.com/@somebody")))
    yield Example("A task's id in place of a track's", requests.not_a_track(requests.EXAMPLE_ID))
    yield Example("/share with something else than a track", provoked(lambda: share.clip_id_of("the one from yesterday")))
    yield Example("The list is empty, and its only line was chosen", errors.NoTrackYet())
    yield Example("A track of a second", provoked(lambda: start("0:01", STUB)))
    yield Example("Not a time", provoked(lambda: start("the chorus", TRACK)))
    yield Example("Seconds above 59", provoked(lambda: start("1:75", TRACK)))
    yield Example("The very beginning", provoked(lambda: start("0", TRACK)))
    yield Example("Behind the end", provoked(lambda: start("59:59", TRACK)))
    yield Example("“end” of a track whose length is not known", provoked(lambda: start("end", None)))
    yield Example("No style", provoked(lambda: requests.clean_tags(" , ")))
    yield Example("Too many styles", provoked(lambda: requests.clean_tags("piano " * 2000)))
    yield Example("Too long a title", provoked(lambda: requests.clean_title("La " * 300, source=None, tags="wave")))
    yield Example("A model that is not on offer", provoked(lambda: requests.check_model("v99", MODELS)))
    yield Example("/track with something else than a task", provoked(lambda: requests.parse_task_id("my song")))
    yield Example("A word that may not be used here", errors.ForbiddenWord("title"))


def _in_a_session() -> Iterator[Example]:
    for why, number, when in (
        (SessionRefused.NO_SESSION, None, "/session board where none is going on"),
        (SessionRefused.STEP_OVER, None, "A button, a vote or a form of a step that is over"),
        (SessionRefused.OVER, None, "The same, of a session that has ended"),
        (SessionRefused.PAUSED, None, "The session is paused"),
        (SessionRefused.NOT_INVITED, MUSICIANS, "Without the role that a session is for"),
        (SessionRefused.REMOVED, None, "Somebody whom the host has taken out"),
        (SessionRefused.IDEAS_FULL, 20, "One idea more than a round takes"),
        (SessionRefused.OWN_IDEA, None, "A vote for one's own idea"),
        (SessionRefused.NO_SUCH_CHOICE, None, "A vote for something that is gone"),
        (SessionRefused.NO_LINE, None, "*Join the line* of a session that has none"),
        (SessionRefused.IN_LINE, None, "Joining the line twice"),
        (SessionRefused.LINE_FULL, 8, "One more than the line takes"),
        (SessionRefused.NOT_IN_LINE, None, "Leaving a line without having been in it"),
        (SessionRefused.NOT_UP, None, "*Continue the track* in somebody else's turn"),
        (SessionRefused.ONE_AT_A_TIME, None, "A second track at a time in an open session"),
        (SessionRefused.BUDGET_USED, None, "The session's extensions are used up"),
        (SessionRefused.TOO_DEAR, 4, "A budget above what the server may still spend"),
        (SessionRefused.THREAD_TAKEN, None, "A second session in a thread"),
        (SessionRefused.NOT_THE_HOST, None, "*Host…* by somebody else"),
        (SessionRefused.NOT_PAUSED, None, "Resuming a session that goes on"),
        (SessionRefused.NO_DEADLINE, None, "More time where no clock runs"),
        (SessionRefused.NOTHING_TO_SKIP, None, "Skipping where there is nothing to skip"),
        (SessionRefused.NOTHING_TO_UNDO, None, "Undoing where no round was played"),
        (SessionRefused.REMOVES_HOST, None, "Taking the host out"),
        (SessionRefused.NOBODY_THERE, None, "Stepping down where nobody else takes part"),
        (SessionRefused.HOSTED, None, "Taking over a session that has a host"),
        (SessionRefused.NOT_TAKING_PART, None, "Taking over without having taken part"),
    ):
        yield Example(when, CannotTakePart(why, number))


def _later() -> Iterator[Example]:
    yield Example("The database is slow: nothing was written, nothing sent", errors.Busy())
    yield Example("The database is away", errors.StoreUnavailable())
    yield Example("The same, while it is looked up who may do what", errors.RulesUnknown())
    yield Example("The bot is being restarted", errors.Restarting())
    yield Example("The music service refuses the bot's key", errors.LanePaused(LaneCondition.KEY_REFUSED))
    yield Example("The bot's credits are used up", errors.LanePaused(LaneCondition.NO_CREDITS))
    yield Example("The music service refuses the server's own key", errors.LanePaused(LaneCondition.KEY_REFUSED, own_key=True))
    yield Example("The server's own credits are used up", errors.LanePaused(LaneCondition.NO_CREDITS, own_key=True))
    yield Example("The operator has paused the bot", errors.LanePaused(LaneCondition.HELD, why="moving to a new machine, back at six"))
    yield Example("A button whose moment has passed", errors.TooLate())
    yield Example("A button of something that is no longer kept", errors.NotFound())
    yield Example("A button of a track that was removed", errors.Removed())
    yield Example("A button of an old /library", errors.ListGone())
    yield Example("A track that is not known, or is somebody else's private one", errors.UnknownTrack())
    yield Example("A track whose audio is nowhere any more", errors.AudioGone())
    yield Example("The same, while it cannot be told", errors.AudioAway())
    yield Example("A track whose audio does not play", errors.AudioDamaged())
    yield Example("Work on sound that was killed", errors.WorkLost())
    yield Example("*Hear the join* of a track that continues none", errors.NothingToJoin())
    yield Example("*Whole track*, of more sound than Discord takes", errors.TooLongToSend(2711.0, 10 * 1024 * 1024))
    yield Example("The disk is full", errors.CannotStore())


def _managing() -> Iterator[Example]:
    yield Example("/settings, a limit that is no number", provoked(lambda: typed_settings.parse_daily("daily_per_person", "many")))
    yield Example("/settings, a limit of nothing", provoked(lambda: typed_settings.parse_daily("daily_per_server", "0")))
    yield Example("/settings, no votes for the showcase", provoked(lambda: typed_settings.parse_votes("0")))
    yield Example("/settings, a star inside a word", provoked(lambda: typed_settings.parse_words("b*d")))
    yield Example("/settings, a sentence for a word", provoked(lambda: typed_settings.parse_words("so many words " * 9)))
    yield Example("/settings, too many words", provoked(lambda: typed_settings.parse_words(",".join(map(str, range(300))))))
    yield Example("/settings, something that is no starter track", provoked(lambda: typed_settings.parse_starters("song?")))
    yield Example(
        "/settings, too many starter tracks",
        provoked(lambda: typed_settings.parse_starters(" ".join(f"186001a9-a9e2-487a-bdcc-{n:012}" for n in range(300)))),
    )
    yield Example("*Remove track* on somebody's message", errors.NotATrack())
    for why, when in (
        (BlockRefused.YOURSELF, "Blocking oneself"),
        (BlockRefused.BOT, "Blocking a bot"),
        (BlockRefused.MODERATOR, "Blocking a moderator"),
    ):
        yield Example(when, errors.CannotBlock(why))
    for trouble, when in (
        (KeyTrouble.OFF, "An own key, where the operator has not enabled them"),
        (KeyTrouble.MALFORMED, "Something that is no key"),
        (KeyTrouble.IN_USE, "A key that is in use already"),
        (KeyTrouble.AWAY, "A key, while the music service is away"),
    ):
        yield Example(when, errors.KeyNotTaken(trouble))
    yield Example("A key that the music service refuses", errors.KeyNotTaken(KeyTrouble.REFUSED, "Invalid API key"))
    yield Example("/operator attach for a request that needs no task", errors.CannotAttach(state=JobState.DELIVERED))
    yield Example("/operator attach for a request that is gone", errors.CannotAttach())
    yield Example("/operator attach with another request's task", errors.CannotAttach(owner="3f9c2a71"))
    yield Example("/operator block with a name", provoked(lambda: operator.person_in("Mira")))


def every(kind: type[UserError] = UserError) -> Iterator[type[UserError]]:
    """Yield every kind of refusal that is met: those that only gather others are none."""
    for below in kind.__subclasses__():
        if below.__subclasses__():
            yield from every(below)
        else:
            yield below


def as_shown(text: str) -> str:
    """Write what Discord shows in place of mentions and times."""
    for mention, shown in SHOWN.items():
        text = text.replace(mention, shown)
    return CLOCK.sub("00:00", RELATIVE.sub("in 5 hours", text))


def page() -> str:
    """Write the page. Raises ValueError for an error without words."""
    lines = [
        "# Every refusal, as people read it",
        "",
        "Written by `make refusals` from the words themselves; a test holds that it is up to date and that none is missing.",
        "What is refused is answered to its person alone, and nothing is sent to the music service or spent.",
        "Names, numbers and times are examples: Discord shows times in each reader's own zone.",
    ]
    for group in groups():
        lines += ["", f"## {group.heading}", "", group.introduction]
        for example in group.examples:
            text = words.refusal(example.error)
            if not text:
                raise ValueError(example)
            lines += ["", f"**{example.when}**", "", *(f"> {line}  " for line in as_shown(text).splitlines()[:-1])]
            lines.append(f"> {as_shown(text).splitlines()[-1]}")
    lines += [
        "",
        "## In a list of suggestions",
        "",
        "There are 100 characters, and no mentions: the list says it in short, and the command says it at length.",
        "",
    ]
    lines += [f"- {brief}" for brief in sorted(set(refusals.BRIEF.values()))]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the page; return the exit code."""
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
