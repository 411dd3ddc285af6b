"""The settings of the pitched instruments."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """One instrument. Times are seconds, cutoffs hertz, detune and vibrato cents.

    Wavetable patches move from the `bright` cutoff to the `dark` one with the time constant `sweep`; with a `ratio` the patch is
    frequency modulation instead, of that ratio and `index`, which decays likewise.
    """

    wave: str = "sine"
    dark: float = 2_000.0
    bright: float = 0.0
    sweep: float = 0.25
    attack: float = 0.004
    decay: float = 0.4
    sustain: float = 1.0
    release: float = 0.08
    voices: int = 1
    detune: float = 0.0
    spread: float = 0.0
    vibrato: float = 0.0
    sub: float = 0.0
    drive: float = 0.0
    breath: float = 0.0
    breath_decay: float = 0.01
    ratio: float = 0.0
    index: float = 0.0
    level: float = 1.0


_PAD = Patch(attack=0.35, release=0.6, voices=5, detune=11.0, spread=0.9, level=0.5)

PATCHES: Mapping[str, Patch] = {
    # basses
    "round bass": Patch(wave="triangle", dark=500, bright=1_400, sweep=0.12, sustain=0.75, decay=0.5, level=1.1),
    "saw bass": Patch(wave="saw", dark=420, bright=2_200, sweep=0.1, sustain=0.7, voices=2, detune=7, spread=0.25, level=1.1),
    "acid bass": Patch(wave="saw", dark=350, bright=3_800, sweep=0.07, sustain=0.5, decay=0.2, drive=2.2, release=0.04, level=0.95),
    "sub bass": Patch(wave="sine", sub=0.0, drive=1.8, sustain=0.5, decay=0.9, release=0.2, level=1.3),
    "soft sub": Patch(wave="triangle", dark=220, attack=0.5, release=0.9, level=0.8),
    "reese bass": Patch(wave="saw", dark=520, bright=1_200, sweep=0.5, voices=3, detune=24, spread=0.5, sub=0.4, level=0.95),
    "upright bass": Patch(wave="string", dark=380, bright=1_500, sweep=0.06, sustain=0.15, decay=0.5, breath=0.05, level=1.35),
    "picked bass": Patch(wave="string", dark=700, bright=3_000, sweep=0.09, sustain=0.45, decay=0.5, breath=0.06, drive=1.4, level=1.1),
    "low strings": Patch(wave="string", dark=900, attack=0.12, release=0.35, voices=4, detune=9, spread=0.6, level=1.0),
    "chip bass": Patch(wave="triangle", dark=9_000, sustain=0.8, release=0.02, level=1.0),
    # pads
    "warm pad": replace(_PAD, wave="saw", dark=900, bright=1_700, sweep=1.2, level=0.5),
    "saw pad": replace(_PAD, wave="saw", dark=1_500, bright=3_200, sweep=1.0, level=0.46),
    "dark pad": replace(_PAD, wave="square", dark=420, bright=900, sweep=1.4, level=0.55),
    "glass pad": Patch(wave="triangle", dark=2_600, attack=0.6, release=0.9, voices=4, detune=8, spread=1.0, level=0.6),
    "strings": Patch(wave="string", dark=2_000, attack=0.22, release=0.45, voices=5, detune=10, spread=0.9, vibrato=7, level=0.5),
    "choir": Patch(wave="choir", dark=5_000, attack=0.3, release=0.5, voices=4, detune=12, spread=0.9, vibrato=12, level=0.6),
    # keys
    "grand piano": Patch(
        wave="saw", dark=600, bright=3_600, sweep=0.3, sustain=0.0, decay=1.3, release=0.22, voices=2, detune=1.6, spread=0.6, breath=0.03
    ),
    "electric piano": Patch(ratio=1.0, index=1.1, sweep=0.5, sustain=0.1, decay=1.1, release=0.25, detune=3, level=0.9),
    "pluck": Patch(
        wave="saw", dark=500, bright=4_500, sweep=0.09, sustain=0.0, decay=0.3, release=0.12, voices=2, detune=8, spread=0.7, level=0.95
    ),
    "stab": Patch(wave="saw", dark=450, bright=2_600, sweep=0.08, sustain=0.0, decay=0.22, voices=3, detune=14, spread=0.8, level=0.9),
    "organ": Patch(wave="organ", dark=3_500, attack=0.008, release=0.05, voices=2, detune=4, spread=0.5, breath=0.02, level=0.6),
    "steel guitar": Patch(
        wave="string", dark=900, bright=5_500, sweep=0.12, sustain=0.0, decay=0.9, release=0.2, voices=2, detune=3, spread=0.5, breath=0.08
    ),
    "nylon guitar": Patch(wave="string", dark=600, bright=2_600, sweep=0.1, sustain=0.0, decay=0.6, release=0.2, breath=0.05),
    "drive guitar": Patch(
        wave="saw",
        dark=1_900,
        bright=3_200,
        sweep=0.2,
        sustain=0.7,
        decay=0.6,
        release=0.05,
        voices=2,
        detune=9,
        spread=1.0,
        drive=5,
        level=0.5,
    ),
    "spiccato": Patch(
        wave="string", dark=1_200, bright=3_600, sweep=0.06, sustain=0.0, decay=0.18, voices=4, detune=9, spread=0.8, breath=0.03
    ),
    "marimba": Patch(ratio=4.0, index=0.9, sweep=0.04, sustain=0.0, decay=0.35, release=0.2, detune=1.5, level=1.2),
    "bell": Patch(ratio=3.5, index=1.4, sweep=0.5, sustain=0.0, decay=1.2, release=0.5, detune=2, level=0.75),
    "chip arp": Patch(wave="pulse", dark=9_000, sustain=0.4, decay=0.1, release=0.02, level=0.5),
    # leads
    "soft lead": Patch(wave="triangle", dark=2_200, attack=0.03, release=0.15, voices=2, detune=6, spread=0.5, vibrato=9),
    "muted lead": Patch(ratio=2.0, index=0.5, sweep=0.3, sustain=0.4, decay=0.6, release=0.2, detune=2),
    "saw lead": Patch(
        wave="saw", dark=2_200, bright=4_500, sweep=0.25, attack=0.012, voices=3, detune=9, spread=0.6, vibrato=10, level=0.75
    ),
    "square lead": Patch(
        wave="square", dark=1_600, bright=4_000, sweep=0.12, sustain=0.6, decay=0.2, voices=2, detune=5, spread=0.4, level=0.75
    ),
    "flute": Patch(wave="triangle", dark=1_800, attack=0.06, release=0.12, vibrato=14, breath=0.012, breath_decay=3.0, level=1.05),
    "reed": Patch(wave="reed", dark=1_500, bright=2_600, sweep=0.3, attack=0.03, release=0.09, vibrato=11, level=0.85),
    "brass": Patch(
        wave="saw", dark=1_500, bright=3_500, sweep=0.5, attack=0.05, release=0.12, voices=3, detune=7, spread=0.5, vibrato=6, level=0.75
    ),
    "solo violin": Patch(wave="string", dark=3_200, attack=0.09, release=0.18, vibrato=16, breath=0.008, breath_decay=3.0, level=0.8),
    "drive lead": Patch(wave="saw", dark=2_400, attack=0.01, release=0.08, vibrato=14, drive=6, voices=2, detune=5, spread=0.5, level=0.55),
    "chip lead": Patch(wave="square", dark=9_000, sustain=0.7, decay=0.15, release=0.02, vibrato=8, level=0.55),
}
