from __future__ import annotations

import csv
import io
import wave
import zipfile

from qtmail.demo.attachments import TONE_RATE, TONE_SECONDS, WEATHER_BYTES, archive, tone, weather


def test_the_tone_can_be_played() -> None:
    with wave.open(io.BytesIO(tone())) as reader:
        assert reader.getframerate() == TONE_RATE
        assert reader.getnframes() == int(TONE_RATE * TONE_SECONDS)
        assert reader.getsampwidth() == 2


def test_the_weather_is_a_table_of_three_megabytes() -> None:
    data = weather()
    assert len(data) == WEATHER_BYTES
    rows = list(csv.reader(io.StringIO(data.decode())))
    assert {len(row) for row in rows[:-1]} == {5}


def test_the_archive_keeps_both_file_names_and_is_the_same_every_time() -> None:
    with zipfile.ZipFile(io.BytesIO(archive())) as reader:
        assert reader.testzip() is None
        assert "封面/文案.txt" in reader.namelist()
    assert archive() == archive()
