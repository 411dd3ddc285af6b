import pytest

from bot.domain.reports import ClipReport, Stage, TaskReport
from bot.domain.settling import SIBLING_WAIT, Outcome, Verdict, fetchable, judge

WAIT, READY, FAILED, STALLED = Outcome
W, G, D, F, U = Stage.WAITING, Stage.GENERATING, Stage.DONE, Stage.FAILED, Stage.UNRECOGNISED
NOW, LATER = 1_000.0, 9_999.0


def report(stage: Stage, *clips: Stage) -> TaskReport:
    return TaskReport(
        task_id="t",
        stage=stage,
        clips=tuple(ClipReport(clip_id="ab"[place] if place < 2 else f"c{place}", stage=clip) for place, clip in enumerate(clips)),
    )


@pytest.mark.parametrize("overdue", [False, True])
@pytest.mark.parametrize(
    ("task", "good", "in_time", "at_deadline"),
    [
        # Nothing is there yet.
        (report(W), "", (WAIT, False), (STALLED, False)),
        (report(G), "", (WAIT, False), (STALLED, False)),
        (report(U), "", (WAIT, False), (STALLED, False)),
        (report(G, G, W), "", (WAIT, False), (STALLED, False)),
        (report(D), "", (WAIT, False), (STALLED, False)),
        # Complete without audio: fetched again while the deadline allows.
        (report(D, D, D), "", (WAIT, False), (STALLED, False)),
        (report(D, D), "", (WAIT, False), (STALLED, False)),
        # Both are there.
        (report(D, D, D), "ab", (READY, True), (READY, True)),
        (report(G, D, D), "ab", (READY, True), (READY, True)),
        (report(F, D, D), "ab", (READY, True), (READY, True)),
        # One is there, and no other can come.
        (report(D, D), "a", (READY, True), (READY, True)),
        (report(D, D, F), "a", (READY, True), (READY, True)),
        (report(G, F, D), "b", (READY, True), (READY, True)),
        (report(F, D, F), "a", (READY, True), (READY, True)),
        # One is there, and its sibling may come, even late.
        (report(G, D, G), "a", (WAIT, False), (READY, False)),
        (report(G, D, U), "a", (WAIT, False), (READY, False)),
        (report(G, D), "a", (WAIT, False), (READY, False)),
        (report(D, D, D), "a", (WAIT, False), (READY, False)),
        # All failed.
        (report(F), "", (FAILED, True), (FAILED, True)),
        (report(F, F, F), "", (FAILED, True), (FAILED, True)),
        (report(G, F, F), "", (FAILED, True), (FAILED, True)),
        (report(D, F, F), "", (FAILED, True), (FAILED, True)),
        (report(F, G, G), "", (FAILED, True), (FAILED, True)),
        (report(D, F), "", (FAILED, True), (FAILED, True)),
        # One failed, and the other may come.
        (report(G, F, G), "", (WAIT, False), (STALLED, False)),
        (report(G, F), "", (WAIT, False), (STALLED, False)),
        (report(F, D, F), "", (WAIT, False), (STALLED, False)),
        (report(D, F, D), "", (WAIT, False), (STALLED, False)),
    ],
)
def test_what_a_report_means(
    task: TaskReport, good: str, in_time: tuple[Outcome, bool], at_deadline: tuple[Outcome, bool], overdue: bool
) -> None:
    deadline = NOW if overdue else LATER
    first_good_at = NOW - 1 if good else None
    assert judge(task, set(good), first_good_at, now=NOW, deadline=deadline) == Verdict(*(at_deadline if overdue else in_time))


@pytest.mark.parametrize(("waited", "outcome"), [(0.0, WAIT), (SIBLING_WAIT - 0.1, WAIT), (SIBLING_WAIT, READY), (500.0, READY)])
def test_a_good_clip_waits_a_minute_for_its_sibling_and_is_then_delivered_alone(waited: float, outcome: Outcome) -> None:
    verdict = judge(report(G, D, G), {"a"}, NOW - waited, now=NOW, deadline=LATER)
    assert verdict == Verdict(outcome, complete=False)


def test_what_is_fetched_is_done_and_not_there_yet() -> None:
    assert fetchable(report(G, D, G), set()) == [0]
    assert fetchable(report(D, D, D), {"a"}) == [1]
    assert fetchable(report(D, F, D), {"b"}) == []
    assert fetchable(report(W), set()) == []
