import pytest

from bot.domain.reports import ClipReport, Stage, TaskReport
from bot.domain.standing import Progress, progress_in
from tests.unit.rig import Rig

W, G, D, F, U = Stage.WAITING, Stage.GENERATING, Stage.DONE, Stage.FAILED, Stage.UNRECOGNISED


@pytest.mark.parametrize(
    ("stage", "clips", "progress"),
    [
        (W, (), Progress.IN_LINE),
        (W, (W, W), Progress.IN_LINE),
        (W, (G, W), Progress.BEGUN),
        (G, (), Progress.BEGUN),
        (G, (D, W), Progress.BEGUN),
        (D, (D, D), Progress.BEGUN),
        (U, (), Progress.ACCEPTED),
        (U, (W,), Progress.IN_LINE),
        (F, (), Progress.ACCEPTED),
    ],
)
def test_how_far_a_report_shows_a_task_to_be(stage: Stage, clips: tuple[Stage, ...], progress: Progress) -> None:
    reported = tuple(ClipReport(clip_id=str(number), stage=each) for number, each in enumerate(clips))
    assert progress_in(TaskReport(task_id="task", stage=stage, clips=reported)) is progress


async def test_progress_never_goes_back_whatever_is_reported(rig: Rig) -> None:
    job = await rig.generating()
    shown = [rig.lane.standing(job).progress]
    for stages in ((W, W), (G, G), (W, W), (U, U), (D, G), (W, W), (G, G)):
        rig.music.made(job.task_id or "", *stages)
        assert await rig.query()
        shown.append(rig.lane.standing(await rig.row(job)).progress)
    assert shown == [
        Progress.ACCEPTED,
        Progress.IN_LINE,
        Progress.BEGUN,
        Progress.BEGUN,
        Progress.BEGUN,
        Progress.ONE_DONE,
        Progress.ONE_DONE,
        Progress.ONE_DONE,
    ]
    assert await rig.row(job) == job, "and none of it is a change of state, so no reply was edited for it"
