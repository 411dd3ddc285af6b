"""What the script's ear finds in a joined file, and what it does not let pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from bot.sandbox.hearing import Part, listen
from bot.sound.joining import join
from bot.sound.orders import Labels, Piece
from tests.unit.tones import heard, mp3, noise

if TYPE_CHECKING:
    from pathlib import Path

LABELS = Labels()
RATE = 44_100


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Three sounds that have nothing in common."""
    first, second, third = (mp3(tmp_path / f"{seed}.mp3", noise(6.0, seed)) for seed in (1, 2, 3))
    return first, second, third


def _joined(folder: Path, *pieces: Piece) -> bytes:
    join(pieces, folder / "whole.mp3", max_bytes=10**7, labels=LABELS)
    return (folder / "whole.mp3").read_bytes()


def test_a_whole_track_is_as_long_as_its_parts_and_each_is_where_it_should_be(files: tuple[Path, Path, Path], tmp_path: Path) -> None:
    first, second, third = files
    whole = _joined(tmp_path, Piece(first, 0.0, 4.5), Piece(second, 0.0, 6.0), Piece(third))
    found = listen(whole, [Part(first.read_bytes(), 0.0, 4.5), Part(second.read_bytes(), 0.0, 6.0), Part(third.read_bytes())])
    assert found.seconds == pytest.approx(16.5, abs=0.1)
    assert found.alike > 0.9


def test_an_excerpt_is_told_from_its_parts(files: tuple[Path, Path, Path], tmp_path: Path) -> None:
    first, second, _ = files
    whole = _joined(tmp_path, Piece(first, 1.0, 5.0), Piece(second, 0.0, 4.0))
    assert listen(whole, [Part(first.read_bytes(), 1.0, 5.0), Part(second.read_bytes(), 0.0, 4.0)]).alike > 0.9


def test_a_file_that_lacks_a_stretch_is_too_short(files: tuple[Path, Path, Path], tmp_path: Path) -> None:
    first, second, _ = files
    whole = _joined(tmp_path, Piece(first, 0.0, 4.3), Piece(second))
    with pytest.raises(ValueError, match=r"10.3.* s long, and its parts 10.5"):
        listen(whole, [Part(first.read_bytes(), 0.0, 4.5), Part(second.read_bytes())])


def test_another_sound_of_the_same_length_is_not_taken_for_the_part(files: tuple[Path, Path, Path], tmp_path: Path) -> None:
    first, second, third = files
    whole = _joined(tmp_path, Piece(third, 0.0, 4.5), Piece(second))
    with pytest.raises(ValueError, match="the end of part 1 should be heard at"):
        listen(whole, [Part(first.read_bytes(), 0.0, 4.5), Part(second.read_bytes())])


def test_a_part_that_begins_too_late_is_found_out(files: tuple[Path, Path, Path], tmp_path: Path) -> None:
    first, second, _ = files
    late = np.concatenate((heard(first)[:, : round(4.3 * RATE)], noise(0.2, 7), heard(second)), axis=1)
    with pytest.raises(ValueError, match=r"the end of part 1 should be heard at 1.40 s, and was found at"):
        listen(mp3(tmp_path / "late.mp3", late).read_bytes(), [Part(first.read_bytes(), 0.3, 4.8), Part(second.read_bytes())])
