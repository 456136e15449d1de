"""What a message made from another one begins with: an answer, a forward, a draft from a server."""

from __future__ import annotations

from qtmail.domain.composition import AnswerKind, Origin, OriginKind, ServerCopy
from qtmail.domain.identity import Identity
from qtmail.domain.message import MessageRow
from qtmail.mime.message import ParsedMessage
from qtmail.mime.reopening import composition_from_message
from qtmail.mime.reply import Prepared, edit_as_new, forward_attached, forward_inline, redirect, reply
from qtmail.store.messages import Location
from qtmail.store.store import Store

_MARKS = {
    AnswerKind.REPLY: OriginKind.ANSWERED,
    AnswerKind.REPLY_ALL: OriginKind.ANSWERED,
    AnswerKind.REPLY_LIST: OriginKind.ANSWERED,
    AnswerKind.FORWARD: OriginKind.FORWARDED,
    AnswerKind.FORWARD_ATTACHED: OriginKind.FORWARDED,
    AnswerKind.REDIRECT: OriginKind.FORWARDED,
}


def prepare_answer(
    store: Store,
    kind: AnswerKind,
    row: MessageRow | None,
    message: ParsedMessage,
    *,
    size: int,
    selection: str = "",
    selection_html: str = "",
) -> Prepared:
    """The composition to begin with, and which parts of the message travel along.

    Args:
        row: None for a message that is in no folder; one that is gone meanwhile is answered all the same, and
            not marked.
        size: bytes of the raw message.
    """
    identities = _identities_for(store, row)
    origin = _origin(store, kind, row)
    match kind:
        case AnswerKind.FORWARD:
            return forward_inline(message, identities, origin)
        case AnswerKind.FORWARD_ATTACHED:
            return forward_attached(message, identities, origin, size=size)
        case AnswerKind.REDIRECT:
            return redirect(message, identities, origin, size=size)
        case AnswerKind.EDIT_AS_NEW:
            return edit_as_new(message, identities)
        case AnswerKind.OPEN_DRAFT:
            composition, carried = composition_from_message(message, identities)
            return Prepared(composition, tuple(carried))
    return reply(
        message,
        identities,
        to_all=kind is AnswerKind.REPLY_ALL,
        to_list=kind is AnswerKind.REPLY_LIST,
        origin=origin,
        selection=selection,
        selection_html=selection_html,
    )


def copy_at(store: Store, row: MessageRow | None) -> ServerCopy | None:
    """Where on its server a message is; None for one that is in no folder any more."""
    place = _place(store, row)
    return ServerCopy(place.account_id, place.wire_name, place.uid_validity, place.uid) if place else None


def _identities_for(store: Store, row: MessageRow | None) -> list[Identity]:
    """All identities, those of the account the message came to first."""
    identities = store.identities.list()
    if row is None:
        return identities
    return sorted(identities, key=lambda identity: identity.account_id != row.account_id)


def _origin(store: Store, kind: AnswerKind, row: MessageRow | None) -> Origin | None:
    place = _place(store, row)
    if place is None or kind not in _MARKS:
        return None
    return Origin(_MARKS[kind], place.account_id, place.wire_name, place.uid_validity, place.uid)


def _place(store: Store, row: MessageRow | None) -> Location | None:
    places = store.messages.locate([row.id]) if row is not None else []
    return places[0] if places else None
