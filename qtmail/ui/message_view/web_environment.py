"""What must be settled about QtWebEngine before it starts; importing this module does not load it.

Chromium reads its switches once, when the first page is made. Every switch here closes a way in which a
page could reach the network without asking our interceptor, or stops what a browser does on its own behalf.
"""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping

FLAGS_VARIABLE = "QTWEBENGINE_CHROMIUM_FLAGS"
SANDBOX_VARIABLE = "QTWEBENGINE_DISABLE_SANDBOX"

SWITCHES = (
    # <link rel=preconnect> asks neither the interceptor nor the Content-Security-Policy: no name may resolve.
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-proxy-server",
    "--no-pings",
    "--dns-prefetch-disable",
    "--disable-background-networking",
    "--disable-client-side-phishing-detection",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
)

# MediaRouter looks for television sets in the local network, the rest loads ahead of being asked. A spare
# renderer waits for a navigation that never comes, in 30 MB.
DISABLED_FEATURES = (
    "MediaRouter",
    "DialMediaRouteProvider",
    "NetworkPrediction",
    "OptimizationHints",
    "PreconnectToSearch",
    "Prerender2",
    "SpareRendererForSitePerProcess",
    "SpeculativePreconnect",
)


def prepare_environment(environment: MutableMapping[str, str] = os.environ) -> None:
    """Set Chromium's switches; call once, before anything imports QtWebEngine. What the user set there
    stays.
    """
    wanted = [*SWITCHES, "--disable-features=" + ",".join(DISABLED_FEATURES)]
    present = environment.get(FLAGS_VARIABLE, "")
    missing = [_quoted(switch) for switch in wanted if _quoted(switch) not in present]
    environment[FLAGS_VARIABLE] = " ".join(filter(None, [present, *missing]))
    if _is_root():
        # Chromium aborts as root, whose processes it cannot confine; so in a container. Never for an
        # ordinary user: where the system refuses him a sandbox, HTML is not displayed (sandbox.py).
        environment[SANDBOX_VARIABLE] = "1"


def _quoted(switch: str) -> str:
    """`switch` as Qt splits the variable: at spaces, outside double quotes."""
    name, equals, value = switch.partition("=")
    return f'{name}="{value}"' if " " in value else name + equals + value


def _is_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0
