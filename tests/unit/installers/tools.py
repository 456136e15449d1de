"""Tests of packages run the tools that make and read them."""

from __future__ import annotations

import os
import shutil

import pytest

_ON_CI = os.environ.get("CI", "").lower() in ("true", "1")


def needs(*programs: str) -> pytest.MarkDecorator:
    """Skip a test on a developer's machine that lacks one of these programs; CI must have them all."""
    missing = [program for program in programs if shutil.which(program) is None]
    return pytest.mark.skipif(bool(missing) and not _ON_CI, reason=f"not installed: {', '.join(missing)}")
