"""The cards of sessions: within Discord's limits and harmless, in every state and whatever is written in it; and what each says."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import chain, product
from typing import TYPE_CHECKING, Any

import pytest

from bot.domain.posts import PostKind, SessionBegun, SessionRecap
from bot.domain.sessions.hosting import HostAct
from bot.domain.sessions.model import OVER, Ending, Outcome, Pause, Phase, Trouble
from bot.domain.sessions.plans import Mode, Proposal
from bot.domain.standing import LaneCondition, Standing
from bot.domain.whole_track import Whole, plan
from bot.errors import CannotTakePart, SessionRefused
from bot.ui import host_card, ids, plan_card, recap_card, round_card, session_card, session_words, words
from bot.ui.cards import Card
from bot.ui.people import people
from bot.ui.sending import mentions_of, view_of
from tests.contract.builders import GUILD, USER
from tests.unit.hostile import TEXTS, check_harmless, check_limits, texts_of
from tests.unit.sessions_built import (
    DUE,
    HOST,
    THREAD,
    clip_of,
    full_session,
    make_idea,
    make_plan,
    make_round,
    make_session,
    make_take,
    post_of,
    shown_of,
)
from tests.unit.vocabulary import FORBIDDEN

if TYPE_CHECKING:
    from bot.domain.posts import RoundShown
    from bot.domain.sessions.model import Session

LIMIT = 10 * 1024 * 1024
PNG = b"\x89PNG"
OURS = re.compile(rf"<#(?:{THREAD}|{GUILD + 5})>")
"""The only places that a card leads to."""
LIVE = [phase for phase in Phase if phase not in OVER]
IN_LINE = Standing(place=3, wait=120.0, usual=(90.0, 180.0), as_of=DUE - 60.0)
MODES = pytest.mark.parametrize("mode", list(Mode))


def check(card: Card) -> None:
    """Hold a card against Discord's limits, selects too, and against what it must not do."""
    if card.rows:
        check_limits(replace(card, content=card.content or "-"))
    view_of(card)
    assert len(card.rows) + len(card.selects) <= 5
    for select in card.selects:
        assert len(select.custom_id) <= 100
        assert len(select.placeholder) <= 150
        assert len({option.value for option in select.options}) == len(select.options) <= 25
        for option in select.options:
            assert 1 <= len(option.label) <= 100
            assert len(option.description) <= 100
            assert 1 <= len(option.value) <= 100
    for text in texts_of(card):
        check_harmless(OURS.sub("", text))
    assert all(embed.image.url is None and embed.thumbnail.url is None for embed in card.embeds), "an edit without files could not bring it"


def render(shown: RoundShown, *, attach: bool = True) -> Card:
    return round_card.card(post_of(shown.session), shown, upload_limit=LIMIT, attach=attach)


def text_of(card: Card) -> str:
    return "\n".join(texts_of(card))


def labels(card: Card) -> list[str]:
    return [button.label for button in chain(*card.rows)]


def is_found(card: Card, post_id: str) -> bool:
    """Tell whether the message would be found again by one of its buttons."""
    return any(ids.mentions_job(button.custom_id, post_id) for button in chain(*card.rows))


# Every state.


@MODES
@pytest.mark.parametrize("phase", LIVE)
@pytest.mark.parametrize("text", [TEXTS[0], "*" * 200])
def test_every_step_fits_and_is_harmless(phase: Phase, mode: Mode, text: str) -> None:
    standing_still = [(pause, None, False) for pause in Pause] + [(None, None, True)]
    for pause, trouble, held in (*standing_still, *((None, trouble, False) for trouble in (None, *Trouble))):
        session = full_session(text, phase, mode, paused=pause, held=held, offered_to=USER if held else None)
        assert session.current is not None
        session = replace(session, current=replace(session.current, trouble=trouble))
        card = render(shown_of(session, turnout=7, standing=IN_LINE, waveform=PNG))
        check(card)
        assert is_found(card, post_of(session).id)


@MODES
@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("picked", [None, "clip-0001"])
def test_every_outcome_fits_and_is_found_again(mode: Mode, outcome: Outcome, picked: str | None) -> None:
    for text, phase in product(("dreamy piano", TEXTS[0]), (Phase.IDEAS, Phase.OPEN, Phase.ENDED)):
        session = full_session(text, phase, mode)
        assert session.current is not None
        closed = replace(session.current, outcome=outcome, picked=picked)
        card = render(shown_of(replace(session, current=None, past=(closed,)), closed))
        check(card)
        assert is_found(card, post_of(session).id)
        assert "Ends <t" not in text_of(card)


@pytest.mark.parametrize("text", TEXTS)
def test_any_text_stays_harmless_in_every_card(text: str) -> None:
    session = full_session(text, past=(make_round(outcome=Outcome.CHOSEN, takes=(make_take(title=text),), by=USER, job_id="job-1"),))
    ended = replace(session, phase=Phase.ENDED, current=None, ended_at=DUE, ending=Ending.ROUNDS)
    proposal = Proposal(root=session.root, left=3)
    draft = plan_card.Draft(clip_id="clip-root", plan=session.plan)
    for card in (
        session_card.begun(post_of(session), SessionBegun(session=session, source=clip_of(session.root))),
        session_card.history([ended] * 30),
        session_card.board(session, "[Jump to post](https://discord.com/channels/1/2/3)"),
        recap_card.card(post_of(ended), SessionRecap(session=ended, best=clip_of(ended.head)), upload_limit=LIMIT, attach=True),
        plan_card.card("draft", draft, proposal, in_thread=False),
        plan_card.who("draft", draft.plan),
        plan_card.started(session),
        host_card.panel(session, moderator=True),
        host_card.panel(session, moderator=False),
        host_card.ask_end(session),
    ):
        check(card)


def test_no_card_uses_a_word_of_the_code() -> None:
    sessions = [full_session(phase=phase, mode=mode) for phase, mode in product(LIVE, Mode)]
    shown = [*(render(shown_of(each)) for each in sessions), *(host_card.panel(each, moderator=True) for each in sessions)]
    texts = [text for card in shown for text in texts_of(card)]
    assert len(texts) > 100
    assert [text for text in texts if FORBIDDEN.search(text)] == []


# A round.


def test_a_round_says_what_to_do_and_until_when() -> None:
    session = make_session(current=make_round(ideas=(make_idea(1), make_idea(2, tags="slow strings"))))
    card = render(shown_of(session, waveform=PNG))
    assert "**Round 2 of 3** · Friday jam" in card.content
    assert "The track so far: A · Night Train · **2:00**" in card.content
    assert "Add one idea" in card.content
    assert f"Ends <t:{DUE:.0f}:R>" in card.content
    assert card.embeds[0].description == "**Idea 1** · dreamy piano · from 1:20\n**Idea 2** · slow strings · from 1:20"
    assert labels(card) == ["Add or change my idea", "Host…"]
    assert [attachment.filename for attachment in card.attachments] == ["Night Train - so far.mp3"]
    assert "2:00 long, with a mark at its end" in card.pictures[0].description


def test_ideas_have_no_names_but_for_moderators() -> None:
    session = make_session(Phase.VOTE, current=make_round(ideas=(make_idea(1), make_idea(2))))
    assert f"<@{USER + 1}>" not in text_of(render(shown_of(session)))
    assert f"<@{USER + 1}>" not in text_of(host_card.panel(session, moderator=False))
    assert f"<@{USER + 1}>" in text_of(host_card.panel(session, moderator=True))


def test_many_ideas_are_listed_in_a_line_or_two_each_and_so_are_those_that_nobody_chooses_any_more() -> None:
    ideas = tuple(make_idea(number, tags="dreamy piano, " * 14, title="A title of its own") for number in range(1, 10))
    few, many = (str(render(shown_of(make_session(current=make_round(ideas=some)))).embeds[0].description) for some in (ideas[:8], ideas))
    assert "“A title of its own”" in few
    assert max(map(len, few.splitlines())) > 200
    assert "A title of its own" not in many
    assert max(map(len, many.splitlines())) < 100
    over = render(shown_of(make_session(Phase.TAKES, current=make_round(ideas=ideas[:8], takes=(make_take("clip-one"),)))))
    assert [embed.title for embed in over.embeds] == ["What was made", "Ideas"]
    assert "A title of its own" not in text_of(over)


def test_the_votes_on_ideas_are_shown_also_after_the_vote_on_tracks() -> None:
    takes = (make_take("clip-one"), make_take("clip-two", "B"))
    votes = {"idea_votes": {"1": 3}, "votes": {"clip-two": 2}}
    closed = make_round(ideas=(make_idea(),), takes=takes, chosen=1, picked="clip-two", outcome=Outcome.CHOSEN, **votes)
    shown = text_of(render(shown_of(make_session(current=None, past=(closed,)), closed)))
    assert "from 1:20 · 3 votes · **chosen**" in shown
    assert "2:00 · 2 votes · **chosen**" in shown


def test_a_vote_is_a_select_and_its_counts_are_hidden() -> None:
    session = make_session(Phase.VOTE, current=make_round(ideas=(make_idea(1), make_idea(2)), tried=()))
    card = render(shown_of(session, turnout=7))
    (select,) = card.selects
    assert [option.label for option in select.options] == ["1 · dreamy piano", "2 · dreamy piano"]
    assert "7 people have voted." in card.content
    assert "votes" not in (card.embeds[0].description or "")
    assert "1 person has voted." in render(shown_of(session, turnout=1)).content


def test_an_idea_that_brought_nothing_is_not_offered_again() -> None:
    session = make_session(Phase.VOTE, current=make_round(ideas=(make_idea(1), make_idea(2)), tried=(1,)))
    card = render(shown_of(session))
    assert [option.value for option in card.selects[0].options] == ["2"]
    assert "brought no track" in (card.embeds[0].description or "")


@pytest.mark.parametrize(("mode", "verb"), [(Mode.IDEAS, "Vote for"), (Mode.RELAY, "Pick")])
def test_two_versions_are_attached_with_their_joins(mode: Mode, verb: str) -> None:
    takes = (make_take("clip-one", "A"), make_take("clip-two", "B"))
    session = make_session(Phase.TAKES, mode, current=make_round(takes=takes, up=USER))
    card = render(shown_of(session))
    assert labels(card)[:4] == [f"{verb} A", f"{verb} B", "Hear the join A", "Hear the join B"]
    assert [attachment.filename for attachment in card.attachments] == [
        "Night Train - so far.mp3",
        "Night Train - A.mp3",
        "Night Train - B.mp3",
    ]
    assert ids.make("join", "clip-two") in [button.custom_id for button in card.rows[1]]


def test_what_changes_within_a_step_changes_no_file() -> None:
    before = make_session(Phase.VOTE, current=make_round(ideas=(make_idea(1), make_idea(2))))
    shown = shown_of(before, waveform=PNG)
    states = [
        shown,
        replace(shown, turnout=7),
        shown_of(replace(before, paused=Pause.HOST), waveform=PNG),
        shown_of(replace(before, phase=Phase.EXTENDING), waveform=PNG, standing=IN_LINE),
    ]
    cards = [render(each) for each in states]
    assert len({card.content for card in cards}) == len(cards)
    assert len({(card.attachments, card.pictures) for card in cards}) == 1


@pytest.mark.parametrize(
    ("standing", "said"),
    [
        (IN_LINE, "It waits in line: place 3, about 2 min to the start"),
        (Standing(place=1, wait=4.0), "It waits in line: it is next."),
        (Standing(usual=(90.0, 180.0)), "It is being made, usually done after 1½–3 min."),
        (Standing(place=2, lane=LaneCondition.UNREACHABLE), "The music service doesn't answer at the moment."),
        (None, "The clock stands still until it is there."),
    ],
)
def test_how_far_the_extension_is_is_said(standing: Standing | None, said: str) -> None:
    session = make_session(Phase.EXTENDING, due=None)
    content = render(shown_of(session, standing=standing)).content
    assert said in content
    assert "Ends" not in content


def test_a_clock_that_stands_still_says_why() -> None:
    assert "Paused by the host" in render(shown_of(make_session(paused=Pause.HOST, due=None, left=60.0))).content
    assert "takes no requests" in render(shown_of(make_session(held=True, due=None, left=60.0))).content
    assert labels(render(shown_of(make_session(paused=Pause.AWAY, due=None, left=60.0)))) == ["Resume (host)", "Host…"]


def test_a_relay_says_whose_turn_it_is_and_pings_them_alone() -> None:
    session = full_session(phase=Phase.TURN, mode=Mode.RELAY)
    card = render(shown_of(session))
    assert f"It is the turn of <@{USER}>." in card.content
    assert f"<@{USER + 1}> (your turn about <t:{DUE + 150:.0f}:t>)" in card.content
    assert labels(card) == ["Continue the track", "Join the line", "Leave the line", "Host…"]
    assert card.mentions == (USER,)
    assert not card.silent
    assert [user.id for user in mentions_of(card).users or []] == [USER]  # type: ignore[union-attr] - a list here


@pytest.mark.parametrize("given", [{"plan": make_plan(mode=Mode.RELAY, pings=False)}, {"paused": Pause.HOST}])
def test_every_other_round_is_silent(given: dict[str, Any]) -> None:
    for session in (make_session(), replace(full_session(phase=Phase.TURN, mode=Mode.RELAY), **given)):
        card = render(shown_of(session))
        assert card.silent
        assert card.mentions == ()


@pytest.mark.parametrize(
    ("trouble", "retry"),
    [
        (Trouble.UNKNOWN, "Try again (may cost twice)"),
        (Trouble.STALLED, "Try again (costs again)"),
        (Trouble.FAILED, "Try again (costs again)"),
        (Trouble.REFUSED, "Try again"),
    ],
)
def test_a_round_that_is_stuck_says_what_each_way_on_costs(trouble: Trouble, retry: str) -> None:
    session = make_session(
        Phase.STUCK, current=make_round(ideas=(make_idea(1), make_idea(2)), chosen=1, tried=(1,), trouble=trouble), due=None
    )
    card = render(shown_of(session))
    assert session_words.TROUBLES[trouble] in card.content
    assert "0 of 5 extensions are spent." in card.content
    assert labels(card) == [retry, "Take the next idea", "Skip this round", "Host…"]
    alone = make_session(Phase.STUCK, current=make_round(ideas=(make_idea(1),), chosen=1, tried=(1,), trouble=trouble))
    assert "Take the next idea" not in labels(render(shown_of(alone)))


def test_a_closed_round_says_who_won_and_what_it_goes_on_with() -> None:
    takes = (make_take("clip-one", "A"), make_take("clip-two", "B"))
    closed = make_round(
        ideas=(make_idea(1),), chosen=1, by=USER + 1, takes=takes, picked="clip-two", votes={"clip-two": 5}, outcome=Outcome.CHOSEN
    )
    session = make_session(current=make_round(number=3, seq=4), past=(closed,), last_seq=4)
    card = render(shown_of(session, closed))
    assert f"Idea 1 was made, by <@{USER + 1}>." in card.content
    assert "**It goes on with B · Night Train · 2:00**, with 5 votes." in card.content
    assert labels(card) == ["Hear the join A", "Hear the join B", "Go to the newest round"]


def test_what_an_open_session_made_can_be_continued_from_its_message_as_long_as_it_is_open() -> None:
    made = make_round(number=1, seq=2, takes=(make_take("clip-one"),), by=USER, outcome=Outcome.MADE)
    session = make_session(Phase.OPEN, Mode.OPEN, past=(made,))
    assert labels(render(shown_of(session, made))) == ["Continue A", "Hear the join A", "Go to the newest round"]
    # What it continues is in the message before it.
    card = render(shown_of(session, made, waveform=PNG))
    assert ([file.filename for file in card.attachments], card.pictures) == (["Night Train - A.mp3"], ())
    closed = replace(session, phase=Phase.FINALE)
    assert labels(render(shown_of(closed, made))) == ["Hear the join A", "Go to the newest round"]


def test_the_last_vote_attaches_no_more_than_the_first_track() -> None:
    session = full_session(phase=Phase.FINALE, mode=Mode.OPEN)
    card = render(shown_of(session, turnout=0))
    assert len(card.attachments) == 1
    assert len(card.selects[0].options) == 25
    assert "Nobody has voted yet." in card.content


def test_audio_that_is_too_large_is_linked_and_what_was_taken_down_is_said() -> None:
    session = make_session()
    linked = render(shown_of(session), attach=False)
    assert linked.attachments == ()
    assert "[Listen](https://cdn.example/clip-root.mp3)" in linked.content
    assert "was taken down" in render(shown_of(session, source=None)).content


# The others.


def test_a_session_that_begins_says_how_to_take_part_once_its_thread_is_there() -> None:
    session = make_session(Phase.OPENING, place_id=None, current=None)
    opening = session_card.begun(post_of(session), SessionBegun(session=session, source=None))
    assert "opens here in a moment" in opening.content
    there = session_card.begun(post_of(session), SessionBegun(session=replace(session, place_id=THREAD), source=clip_of(session.root)))
    assert f"**Take part in <#{THREAD}>.** Press *Add or change my idea*" in there.content
    assert f"hosted by <@{HOST}>" in there.content
    ended = replace(session, phase=Phase.ENDED, ending=Ending.BUDGET)
    assert (
        "has ended. Its extensions were used up." in session_card.begun(post_of(session), SessionBegun(session=ended, source=None)).content
    )


def recap(**given: Any) -> Card:  # noqa: ANN401 - any field of what is shown
    session = full_session(phase=Phase.ENDED, mode=Mode.IDEAS)
    assert session.current is not None
    played = replace(session.current, outcome=Outcome.CHOSEN, picked="clip-0001", votes={"clip-0001": 4, "clip-0000": 3})
    session = replace(session, current=None, past=(played,), ended_at=DUE, ending=Ending.ROUNDS)
    shown = SessionRecap(session=session, best=clip_of(session.head))
    return recap_card.card(replace(post_of(session), kind=PostKind.RECAP), replace(shown, **given), upload_limit=LIMIT, attach=True)


def test_a_recap_has_the_whole_track_the_family_and_the_figures() -> None:
    whole = Whole(
        name="_whole-1.mp3", size=5_000_000, seconds=312.0, bit_rate=192_000, plan=plan([clip_of(make_take(), parent_id=None)], {})
    )
    card = recap(whole=whole, family=PNG, family_words="A family tree of 3 tracks.")
    check(card)
    assert [attachment.filename for attachment in card.attachments] == ["Night Train - whole track.mp3"]
    assert card.pictures[0].description == "A family tree of 3 tracks."
    assert "5:12 joined" in card.content
    assert card.embeds[0].footer.text == "1 round · 30 people · 24 votes · 50 min · 1 of 5 extensions spent"
    assert labels(card) == ["Continue", "Family", "Whole track", "Export"]


def test_a_recap_falls_back_to_what_fits_or_is_left() -> None:
    whole = Whole(
        name="_whole-1.mp3", size=LIMIT + 1, seconds=312.0, bit_rate=192_000, plan=plan([clip_of(make_take(), parent_id=None)], {})
    )
    assert "too large to attach here: press *Whole track*" in recap(whole=whole).content
    assert [attachment.stored for attachment in recap(whole=whole).attachments] == ["clip-root.mp3"]
    gone = recap(best=None)
    assert "was taken down" in gone.content
    assert labels(gone) == ["Export"]


def test_history_lists_or_says_how_to_begin() -> None:
    assert "/session start" in text_of(session_card.history([]))
    assert "… and 5 more" in text_of(session_card.history([make_session(Phase.ENDED, ended_at=DUE)] * 25))


@pytest.mark.parametrize("left", [None, 1, 3, 40, 500])
def test_a_budget_is_never_above_what_the_server_may_still_spend(left: int | None) -> None:
    proposal = Proposal(root=make_take(), left=left)
    for draft in (plan_card.Draft.of(proposal), plan_card.Draft(clip_id="c", plan=make_plan(budget=50), own_budget=True)):
        within = draft.within(proposal)
        card = plan_card.card("draft", within, proposal, in_thread=True)
        check(card)
        assert max(int(option.value) for option in card.selects[3].options) == proposal.most
        assert 1 <= within.plan.budget <= proposal.most
        assert card.selects[3].chosen == (str(within.plan.budget),)
        assert labels(card) == ["Start", "Name and theme…", "Who may join…", "Pings: on"]


def test_a_server_that_may_spend_nothing_starts_no_session() -> None:
    proposal = Proposal(root=make_take(), left=0)
    card = plan_card.card("draft", plan_card.Draft.of(proposal).within(proposal), proposal, in_thread=False)
    check(card)
    assert "Start" not in labels(card)
    assert "No session can start today" in text_of(card)


def test_a_budget_follows_the_rounds_until_it_is_chosen() -> None:
    proposal = Proposal(root=make_take())
    draft = plan_card.Draft.of(proposal)
    longer = replace(draft, plan=replace(draft.plan, rounds=10))
    assert longer.within(proposal).plan.budget == 12
    assert replace(longer, own_budget=True).within(proposal).plan.budget == draft.plan.budget


def test_a_draft_is_kept_whole() -> None:
    draft = plan_card.Draft(
        clip_id="clip-root",
        plan=make_plan(theme="rain", mode=Mode.RELAY, rounds=5, round_seconds=600.0, role_id=77, budget=9, pings=False),
        own_budget=True,
    )
    assert plan_card.Draft.from_fields(draft.to_fields()) == draft


# The host's.


def acts(session: Session) -> set[str]:
    card = host_card.panel(session, moderator=False)
    found = [custom_id.split(":") for custom_id in (*(b.custom_id for b in chain(*card.rows)), *(s.custom_id for s in card.selects))]
    return {parts[3] for parts in found if len(parts) > 3} | {parts[0] for parts in found if len(parts) == 3}


@MODES
@pytest.mark.parametrize("phase", list(Phase))
def test_a_panel_fits_in_every_state(phase: Phase, mode: Mode) -> None:
    played = make_round(outcome=Outcome.CHOSEN)
    for pause, counting in product((None, *Pause), (False, True)):
        check(host_card.panel(full_session("*" * 200, phase, mode, paused=pause, counting=counting, past=(played,)), moderator=True))


def test_a_panel_offers_only_what_applies_now() -> None:
    always = {"host-ask-end", "remove", "handover"}
    assert acts(make_session()) == {"pause", "more", "skip", *always}
    assert acts(make_session(paused=Pause.HOST, due=None, left=5.0)) == {"resume", "more", *always}
    assert acts(make_session(Phase.EXTENDING, due=None)) == {"pause", *always}
    assert acts(make_session(Phase.WAITING, Mode.RELAY, due=None, people=(HOST, USER))) == {"pause", "stepdown", *always}
    assert acts(make_session(past=(make_round(outcome=Outcome.CHOSEN),))) == {"pause", "more", "skip", "undo", *always}
    stuck = make_round(ideas=(make_idea(1), make_idea(2)), chosen=1, tried=(1,), trouble=Trouble.FAILED)
    assert acts(make_session(Phase.STUCK, current=stuck, due=None)) == {"pause", "retry", "next", "skip", *always}
    deciding = make_session(Phase.DECIDING, current=make_round(ideas=(make_idea(1),)), due=None)
    assert acts(deciding) == {"pause", "skip", "decide", *always}


# Words.


@pytest.mark.parametrize("why", list(SessionRefused))
def test_every_refusal_says_what_to_do_instead(why: SessionRefused) -> None:
    said = words.refusal(CannotTakePart(why, 8))
    assert said
    assert said.count(".") >= 2, "what is wrong, and what to do instead"


def test_everything_that_a_session_can_be_has_words() -> None:
    for kind, said in (
        (Phase, session_words.PHASES),
        (Phase, session_words.STEPS),
        (Pause, session_words.PAUSES),
        (Trouble, session_words.TROUBLES),
        (Outcome, session_words.OUTCOMES),
        (Ending, session_words.ENDINGS),
        (Mode, session_words.MODES),
        (Mode, session_words.MODE_SENTENCES),
        (Mode, session_words.TAKING_PART),
        (HostAct, host_card.DONE),
    ):
        assert set(said) == set(kind)


def test_things_are_counted_as_people_say_them() -> None:
    assert [session_words.counted(number, "vote") for number in (0, 1, 7)] == ["no votes", "1 vote", "7 votes"]
    assert [session_words.counted(number, "person") for number in (0, 1, 7)] == ["no people", "1 person", "7 people"]
    assert [session_words.lasting(seconds) for seconds in (45.0, 180.0, 3600.0, 5400.0)] == ["45 s", "3 min", "1 h", "1 h 30 min"]
    assert people(list(range(1, 24))).endswith("and 3 more")
