"""The sample mail that comes with qtmail."""

from __future__ import annotations

from datetime import datetime

from qtmail.demo.render import Renderer, Sample
from qtmail.demo.sources import read_people, read_sources
from qtmail.domain.address import Address
from qtmail.paths import resource

OWNER = Address("林悦 Lin Yue", "yue@demo.example.org")
"""The demo user; `me` in people.txt."""


def load_samples(now: datetime | None = None) -> list[Sample]:
    """Every sample message, oldest first, dated relative to `now` (aware; default: this moment)."""
    directory = resource("sample-mail")
    sources = list(read_sources(directory))
    moment = now or datetime.now().astimezone()
    renderer = Renderer(sources, read_people(directory), directory / "files", moment)
    return sorted(map(renderer.sample, sources), key=lambda sample: sample.when)
