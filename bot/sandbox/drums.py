"""Unpitched sounds: drum kits and the few effects that mark a section's edge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bot.sandbox.synth import RATE, Sound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.sandbox.synth import Samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """One drum kit. Frequencies are hertz, times seconds; `claps` above one makes the snare a hand clap."""

    kick: tuple[float, float] = (160.0, 48.0)
    kick_decay: float = 0.28
    click: float = 0.25
    snare_tone: float = 185.0
    snare_decay: float = 0.16
    snare_band: tuple[float, float] = (900.0, 9_000.0)
    claps: int = 1
    hat_decay: float = 0.045
    hat_band: tuple[float, float] = (7_000.0, 14_500.0)
    perc_tone: float = 420.0
    perc_noise: float = 0.4
    level: float = 1.0


KITS: Mapping[str, Kit] = {
    "electronic": Kit(),
    "club": Kit(kick=(210, 47), kick_decay=0.3, click=0.35, claps=3, snare_decay=0.14, perc_tone=620, level=1.1),
    "gated": Kit(kick=(170, 52), snare_tone=170, snare_decay=0.3, snare_band=(500, 7_000), perc_tone=240, perc_noise=0.15),
    "dusty": Kit(kick=(120, 52), kick_decay=0.2, click=0.08, snare_band=(500, 4_500), hat_band=(4_500, 9_000), level=0.85),
    "808": Kit(kick=(130, 42), kick_decay=0.5, click=0.15, claps=2, snare_decay=0.18, hat_decay=0.03, perc_tone=800, perc_noise=0.05),
    "breaks": Kit(kick=(150, 58), kick_decay=0.17, snare_tone=215, snare_decay=0.13, snare_band=(700, 11_000), hat_decay=0.05),
    "brushes": Kit(
        kick=(90, 52), kick_decay=0.18, click=0.04, snare_tone=200, snare_decay=0.2, snare_band=(1_500, 6_500), hat_decay=0.22, level=0.6
    ),
    "room": Kit(kick=(130, 55), kick_decay=0.22, snare_tone=195, snare_decay=0.2, snare_band=(600, 9_500), hat_decay=0.09, level=1.05),
    "timpani": Kit(kick=(84, 66), kick_decay=0.9, click=0.03, snare_decay=0.35, perc_tone=110, perc_noise=0.1, level=0.9),
    "stomp": Kit(kick=(95, 50), kick_decay=0.2, click=0.1, claps=4, snare_decay=0.12, perc_tone=0, perc_noise=0.6, level=0.8),
    "chip": Kit(kick=(320, 60), kick_decay=0.12, click=0, snare_tone=0, snare_band=(300, 14_000), snare_decay=0.1, hat_decay=0.025),
}


def hit(kit_name: str, piece: str, seconds: float) -> Sound:
    """Strike a piece of a kit, or make an effect (`crash`, `rise`, `crackle`); `seconds` matters to `rise` alone."""
    kit = KITS[kit_name]
    match piece:
        case "kick":
            mono = _kick(kit)
        case "snare":
            mono = _snare(kit)
        case "hat":
            return _wide(
                _burst(kit.hat_band, kit.hat_decay, 0.55 * kit.level, seed=3), _burst(kit.hat_band, kit.hat_decay, 0.4 * kit.level, seed=4)
            )
        case "perc":
            left = _perc(kit)
            return _wide(left * np.float32(0.6), left)
        case "crash":
            return _wide(_burst((3_500, 14_000), 0.9, 0.5, seed=7), _burst((3_500, 14_000), 0.9, 0.5, seed=8))
        case "rise":
            swell = np.linspace(0, 1, round(seconds * RATE), dtype=np.float32) ** 3
            return _wide(
                _band(swell.size, (1_500, 9_000), 9) * swell * np.float32(0.3),
                _band(swell.size, (1_500, 9_000), 10) * swell * np.float32(0.3),
            )
        case _:
            mono = _burst((1_200, 9_000), 0.0016, 0.5, seed=11)
    return _wide(mono, mono)


def _wide(left: Samples, right: Samples) -> Sound:
    return Sound.of(np.stack((left, right)) * np.float32(0.75))


def _clock(seconds: float) -> Samples:
    return np.arange(round(seconds * RATE), dtype=np.float32) / np.float32(RATE)


def _band(size: int, band: tuple[float, float], seed: int) -> Samples:
    """Give noise between two frequencies, RMS 0.3."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(size).astype(np.float32))
    hertz = np.fft.rfftfreq(size, 1 / RATE).astype(np.float32)
    spectrum *= 1 / (1 + (band[0] / np.maximum(hertz, 1)) ** 6) / (1 + (hertz / band[1]) ** 8)
    noise = np.fft.irfft(spectrum, size).astype(np.float32)
    return noise * np.float32(0.3 / max(float(np.sqrt(np.mean(noise**2))), 1e-6))


def _burst(band: tuple[float, float], decay: float, level: float, *, seed: int) -> Samples:
    time = _clock(max(0.01, decay * 5))
    edge = np.minimum((time[-1] - time) * 400, 1)
    return np.asarray(_band(time.size, band, seed) * np.exp(-time / np.float32(decay)) * edge * np.float32(level), dtype=np.float32)


def _kick(kit: Kit) -> Samples:
    high, low = kit.kick
    time = _clock(kit.kick_decay * 5)
    turns = low * time + (high - low) * 0.03 * (1 - np.exp(-time / 0.03))
    body = np.sin(2 * np.pi * turns) * np.exp(-time / kit.kick_decay)
    click = _band(time.size, (2_000, 8_000), 1) * np.exp(-time / 0.004) * kit.click
    return np.asarray(np.tanh((body + click) * 1.4) * 0.8 * kit.level, dtype=np.float32)


def _snare(kit: Kit) -> Samples:
    time = _clock(kit.snare_decay * 5)
    envelope = np.exp(-time / kit.snare_decay)
    if kit.claps > 1:
        for clap in range(kit.claps):
            since = time - clap * 0.011
            envelope = np.where(
                since >= 0, np.exp(-np.maximum(since, 0) / 0.009) + 0.45 * np.exp(-np.maximum(since, 0) / kit.snare_decay), envelope
            )
    noise = _band(time.size, kit.snare_band, 2) * envelope
    tone = np.sin(2 * np.pi * kit.snare_tone * (time + 0.002 * np.exp(-time / 0.02))) * np.exp(-time / 0.07) if kit.claps == 1 else 0.0
    edge = np.minimum((time[-1] - time) * 400, 1)
    return np.asarray((noise * 1.2 + tone * 0.4) * 0.6 * kit.level * edge, dtype=np.float32)


def _perc(kit: Kit) -> Samples:
    time = _clock(0.3)
    tone = np.sin(2 * np.pi * kit.perc_tone * (time + 0.004 * (1 - np.exp(-time / 0.01)))) * np.exp(-time / 0.06)
    noise = _band(time.size, (3_000, 10_000), 5) * np.exp(-time / 0.03)
    return np.asarray((tone * 0.25 * (1 - kit.perc_noise) + noise * kit.perc_noise) * 0.7 * kit.level, dtype=np.float32)
