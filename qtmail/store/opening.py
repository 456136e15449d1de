"""Opening the two databases of a profile: making, checking, migrating and, for the cache, replacing them."""

from __future__ import annotations

from pathlib import Path

from qtmail.errors import Retry, StoreFailed
from qtmail.log import logger
from qtmail.store import health
from qtmail.store.cache_schema import CACHE_SCHEMA
from qtmail.store.database import Database, Durability
from qtmail.store.message_queries import sort_key
from qtmail.store.migrations import NewerSchemaError, Schema, migrate
from qtmail.store.user_schema import USER_SCHEMA

_log = logger("store")


def make_private(directory: Path) -> None:
    """Make the profile folder, for this user only. Raises StoreFailed."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreFailed(
            f"The profile folder {directory} could not be made.",
            advice="Choose another folder, or check the permissions of the one above it.",
            detail=str(error),
            retry=Retry.ASK_USER,
        ) from error


def open_user(path: Path) -> Database:
    """user.db, migrated. Raises StoreFailed; whatever is wrong with the file, it stays as it is."""
    try:
        health.check_at_start(path, USER_SCHEMA)
    except health.UnsoundError as error:
        raise _user_unusable(path, error.defect) from error
    database = Database(path, Durability.FULL)
    try:
        _migrate(database, USER_SCHEMA)
    except NewerSchemaError as error:
        raise _user_unusable(path, health.Defect.NEWER) from error
    return database


def open_cache(path: Path, user: Database) -> tuple[Database, tuple[str, ...]]:
    """cache.db, migrated and bound to `user`, and sentences about what was repaired. Raises StoreFailed."""
    # Of several processes that start at once, one repairs: the others wait for the lock on user.db.
    with user.writing():
        notes = _replace_if_unsound(path)
    cache = _cache(path)
    if not _bind(cache, user):
        cache.close()
        with user.writing():
            notes += _replace_if_foreign(path, user)
        cache = _cache(path)
        _bind(cache, user)
    return cache, tuple(notes)


def _cache(path: Path) -> Database:
    database = Database(
        path,
        Durability.NORMAL,
        functions={"sort_key": sort_key},
        damaged=lambda: health.mark_damaged(path),
    )
    try:
        _migrate(database, CACHE_SCHEMA)
    except NewerSchemaError as error:  # a newer qtmail was faster, after we had looked
        raise StoreFailed(f"{path.name} {health.Defect.NEWER}.", advice="Start that version.") from error
    return database


def _migrate(database: Database, schema: Schema) -> None:
    try:
        with database.maintaining() as connection:
            migrate(connection, schema)
    except BaseException:
        database.close()
        raise


def _bind(cache: Database, user: Database) -> bool:
    """Tie a new cache to this user.db; False when it belongs to another, where account ids mean others."""
    query = "SELECT identity FROM profile"
    with user.reading() as connection:
        (ours,) = connection.execute(query).fetchone()
    with cache.reading() as connection:
        (theirs,) = connection.execute(query).fetchone()
    if not theirs:
        with cache.writing() as connection:
            connection.execute("UPDATE profile SET identity = ?", (ours,))
    return theirs in ("", ours)


def _replace_if_unsound(path: Path) -> list[str]:
    try:
        health.check_at_start(path, CACHE_SCHEMA)
    except health.UnsoundError as error:
        return _replace(path, error.defect)
    return []


def _replace_if_foreign(path: Path, user: Database) -> list[str]:
    cache = _cache(path)
    ours = _bind(cache, user)
    cache.close()
    return [] if ours else _replace(path, health.Defect.OTHER_PROFILE)


def _replace(path: Path, defect: health.Defect) -> list[str]:
    try:
        aside = health.set_aside(path)
    except OSError as error:
        raise StoreFailed(
            f"{path.name} {defect} and could not be replaced.",
            advice="Close other copies of qtmail and start it again.",
            detail=str(error),
            retry=Retry.ASK_USER,
        ) from error
    _log.warning("%s %s; set aside as %s", path, defect, aside.name)
    return [
        f"The local copy of your mail ({path.name}) {defect}. It was set aside as {aside.name}, "
        "and your mail is being fetched again. Nothing was lost."
    ]


def _user_unusable(path: Path, defect: health.Defect) -> StoreFailed:
    advice = "Put a backup of it in its place, or move it away to start anew."
    if defect is health.Defect.NEWER:
        advice = "Start that version, or a later one."
    return StoreFailed(
        f"{path.name}, which holds your accounts, {defect}. It was left as it is.",
        advice=advice,
        detail=str(path),
        retry=Retry.NEVER,
    )
