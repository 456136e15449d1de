"""How the window is set up, as plain texts for a file with settings: what the user chose, without what only
fits one screen (sizes, positions) or one profile (which folder was open).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from qtmail.ui.shared.theme import ThemeMode
from qtmail.ui.window.actions import Actions
from qtmail.ui.window.window_state import Layout, ListView, WindowState

_VIEWS: dict[str, type[StrEnum]] = {"theme": ThemeMode, "layout": Layout, "list": ListView}
_TRUTH = {"true": True, "false": False}


def preferences(state: WindowState) -> dict[str, str]:
    """The user's choices, by name."""
    chosen = {
        "theme": state.theme_mode.value,
        "layout": state.layout.value,
        "list": state.list_view.value,
        "undo_seconds": str(state.undo_seconds),
        "write_plain": str(state.write_plain).lower(),
        "one_width": str(state.one_width).lower(),
        "keep_in_tray": str(state.keep_in_tray).lower(),
    }
    if state.spelling_languages is not None:
        chosen["spelling_languages"] = " ".join(state.spelling_languages)
    return chosen


def take_preferences(state: WindowState, actions: Actions, chosen: Mapping[str, str]) -> None:
    """Make these choices, at once where they show; what is not there, or not understood, stays as it was."""
    offered = [f"view.{chosen.get(name)}" for name, kind in _VIEWS.items() if chosen.get(name) in list(kind)]
    if chosen.get("undo_seconds") in ("0", "5", "10", "30"):
        offered.append(f"account.undo_{chosen['undo_seconds']}")
    for action_id in offered:
        actions[action_id].trigger()
    state.write_plain = _TRUTH.get(chosen.get("write_plain", ""), state.write_plain)
    state.one_width = _TRUTH.get(chosen.get("one_width", ""), state.one_width)
    state.keep_in_tray = _TRUTH.get(chosen.get("keep_in_tray", ""), state.keep_in_tray)
    if "spelling_languages" in chosen:
        state.spelling_languages = tuple(chosen["spelling_languages"].split())
