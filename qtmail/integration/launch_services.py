"""Launch Services of macOS: which program opens what. Called by ctypes, since there is no PyObjC here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import CDLL, c_bool, c_char_p, c_int32, c_long, c_uint32, c_void_p, create_string_buffer
from typing import Protocol

_CORE_FOUNDATION = "/System/Library/Frameworks/CoreFoundation.framework/CoreFoundation"
_CORE_SERVICES = "/System/Library/Frameworks/CoreServices.framework/CoreServices"
_UTF8 = 0x08000100
"""kCFStringEncodingUTF8."""
_ALL_ROLES = 0xFFFFFFFF
"""kLSRolesAll: viewing and editing."""
_LONGEST_ID = 1024
"""Bytes of a bundle id."""


class LaunchServices(Protocol):
    """What is asked of it. Schemes are named as “mailto”, types by their UTI, programs by their bundle id."""

    def handler_of_scheme(self, scheme: str) -> str | None:
        """The program that opens addresses of a scheme."""

    def set_handler_of_scheme(self, scheme: str, bundle_id: str) -> None:
        """Have a program open them. Raises OSError with the status of macOS."""

    def set_handler_of_type(self, type_id: str, bundle_id: str) -> None:
        """Have a program open files of a type. Raises OSError with the status of macOS."""


class SystemLaunchServices:
    """The real one. What a Create or Copy function returns belongs to the caller, and is released."""

    def __init__(self) -> None:
        """Raises OSError where there is none."""
        self._foundation = CDLL(_CORE_FOUNDATION)
        self._services = CDLL(_CORE_SERVICES)
        self._declare()

    def handler_of_scheme(self, scheme: str) -> str | None:
        """As `LaunchServices` says."""
        with self._string(scheme) as wanted:
            found = self._services.LSCopyDefaultHandlerForURLScheme(wanted)
        if not found:
            return None
        try:
            return self._text(found)
        finally:
            self._foundation.CFRelease(found)

    def set_handler_of_scheme(self, scheme: str, bundle_id: str) -> None:
        """As `LaunchServices` says."""
        with self._string(scheme) as wanted, self._string(bundle_id) as program:
            _check(self._services.LSSetDefaultHandlerForURLScheme(wanted, program))

    def set_handler_of_type(self, type_id: str, bundle_id: str) -> None:
        """As `LaunchServices` says."""
        with self._string(type_id) as wanted, self._string(bundle_id) as program:
            _check(self._services.LSSetDefaultRoleHandlerForContentType(wanted, _ALL_ROLES, program))

    def _declare(self) -> None:
        """Without their types ctypes would cut pointers to 32 bits."""
        foundation, services = self._foundation, self._services
        foundation.CFStringCreateWithCString.argtypes = [c_void_p, c_char_p, c_uint32]
        foundation.CFStringCreateWithCString.restype = c_void_p
        foundation.CFStringGetCString.argtypes = [c_void_p, c_char_p, c_long, c_uint32]
        foundation.CFStringGetCString.restype = c_bool
        foundation.CFRelease.argtypes = [c_void_p]
        foundation.CFRelease.restype = None
        services.LSCopyDefaultHandlerForURLScheme.argtypes = [c_void_p]
        services.LSCopyDefaultHandlerForURLScheme.restype = c_void_p
        services.LSSetDefaultHandlerForURLScheme.argtypes = [c_void_p, c_void_p]
        services.LSSetDefaultHandlerForURLScheme.restype = c_int32
        services.LSSetDefaultRoleHandlerForContentType.argtypes = [c_void_p, c_uint32, c_void_p]
        services.LSSetDefaultRoleHandlerForContentType.restype = c_int32

    @contextmanager
    def _string(self, text: str) -> Iterator[int]:
        """A CFString, for as long as it is needed."""
        made = self._foundation.CFStringCreateWithCString(None, text.encode(), _UTF8)
        if not made:
            raise OSError("CFStringCreateWithCString failed")
        try:
            yield made
        finally:
            self._foundation.CFRelease(made)

    def _text(self, string: int) -> str | None:
        buffer = create_string_buffer(_LONGEST_ID)
        fitted = self._foundation.CFStringGetCString(string, buffer, _LONGEST_ID, _UTF8)
        return buffer.value.decode() if fitted else None


def _check(status: int) -> None:
    """Raises OSError for every OSStatus but noErr."""
    if status != 0:
        raise OSError(status, f"Launch Services answered {status}")
