"""What people press, choose and type in a session: every control is found by its custom_id, and answers its person alone."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import chain, product
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import discord
import pytest

from bot.discord_bot import CONTROLS, FORMS
from bot.domain.sessions.hosting import HostAct
from bot.domain.sessions.model import MOST_IDEAS, OVER, Outcome, Pause, Phase, Player, Trouble
from bot.domain.sessions.plans import Mode, Proposal
from bot.errors import ForbiddenWord, LanePaused
from bot.ui import host_card, host_controls, ids, modals, plan_card, plan_controls, recap_card, round_card, sending, session_card
from bot.ui import session_controls as controls
from bot.ui import session_forms as forms
from bot.ui.plan_controls import begin
from bot.ui.safe import guarded
from tests.contract.builders import GUILD, USER
from tests.unit.hostile import labels_of
from tests.unit.interactions import FakeClient, FakeInteraction
from tests.unit.sessions_built import (
    DUE,
    HOST,
    SESSION_ID,
    full_session,
    make_idea,
    make_round,
    make_session,
    make_take,
    post_of,
    shown_of,
)
from tests.unit.test_buttons import press

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.ui.cards import Card
    from tests.unit.fake_sessions import FakeSessions
    from tests.unit.rig import Rig

POST = f"{SESSION_ID}r3"
FIELDS = {"continue_at": "1:20", "tags": "dreamy piano", "title": ""}
EPHEMERAL = SimpleNamespace(flags=SimpleNamespace(ephemeral=True))


@pytest.fixture
def sessions(rig: Rig) -> FakeSessions:
    return rig.services.sessions


@pytest.fixture
def make(rig: Rig, tmp_path: Path) -> Callable[..., FakeInteraction]:
    def made(*values: str, user_id: int = USER, **given: Any) -> FakeInteraction:  # noqa: ANN401 - any field of an interaction
        return FakeInteraction(FakeClient(rig.services, folder=tmp_path), user_id=user_id, data={"values": list(values)}, **given)

    return made


def said(interaction: FakeInteraction) -> str:
    """Read the one private answer: in one go, or behind a defer."""
    (answer,) = [*interaction.answers, *interaction.follow_ups]
    assert answer["ephemeral"]
    return str(answer["content"])


async def send(form: str, interaction: FakeInteraction, *about: str, **typed: str) -> None:
    """Send a form, as Discord does."""
    fields = [{"type": 18, "component": {"custom_id": name, "value": value}} for name, value in {**FIELDS, **typed}.items()]
    interaction.data = {"custom_id": ids.make(form, *about, "nonce"), "components": fields}
    interaction.done = False
    await answered(interaction)


async def answered(interaction: FakeInteraction) -> None:
    await guarded(interaction.as_sent, modals.submitted(interaction.as_sent, FORMS))


def prefilled(interaction: FakeInteraction) -> dict[str, str]:
    fields = [cast("discord.ui.TextInput[discord.ui.Modal]", label.component) for label in labels_of(interaction.modals[-1])]
    return {field.custom_id: field.default or "" for field in fields}


# Found again.


def every_card() -> list[Card]:
    made = make_round(number=1, seq=2, takes=(make_take("clip-one"),), by=USER, outcome=Outcome.MADE)
    sessions = [
        full_session(phase=phase, mode=mode, paused=paused, offered_to=USER, past=(made,))
        for phase, mode, paused in product(set(Phase) - OVER, Mode, (None, Pause.HOST))
    ]
    rounds = [round_card.card(post_of(each), shown_of(each), upload_limit=0, attach=False) for each in sessions]
    rounds.append(round_card.card(post_of(sessions[0]), shown_of(make_session(Phase.OPEN, Mode.OPEN), made), upload_limit=0, attach=False))
    panels = [host_card.panel(replace(each, offered_to=None), moderator=True) for each in sessions]
    proposal = Proposal(root=make_take())
    draft = plan_card.Draft.of(proposal)
    plans = [plan_card.card("draft", draft, proposal, in_thread=False), plan_card.who("draft", draft.plan)]
    return [*rounds, *panels, *plans, host_card.ask_end(sessions[0])]


def test_every_control_is_answered_by_exactly_one_kind() -> None:
    kinds = list(chain(*CONTROLS))
    shown = {button.custom_id for card in every_card() for button in chain(*card.rows)}
    shown |= {select.custom_id for card in every_card() for select in card.selects}
    shown |= {ids.make(controls.GROW_FROM, POST), ids.make(forms.FIX, "draft"), ids.make(recap_card.TAKE_OUT, f"{SESSION_ID}t")}
    answering = {custom_id: [kind for kind in kinds if kind.__discord_ui_compiled_template__.fullmatch(custom_id)] for custom_id in shown}
    assert {custom_id for custom_id, found in answering.items() if len(found) != 1} == set()
    ours = {*controls.ALL, *forms.ALL, *plan_controls.ALL, *host_controls.ALL}
    assert ours <= {found[0] for found in answering.values()}, "and no kind is there for nothing"


def test_the_longest_ids_fit() -> None:
    post, clip = f"{SESSION_ID}r9999", "c" * 64
    for name in ("grow", "pick-take"):
        assert len(ids.make(name, post, clip)) <= 100
    assert len(ids.make(forms.Asked.GROW, post, clip, "nonce678")) <= 100


# Ideas.


async def test_an_idea_is_asked_for_with_the_track_and_put_forward(sessions: FakeSessions, make: Callable[..., FakeInteraction]) -> None:
    interaction = make()
    await press(controls.AddIdea, interaction, POST)
    assert prefilled(interaction) == {"continue_at": "1:59", "tags": "wave, synthwave", "title": ""}
    await send("idea-form", interaction, POST)
    assert said(interaction).startswith(f"Your idea: **1 · dreamy piano**. You can change it until the time is over, <t:{DUE:.0f}:R>")
    assert [idea.user_id for idea in (sessions.session.current or make_round()).ideas] == [USER]


async def test_the_form_brings_ones_own_idea_back_and_each_is_new(sessions: FakeSessions, make: Callable[..., FakeInteraction]) -> None:
    mine = make_idea(2, user_id=USER, tags="slow strings", title="Dawn", start=80.5)
    sessions.session = make_session(current=make_round(ideas=(make_idea(1), mine)))
    interaction = make()
    for _ in range(2):
        await press(controls.AddIdea, interaction, POST)
    assert prefilled(interaction) == {"continue_at": "1:20.5", "tags": "slow strings", "title": "Dawn"}
    assert len({modal.custom_id for modal in interaction.modals}) == 2


@pytest.mark.parametrize(
    ("typed", "error", "said_of_it"),
    [({"continue_at": "9:00"}, None, "Start point"), ({"tags": "verboten"}, ForbiddenWord("tags"), "Styles")],
)
async def test_what_is_typed_wrongly_is_kept(
    sessions: FakeSessions, make: Callable[..., FakeInteraction], typed: dict[str, str], error: Exception | None, said_of_it: str
) -> None:
    interaction = make()
    sessions.raises = error
    await send("idea-form", interaction, POST, **typed)
    assert said_of_it in said(interaction)
    await fix(interaction)
    assert prefilled(interaction) == {**FIELDS, **typed}


async def fix(interaction: FakeInteraction) -> None:
    """Press the one button of the answer."""
    (button,) = interaction.answers[-1]["view"].children
    interaction.done = False
    await press(forms.Fix, interaction, str(button.custom_id).split(":")[2])


async def test_an_idea_for_a_round_that_is_over_is_offered_to_the_next_one(
    sessions: FakeSessions, make: Callable[..., FakeInteraction]
) -> None:
    sessions.session = make_session(current=make_round(number=3, seq=4), last_seq=4)
    interaction = make()
    await send("idea-form", interaction, POST, tags="slow strings")
    assert "the session has gone on" in said(interaction)
    await fix(interaction)
    assert interaction.modals[-1].custom_id.startswith(f"idea-form:1:{SESSION_ID}r4:")
    assert prefilled(interaction)["tags"] == "slow strings"


async def test_an_idea_that_came_too_late_is_kept_until_there_is_a_round_for_it(
    sessions: FakeSessions, make: Callable[..., FakeInteraction]
) -> None:
    sessions.session = make_session(Phase.VOTE)
    interaction = make()
    await send("idea-form", interaction, POST)
    await fix(interaction)
    assert interaction.modals == []
    assert "the session has gone on" in interaction.answers[-1]["content"]


async def test_a_round_full_of_ideas_says_so(sessions: FakeSessions, make: Callable[..., FakeInteraction]) -> None:
    sessions.session = make_session(current=make_round(ideas=tuple(make_idea(number) for number in range(1, MOST_IDEAS + 1))))
    interaction = make()
    await send("idea-form", interaction, POST)
    assert f"There are {MOST_IDEAS} ideas" in said(interaction)


# Votes.


@pytest.fixture
def voting(sessions: FakeSessions) -> FakeSessions:
    sessions.session = make_session(Phase.VOTE, current=make_round(ideas=(make_idea(1), make_idea(2, user_id=USER))))
    return sessions


async def test_a_vote_is_answered_in_one_go(voting: FakeSessions, make: Callable[..., FakeInteraction]) -> None:
    interaction = make("1")
    await press(controls.VoteFor, interaction, POST)
    assert said(interaction) == f"Your vote: **1 · dreamy piano**. You can change it until the time is over, <t:{DUE:.0f}:R>."
    assert interaction.defers == []
    assert voting.votes == {USER: "1"}


async def test_a_slow_vote_is_deferred_and_counts(
    voting: FakeSessions, make: Callable[..., FakeInteraction], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "PATIENCE", 0.0)
    voting.slow = slow = asyncio.Event()
    interaction = make("1")
    defer = interaction.defer

    async def and_go_on(**given: Any) -> object:  # noqa: ANN401 - as discord.py takes it
        slow.set()
        return await defer(**given)

    monkeypatch.setattr(interaction, "defer", and_go_on)
    await press(controls.VoteFor, interaction, POST)
    assert interaction.defers == [{"ephemeral": True, "thinking": True}]
    assert "Your vote" in said(interaction)
    assert voting.votes == {USER: "1"}


@pytest.mark.parametrize(("choice", "refusal"), [("2", "That is your own idea"), ("7", "not to choose from")])
async def test_a_vote_that_does_not_count_says_why(
    voting: FakeSessions, make: Callable[..., FakeInteraction], choice: str, refusal: str
) -> None:
    interaction = make(choice)
    await press(controls.VoteFor, interaction, POST)
    assert refusal in said(interaction)
    assert voting.votes == {}


async def test_a_vote_from_an_earlier_round_is_none_of_this(voting: FakeSessions, make: Callable[..., FakeInteraction]) -> None:
    interaction = make("1")
    await press(controls.VoteFor, interaction, f"{SESSION_ID}r2")
    assert "the session has gone on" in said(interaction)
    assert voting.votes == {}


async def test_the_best_is_voted_for_and_can_be_heard(sessions: FakeSessions, make: Callable[..., FakeInteraction]) -> None:
    sessions.session = full_session(phase=Phase.FINALE, mode=Mode.OPEN)
    interaction = make("clip-0003", user_id=USER + 9)
    await press(controls.VoteFor, interaction, POST)
    assert "Your vote: **B · dreamy piano**" in said(interaction)
    assert [child.custom_id for child in interaction.answers[0]["view"].children] == ["play:1:clip-0003"]


TAKES = (make_take("clip-one", "A"), make_take("clip-two", "B"))


async def test_a_or_b_is_voted_for_in_a_session_of_ideas(sessions: FakeSessions, make: Callable[..., FakeInteraction]) -> None:
    sessions.session = make_session(Phase.TAKES, current=make_round(takes=TAKES, job_id="x1"))
    interaction = make()
    await press(controls.PickTake, interaction, POST, "clip-two")
    assert said(interaction).startswith("Your vote: **B · Night Train**.")
    assert sessions.votes == {USER: "clip-two"}


async def test_a_or_b_is_picked_by_whoever_was_up_in_a_relay(sessions: FakeSessions, make: Callable[..., FakeInteraction]) -> None:
    sessions.session = make_session(Phase.TAKES, Mode.RELAY, current=make_round(takes=TAKES, up=USER))
    other = make(user_id=USER + 5)
    await press(controls.PickTake, other, POST, "clip-two")
    assert "somebody else's turn" in said(other)
    interaction = make()
    await press(controls.PickTake, interaction, POST, "clip-two")
    assert "You picked B · Night Train" in said(interaction)
    assert sessions.session.head.clip_id == "clip-two"


# The line, and turns.


async def test_people_join_and_leave_the_line(sessions: FakeSessions, make: Callable[..., FakeInteraction]) -> None:
    sessions.session = make_session(Phase.TURN, Mode.RELAY, current=make_round(up=USER + 1), line=(Player(user_id=USER + 1),))
    for kind, words in ((controls.JoinLine, "at place 2"), (controls.JoinLine, "already"), (controls.LeaveLine, "left the line")):
        interaction = make()
        await press(kind, interaction, POST)
        assert words in said(interaction)
    assert [player.user_id for player in sessions.session.line] == [USER + 1]


async def test_the_first_in_line_is_up_at_once(sessions: FakeSessions, make: Callable[..., FakeInteraction]) -> None:
    sessions.session = make_session(Phase.WAITING, Mode.RELAY, due=None)
    interaction = make()
    await press(controls.JoinLine, interaction, POST)
    assert "it is your turn" in said(interaction)


async def test_only_who_is_up_continues_the_track(sessions: FakeSessions, make: Callable[..., FakeInteraction]) -> None:
    sessions.session = make_session(Phase.TURN, Mode.RELAY, current=make_round(up=USER), line=(Player(user_id=USER),))
    other = make(user_id=USER + 5)
    await press(controls.MyTurn, other, POST)
    assert "somebody else's turn" in said(other)
    interaction = make()
    await press(controls.MyTurn, interaction, POST)
    assert interaction.modals[0].custom_id.startswith(f"turn-form:1:{POST}:")
    await send("turn-form", interaction, POST)
    assert "on its way" in said(interaction)
    assert sessions.session.phase is Phase.EXTENDING


async def test_a_turn_that_cannot_be_taken_now_says_why(sessions: FakeSessions, make: Callable[..., FakeInteraction]) -> None:
    interaction = make()
    sessions.raises = LanePaused("no_credits")
    await send("turn-form", interaction, POST)
    assert "credits" in said(interaction)


# Open sessions.


async def test_any_track_of_an_open_session_is_continued(sessions: FakeSessions, make: Callable[..., FakeInteraction]) -> None:
    made = make_round(number=1, seq=4, takes=TAKES, outcome=Outcome.MADE)
    sessions.session = make_session(Phase.OPEN, Mode.OPEN, past=(made,), last_seq=4)
    interaction = make()
    await press(controls.GrowAny, interaction, POST)
    (select,) = interaction.answers[0]["view"].children
    assert [option.value for option in select.options] == ["clip-one", "clip-two", "clip-root"]
    for pressed, about in (
        ((controls.GrowFrom, make("clip-two")), (POST,)),
        ((controls.Grow, make()), (f"{SESSION_ID}r4", "clip-two")),
    ):
        await press(*pressed, *about)
        assert pressed[1].modals[0].custom_id.startswith(f"grow-ask:1:{POST}:clip-two:")
    interaction = make()
    await send("grow-ask", interaction, POST, "clip-two")
    assert "on its way" in said(interaction)
    again = make()
    await send("grow-ask", again, POST, "clip-one", tags="slow strings")
    assert "A track of yours is being made." in said(again)
    await fix(again)
    assert again.modals[0].custom_id.startswith(f"grow-ask:1:{POST}:clip-one:")
    assert prefilled(again)["tags"] == "slow strings"


async def test_when_it_is_no_longer_open_nothing_is_offered(sessions: FakeSessions, make: Callable[..., FakeInteraction]) -> None:
    for session, words in (
        (make_session(Phase.FINALE, Mode.OPEN), "has gone on"),
        (make_session(Phase.ENDED, Mode.OPEN, current=None), "has ended"),
    ):
        sessions.session = session
        interaction = make()
        await press(controls.GrowAny, interaction, POST)
        assert words in said(interaction)


# The way to the newest round, and out.


async def test_the_board_links_to_the_newest_round(sessions: FakeSessions, make: Callable[..., FakeInteraction]) -> None:
    sessions.there = post_of(sessions.session, message_id=4242)
    interaction = make()
    await press(controls.Board, interaction, POST)
    assert f"https://discord.com/channels/{GUILD}/" in said(interaction)
    sessions.there = None
    unsent = make()
    await press(controls.Board, unsent, POST)
    assert "on its way" in said(unsent)


async def test_a_family_that_is_gone_is_not_exported(sessions: FakeSessions, make: Callable[..., FakeInteraction]) -> None:
    sessions.session = make_session(Phase.ENDED, current=None, head=make_take("clip-0099"))
    interaction = make()
    await press(controls.TakeOut, interaction, f"{SESSION_ID}t")
    assert "I know no such track here" in said(interaction)


async def test_somebody_who_takes_part_takes_over(sessions: FakeSessions, make: Callable[..., FakeInteraction]) -> None:
    sessions.session = make_session(people=(HOST, USER), offered_to=USER)
    interaction = make()
    await press(controls.TakeOver, interaction, POST)
    assert "You host **Friday jam** now" in said(interaction)
    assert sessions.session.host_id == USER


# The host.


async def test_the_panel_is_for_the_host_and_for_moderators(make: Callable[..., FakeInteraction], monkeypatch: pytest.MonkeyPatch) -> None:
    stranger, host = make(), make(user_id=HOST)
    await press(host_controls.Host, stranger, POST)
    assert "Only the session's host" in said(stranger)
    await press(host_controls.Host, host, POST)
    assert host.answers[0]["embeds"][0].title == "Host this session"
    monkeypatch.setattr(FakeInteraction, "permissions", discord.Permissions(manage_messages=True))
    moderator = make()
    await press(host_controls.Host, moderator, POST)
    assert moderator.answers[0]["ephemeral"]


async def test_on_the_panel_an_act_draws_it_anew(sessions: FakeSessions, make: Callable[..., FakeInteraction]) -> None:
    interaction = make(user_id=HOST, message=EPHEMERAL)
    await press(host_controls.Steer, interaction, POST, "pause", "0")
    assert sessions.session.paused is Pause.HOST
    assert interaction.edits[0]["content"] == "The session is paused."
    assert interaction.edits[0]["embeds"][0].title == "Host this session"


async def test_below_a_round_an_act_is_answered_privately(sessions: FakeSessions, make: Callable[..., FakeInteraction]) -> None:
    sessions.session = make_session(paused=Pause.AWAY, due=None, left=30.0)
    interaction = make(user_id=HOST)
    await press(host_controls.Steer, interaction, POST, "resume", "0")
    assert said(interaction) == "The session goes on."
    assert interaction.edits == []
    assert sessions.session.paused is None


@pytest.mark.parametrize(("post", "step"), [(f"{SESSION_ID}r2", "ideas"), (POST, "vote")])
async def test_a_skip_that_was_meant_for_a_step_that_is_over_skips_nothing(
    sessions: FakeSessions, make: Callable[..., FakeInteraction], post: str, step: str
) -> None:
    before = sessions.session
    interaction = make(user_id=HOST)
    await press(host_controls.Steer, interaction, post, "skip", step)
    assert "the session has gone on" in said(interaction)
    assert sessions.session is before


async def test_more_time_is_added_in_seconds(sessions: FakeSessions, make: Callable[..., FakeInteraction]) -> None:
    await press(host_controls.Steer, make(user_id=HOST), POST, "more", "300")
    assert sessions.session.due == DUE + 300.0


async def test_an_unknown_act_is_no_act(make: Callable[..., FakeInteraction]) -> None:
    interaction = make(user_id=HOST)
    await press(host_controls.Steer, interaction, POST, "explode", "0")
    assert "no longer kept" in said(interaction)


async def test_the_host_chooses_an_idea_and_goes_on_from_a_failure(sessions: FakeSessions, make: Callable[..., FakeInteraction]) -> None:
    current = make_round(ideas=(make_idea(1), make_idea(2)))
    sessions.session = make_session(Phase.DECIDING, current=current, due=None)
    await press(host_controls.Decide, make("2", user_id=HOST), POST)
    assert (sessions.session.phase, (sessions.session.current or current).chosen) == (Phase.EXTENDING, 2)
    stuck = replace(sessions.session.current or current, trouble=Trouble.REFUSED, tried=(2,))
    sessions.session = replace(sessions.session, phase=Phase.STUCK, current=stuck)
    await press(host_controls.Steer, make(user_id=HOST), POST, "next", "0")
    assert (sessions.session.current or current).chosen == 1


async def test_people_are_taken_out_and_the_session_is_handed_over(sessions: FakeSessions, make: Callable[..., FakeInteraction]) -> None:
    await press(host_controls.ChoosePerson, make(str(USER + 3), user_id=HOST), POST, "remove")
    assert sessions.session.removed == {USER + 3}
    a_bot = make(str(USER + 4), user_id=HOST)
    a_bot.data = {**a_bot.data, "resolved": {"users": {str(USER + 4): {"bot": True}}}}
    await press(host_controls.ChoosePerson, a_bot, POST, "handover")
    assert sessions.session.host_id == HOST
    interaction = make(str(USER + 4), user_id=HOST, message=EPHEMERAL)
    await press(host_controls.ChoosePerson, interaction, POST, "handover")
    assert sessions.session.host_id == USER + 4
    assert interaction.edits[0]["content"] == "The session is handed over."
    assert interaction.edits[0]["embeds"] == [], "the panel is no longer theirs"


async def test_the_end_is_asked_once_more(sessions: FakeSessions, make: Callable[..., FakeInteraction]) -> None:
    asked = make(user_id=HOST, message=EPHEMERAL)
    await press(host_controls.AskEnd, asked, POST)
    assert asked.edits[0]["embeds"][0].title == "End the session now?"
    assert sessions.session.live
    back = make(user_id=HOST, message=EPHEMERAL)
    await press(host_controls.Back, back, POST)
    assert back.edits[0]["embeds"][0].title == "Host this session"
    ended = make(user_id=HOST, message=EPHEMERAL)
    await press(host_controls.Steer, ended, POST, HostAct.END, "0")
    assert not sessions.session.live
    assert "Its recap is on its way" in ended.edits[0]["content"]


# Before it starts.


@pytest.fixture
def allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("permissions", "app_permissions"):
        monkeypatch.setattr(FakeInteraction, name, discord.Permissions.all(), raising=False)


def draft_in(shown: dict[str, Any]) -> str:
    """Read which draft the controls of a card are about."""
    return str(shown["view"].children[0].custom_id).split(":")[2]


async def begun(make: Callable[..., FakeInteraction]) -> str:
    interaction = make()
    await begin(interaction.as_sent, "clip-root")
    return draft_in(interaction.follow_ups[0])


async def changed(make: Callable[..., FakeInteraction], kind: type[plan_controls.OfPlan], draft: str, *about: str, value: str = "") -> str:
    interaction = make(*filter(None, [value]))
    await press(kind, interaction, draft, *about)
    return draft_in(interaction.edits[0])


async def test_a_plan_is_changed_step_by_step_and_started(
    sessions: FakeSessions, make: Callable[..., FakeInteraction], allowed: None
) -> None:
    draft = await begun(make)
    for what, value in (("mode", "relay"), ("rounds", "6"), ("length", "600.0"), ("budget", "9")):
        draft = await changed(make, plan_controls.Set, draft, what, value=value)
    draft = await changed(make, plan_controls.Pings, draft)
    draft = await changed(make, plan_controls.Role, draft, value="77")
    named = make()
    await press(plan_controls.Name, named, draft)
    assert prefilled(named) == {"name": "Night Train", "theme": ""}
    typed = {"name": "Rainy", "theme": "rain, at night"}
    named.data = {
        "custom_id": ids.make("plan-form", draft, "nonce"),
        "components": [{"component": {"custom_id": name, "value": value}} for name, value in typed.items()],
    }
    named.done = False
    await answered(named)
    interaction = make()
    await press(plan_controls.Start, interaction, draft_in(named.edits[0]))
    assert "has begun" in interaction.edits[0]["content"]
    ((plan, clip_id, place, in_thread),) = sessions.started
    assert (plan.name, plan.theme, plan.mode, plan.rounds, plan.round_seconds) == ("Rainy", "rain, at night", Mode.RELAY, 6, 600.0)
    assert (plan.budget, plan.pings, plan.role_id, clip_id, in_thread) == (9, False, 77, "clip-root", False)
    assert place.bot_lacks == ()


async def test_everybody_may_join_again(make: Callable[..., FakeInteraction], rig: Rig) -> None:
    draft = await changed(make, plan_controls.Role, await begun(make), value="77")
    shown = make()
    await press(plan_controls.Who, shown, draft)
    assert "<@&77>" in (shown.edits[0]["embeds"][0].description or "")
    for kind, value in ((plan_controls.Everybody, ""), (plan_controls.Role, str(GUILD))):
        after = await changed(make, kind, draft, value=value)
        assert (await rig.services.drafts.get(after, USER) or {})["role"] == ""
    back = await changed(make, plan_controls.Back, draft)
    assert (await rig.services.drafts.get(back, USER) or {})["role"] == "77"


async def test_a_plan_outlives_a_restart_and_is_nobody_elses(rig: Rig, make: Callable[..., FakeInteraction], tmp_path: Path) -> None:
    draft = await changed(make, plan_controls.Set, await begun(make), "rounds", value="6")
    await rig.restart()
    again = FakeInteraction(FakeClient(rig.services, folder=tmp_path))
    await press(plan_controls.Pings, again, draft)
    assert (await rig.services.drafts.get(draft_in(again.edits[0]), USER) or {})["rounds"] == "6"
    stranger = FakeInteraction(FakeClient(rig.services, folder=tmp_path), user_id=USER + 1)
    await press(plan_controls.Pings, stranger, draft)
    assert "no longer kept" in said(stranger)


async def test_a_budget_shrinks_with_what_the_server_has_left(
    rig: Rig, sessions: FakeSessions, make: Callable[..., FakeInteraction]
) -> None:
    draft = await changed(make, plan_controls.Set, await begun(make), "budget", value="9")
    sessions.left = 4
    draft = await changed(make, plan_controls.Back, draft)
    assert (await rig.services.drafts.get(draft, USER) or {})["budget"] == "4"


async def test_a_session_that_cannot_be_posted_here_is_not_started(
    sessions: FakeSessions, make: Callable[..., FakeInteraction], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeInteraction, "permissions", discord.Permissions.all())
    no_threads = discord.Permissions.all() & ~discord.Permissions(create_public_threads=True)
    monkeypatch.setattr(FakeInteraction, "app_permissions", no_threads, raising=False)
    interaction = make()
    await press(plan_controls.Start, interaction, await begun(make))
    assert "I lack Create Public Threads" in said(interaction)
    in_voice = make(channel=SimpleNamespace(type=discord.ChannelType.voice))
    await press(plan_controls.Start, in_voice, await begun(make))
    assert "A Text Channel Or A Thread" in said(in_voice)
    assert sessions.started == []


async def test_in_a_thread_no_other_is_opened(sessions: FakeSessions, make: Callable[..., FakeInteraction], allowed: None) -> None:
    interaction = make(channel=SimpleNamespace(type=discord.ChannelType.public_thread))
    await press(plan_controls.Start, interaction, await begun(make))
    assert [in_thread for *_, in_thread in sessions.started] == [True]


def test_a_session_that_ended_is_said_to_have() -> None:
    assert "has ended" in session_card.board(make_session(Phase.ENDED), "").content
