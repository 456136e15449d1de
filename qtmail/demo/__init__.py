"""The embedded demo: a mail server on this computer, filled with sample mail. Nothing leaves the machine."""

from qtmail.demo.profile import demo_profile
from qtmail.demo.server import DemoServer

__all__ = ["DemoServer", "demo_profile"]
