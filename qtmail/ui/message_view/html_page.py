"""The locked-down QtWebEngine page a message is shown in.

Importing this module loads QtWebEngine (220 MB with its processes), so only `html_view` does, and that only
for the first HTML message.

Five walls stand between a message and the network, and each alone would do for almost everything: the
sanitiser (mime.html), JavaScript off with a Content-Security-Policy in the response header, the request
interceptor, `acceptNavigationRequest`, and a host resolver that knows no host (web_environment).
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QBuffer, QByteArray, QObject, QUrl, Signal
from PySide6.QtWebEngineCore import (
    QWebEngineNewWindowRequest,
    QWebEnginePage,
    QWebEnginePermission,
    QWebEngineProfile,
    QWebEngineSettings,
    QWebEngineUrlRequestInfo,
    QWebEngineUrlRequestInterceptor,
    QWebEngineUrlRequestJob,
    QWebEngineUrlScheme,
    QWebEngineUrlSchemeHandler,
)

from qtmail.log import logger
from qtmail.ui.message_view.message_resources import DOCUMENT_PATH, SCHEME, MessageResources
from qtmail.ui.message_view.web_environment import prepare_environment

log = logger("web")

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        f"img-src {SCHEME}: data:",
        "style-src 'unsafe-inline'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "sandbox allow-popups allow-popups-to-escape-sandbox",
    ]
)
"""Pictures from our own scheme, inline styles, nothing else. A link of a sandboxed page can only navigate or
open a window; both are refused and handed on."""

_RESPONSE_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-DNS-Prefetch-Control": "off",
    "Cache-Control": "no-store",
}

_Attribute = QWebEngineSettings.WebAttribute

ALLOWED_ATTRIBUTES = frozenset(
    {
        _Attribute.AutoLoadImages,
        _Attribute.LinksIncludedInFocusChain,
        _Attribute.PrintElementBackgrounds,
        _Attribute.ShowScrollBars,
        _Attribute.PlaybackRequiresUserGesture,
        _Attribute.WebRTCPublicInterfacesOnly,
    }
)
"""Everything that is not named here is switched off, also what later versions of Qt may add."""


def register_scheme() -> None:
    """Make the scheme known to Chromium; must come before the first profile is made. Repeating it does
    nothing.
    """
    name = QByteArray(SCHEME.encode())
    if QWebEngineUrlScheme.schemeByName(name).name():
        return
    scheme = QWebEngineUrlScheme(name)
    scheme.setSyntax(QWebEngineUrlScheme.Syntax.Host)
    # Secure, so that no mixed-content rule applies; no access: a page of this scheme is of no origin but
    # its own.
    scheme.setFlags(QWebEngineUrlScheme.Flag.SecureScheme | QWebEngineUrlScheme.Flag.NoAccessAllowed)
    QWebEngineUrlScheme.registerScheme(scheme)


class MessageSchemeHandler(QWebEngineUrlSchemeHandler):
    """Serves the document of the message on display and what `MessageResources` has for it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._html = b""
        self._resources: MessageResources | None = None
        self._jobs: dict[int, QWebEngineUrlRequestJob] = {}
        self._numbers = 0

    def serve(self, html: bytes, resources: MessageResources) -> None:
        """From now on answer for this message and for no other."""
        self._html = html
        self._resources = resources

    def requestStarted(self, job: QWebEngineUrlRequestJob) -> None:
        url = job.requestUrl()
        resources = self._resources
        if resources is None or url.host() != resources.token or job.requestMethod() != QByteArray(b"GET"):
            job.fail(QWebEngineUrlRequestJob.Error.RequestDenied)
        elif url.path() == DOCUMENT_PATH:
            _reply(job, self._html, "text/html; charset=utf-8")
        else:
            resources.request(url.path(), self._answer_to(job))

    def _answer_to(self, job: QWebEngineUrlRequestJob) -> Callable[[bytes | None, str], None]:
        """Answers `job` if the page still waits for it: it goes away with its page."""
        self._numbers += 1
        number = self._numbers
        self._jobs[number] = job
        job.destroyed.connect(lambda: self._jobs.pop(number, None))

        def answer(content: bytes | None, content_type: str) -> None:
            waiting = self._jobs.pop(number, None)
            if waiting is None:
                return
            if content is None or not content_type.startswith("image/"):
                waiting.fail(QWebEngineUrlRequestJob.Error.UrlNotFound)
            else:
                _reply(waiting, content, content_type)

        return answer


def _reply(job: QWebEngineUrlRequestJob, content: bytes, content_type: str) -> None:
    buffer = QBuffer(job)
    buffer.setData(content)
    # The values must be lists of QByteArray: a bare QByteArray is taken without a word and sends no header.
    headers = {name.encode(): [QByteArray(value.encode())] for name, value in _RESPONSE_HEADERS.items()}
    job.setAdditionalResponseHeaders(headers)  # type: ignore[arg-type]  # the stub says a bare one
    job.reply(QByteArray(content_type.encode()), buffer)


class RequestBlocker(QWebEngineUrlRequestInterceptor):
    """Lets through the document on display and pictures of it; blocks every other request, whatever it is."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.token = ""
        self.blocked = 0

    def interceptRequest(self, info: QWebEngineUrlRequestInfo) -> None:
        if not self._permitted(info):
            self.blocked += 1
            log.debug("blocked a request of a message to %s", info.requestUrl().scheme())
            info.block(True)

    def _permitted(self, info: QWebEngineUrlRequestInfo) -> bool:
        url = info.requestUrl()
        kind = info.resourceType()
        if kind == QWebEngineUrlRequestInfo.ResourceType.ResourceTypeMainFrame:
            return url.scheme() == SCHEME and url.host() == self.token and url.path() == DOCUMENT_PATH
        if kind == QWebEngineUrlRequestInfo.ResourceType.ResourceTypeImage:
            return url.scheme() == "data" or (url.scheme() == SCHEME and url.host() == self.token)
        return False


def make_profile(blocker: RequestBlocker, handler: MessageSchemeHandler) -> QWebEngineProfile:
    """An off-the-record profile that keeps nothing, with our walls around it."""
    prepare_environment()  # read when the first profile is made, so it cannot come too late here
    register_scheme()
    profile = QWebEngineProfile()  # without a name: off the record
    profile.setHttpCacheType(QWebEngineProfile.HttpCacheType.NoCache)
    profile.setPersistentCookiesPolicy(QWebEngineProfile.PersistentCookiesPolicy.NoPersistentCookies)
    profile.setPersistentPermissionsPolicy(QWebEngineProfile.PersistentPermissionsPolicy.AskEveryTime)
    profile.cookieStore().setCookieFilter(lambda _request: False)
    profile.downloadRequested.connect(lambda download: download.cancel())
    profile.setUrlRequestInterceptor(blocker)
    profile.installUrlSchemeHandler(QByteArray(SCHEME.encode()), handler)
    return profile


class MessagePage(QWebEnginePage):
    """Shows one document and goes nowhere; a link the user follows is handed on.

    Signals:
        link_activated(url): the user clicked a link, in whatever way.
    """

    link_activated = Signal(str)

    def __init__(self, profile: QWebEngineProfile, parent: QObject | None = None) -> None:
        super().__init__(profile, parent)
        self._document = QUrl()
        self._restrict()
        self.newWindowRequested.connect(self._refuse_window)
        self.permissionRequested.connect(QWebEnginePermission.deny)
        self.fullScreenRequested.connect(lambda request: request.reject())
        self.certificateError.connect(lambda error: error.rejectCertificate())

    def open(self, document_url: str) -> None:
        """Load the document at `document_url`, an address of our scheme, and nothing else from now on."""
        self._document = QUrl(document_url)
        self.load(self._document)

    def acceptNavigationRequest(
        self, url: QUrl | str, kind: QWebEnginePage.NavigationType, is_main_frame: bool
    ) -> bool:
        target = QUrl(url)
        if is_main_frame and _without_fragment(target) == self._document:
            return True
        if kind == QWebEnginePage.NavigationType.NavigationTypeLinkClicked:
            self.link_activated.emit(_text(target))
        return False

    def javaScriptConsoleMessage(
        self, level: QWebEnginePage.JavaScriptConsoleMessageLevel, message: str, line: int, source: str
    ) -> None:
        """Chromium tells here what it refused; Qt would write the addresses, which are the user's, to the
        log."""

    def _refuse_window(self, request: QWebEngineNewWindowRequest) -> None:
        # Not opening the request refuses it. Without JavaScript only a click of the user can have asked.
        self.link_activated.emit(_text(request.requestedUrl()))

    def _restrict(self) -> None:
        settings = self.settings()
        for attribute in _Attribute:
            settings.setAttribute(attribute, attribute in ALLOWED_ATTRIBUTES)
        policy = QWebEngineSettings.UnknownUrlSchemePolicy.DisallowUnknownUrlSchemes
        settings.setUnknownUrlSchemePolicy(policy)


def _without_fragment(url: QUrl) -> QUrl:
    plain = QUrl(url)
    plain.setFragment(None)  # type: ignore[arg-type]  # a null string removes it, an empty one leaves "#"
    return plain


def _text(url: QUrl) -> str:
    return bytes(url.toEncoded().data()).decode("ascii")
