"""Attachments of the sample mail that are made when the demo starts rather than kept as files."""

from __future__ import annotations

import io
import math
import struct
import wave
import zipfile
from collections.abc import Callable

TONE_RATE = 16_000
TONE_SECONDS = 1.6
WEATHER_BYTES = 3 * 1024 * 1024


def tone() -> bytes:
    """A soft A (440 Hz) with its octave, fading away: 16-bit mono WAV."""
    count = int(TONE_RATE * TONE_SECONDS)
    samples = bytearray()
    for index in range(count):
        time = index / TONE_RATE
        swell = min(1.0, time * 25) * math.exp(-2.2 * time)
        wave_height = math.sin(math.tau * 440 * time) + 0.35 * math.sin(math.tau * 880 * time)
        samples += struct.pack("<h", int(16_000 * swell * wave_height))
    target = io.BytesIO()
    with wave.open(target, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(TONE_RATE)
        writer.writeframes(bytes(samples))
    return target.getvalue()


def weather() -> bytes:
    """A year of readings of a small weather station as CSV, 3 MB: the large attachment."""
    rows = []
    for minute in range(0, 24 * 60, 2):
        temperature = 11 + 6 * math.sin((minute - 540) / 1440 * math.tau)
        rows.append(
            f",{minute // 60:02}:{minute % 60:02},{temperature:.1f},{1013 + minute % 7},{minute % 9}\r\n"
        )
    days = WEATHER_BYTES // sum(len(row) + 5 for row in rows) + 1
    parts = ["day,time,temperature_c,pressure_hpa,wind_m_s\r\n"]
    for day in range(days):
        label = f"D{day:04}"
        parts.append("".join(label + row for row in rows))
    return "".join(parts)[:WEATHER_BYTES].encode()


def archive() -> bytes:
    """A small ZIP archive with an English and a Chinese file name."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as writer:
        for name, text in (
            ("read me first.txt", "Cover drafts, round three. The blue one is the one we love.\n"),
            ("colours.csv", "name,hex\nnight blue,#1b2a49\npaper,#f6f1e7\nlamp,#f2b84b\n"),
            ("封面/文案.txt", "书名：灯下慢读\n副题：给晚睡的人\n"),
        ):
            # A fixed date keeps the bytes the same from run to run.
            writer.writestr(zipfile.ZipInfo(name, (2024, 5, 17, 9, 30, 0)), text)
    return target.getvalue()


MADE: dict[str, Callable[[], bytes]] = {"tone": tone, "weather": weather, "archive": archive}
"""What `Attach: @name` can ask for."""
