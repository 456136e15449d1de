"""Folder names: from the wire to people, and what a folder is for.

Names travel in modified UTF-7 (RFC 3501 section 5.1.3), or in UTF-8 once UTF8=ACCEPT is enabled (RFC 6855).
Some servers send neither rightly, so decoding never fails and commands always use the bytes the server sent.
"""

from __future__ import annotations

import re

from qtmail.domain.folder import SpecialUse

_BY_ATTRIBUTE: dict[bytes, SpecialUse] = {
    b"\\DRAFTS": SpecialUse.DRAFTS,
    b"\\SENT": SpecialUse.SENT,
    b"\\ARCHIVE": SpecialUse.ARCHIVE,
    b"\\JUNK": SpecialUse.JUNK,
    b"\\SPAM": SpecialUse.JUNK,  # Gmail's XLIST, which came before RFC 6154
    b"\\TRASH": SpecialUse.TRASH,
    b"\\ALL": SpecialUse.ALL,
    b"\\ALLMAIL": SpecialUse.ALL,
    b"\\FLAGGED": SpecialUse.FLAGGED,
    b"\\STARRED": SpecialUse.FLAGGED,
}

_NAMES: dict[SpecialUse, str] = {
    SpecialUse.SENT: (
        "sent, sent items, sent mail, sent messages, sent-mail, sentmail, 已发送, 已发送邮件, 已发邮件, "
        "寄件备份, 寄件備份, 已傳送的郵件, 送信済み, 送信済みメール, 送信済みアイテム, 보낸편지함, "
        "보낸 편지함, 보낸메일함, gesendet, gesendete objekte, gesendete elemente, "
        "gesendete nachrichten, envoyés, éléments envoyés, messages envoyés, enviados, "
        "elementos enviados, mensajes enviados, itens enviados, mensagens enviadas, inviata, "
        "posta inviata, verzonden, verzonden items, wysłane, elementy wysłane, отправленные, исходящие, "
        "надіслані, skickat, skickade objekt, sendt, sendte elementer, lähetetyt, odeslané, "
        "odeslaná pošta, gönderilmiş öğeler, gönderilenler"
    ),
    SpecialUse.DRAFTS: (
        "drafts, draft, 草稿, 草稿箱, 草稿夹, 草稿匣, 下書き, 임시보관함, 임시 보관함, entwürfe, "
        "entwurf, brouillons, borradores, rascunhos, bozze, concepten, kopie robocze, wersje robocze, "
        "szkice, черновики, чернетки, utkast, kladder, luonnokset, koncepty, taslaklar"
    ),
    SpecialUse.TRASH: (
        "trash, deleted, deleted items, deleted messages, bin, 已删除, 已删除邮件, 已删除的邮件, 垃圾桶, "
        "废件箱, 回收站, 刪除的郵件, ゴミ箱, 削除済みアイテム, 휴지통, 지운편지함, papierkorb, gelöscht, "
        "gelöschte objekte, gelöschte elemente, corbeille, éléments supprimés, messages supprimés, "
        "papelera, elementos eliminados, lixeira, lixo, itens excluídos, cestino, posta eliminata, "
        "prullenbak, verwijderde items, kosz, elementy usunięte, корзина, удаленные, удалённые, "
        "удаленные сообщения, кошик, papperskorgen, borttaget, slettet, slettede elementer, roskakori, "
        "koš, odstraněná pošta, çöp kutusu, silinmiş öğeler"
    ),
    SpecialUse.JUNK: (
        "junk, junk e-mail, junk email, junk mail, spam, bulk mail, 垃圾邮件, 垃圾信件, 垃圾郵件, "
        "垃圾箱, 广告邮件, 迷惑メール, 스팸메일함, 스팸편지함, 정크 메일, junk-e-mail, spamverdacht, "
        "courrier indésirable, indésirables, pourriel, correo no deseado, lixo eletrônico, "
        "posta indesiderata, ongewenste e-mail, wiadomości-śmieci, спам, нежелательная почта, skräppost, "
        "søppelpost, uønsket e-post, roskaposti, nevyžádaná pošta, gereksiz e-posta"
    ),
    SpecialUse.ARCHIVE: (
        "archive, archives, 归档, 存档, 封存, アーカイブ, 보관함, archiv, archivo, arquivo, archivio, "
        "archief, archiwum, архив, архів, arkiv, arkisto, arşiv"
    ),
    SpecialUse.ALL: "[gmail]/all mail, [google mail]/all mail",
    SpecialUse.FLAGGED: "[gmail]/starred, [google mail]/starred",
}
_BY_NAME = {name: use for use, names in _NAMES.items() for name in names.split(", ")}

# Folders in which providers and other programs keep the special ones; a "Trash" under "Projects" is none.
_PARENTS = {"", "inbox", "[gmail]", "[google mail]", "mail"}

_SHIFT = re.compile(rb"&([^-]*)-")


def is_inbox(wire_name: bytes) -> bool:
    """INBOX is the one name whose case does not matter (RFC 9051 section 5.1)."""
    return wire_name.upper() == b"INBOX"


def decode_name(wire_name: bytes, *, utf8: bool) -> str:
    """A folder's name for people. Never fails: what cannot be decoded is shown as the server wrote it.

    Args:
        utf8: UTF8=ACCEPT is enabled, so names are UTF-8 and `&` is an ordinary character.
    """
    if not utf8 and wire_name.isascii():
        name = _SHIFT.sub(_decode_shift, wire_name).decode("utf-8", "replace")
    else:  # raw 8-bit names: UTF-8 where they are valid, else the way a Western server may have meant them
        try:
            name = wire_name.decode("utf-8")
        except UnicodeDecodeError:
            name = wire_name.decode("latin-1")
    return "".join("\N{REPLACEMENT CHARACTER}" if character < " " else character for character in name)


def _decode_shift(shift: re.Match[bytes]) -> bytes:
    from imapclient import imap_utf7  # noqa: PLC0415 - all of imapclient, 25 ms, for names in other scripts

    try:
        text: str = imap_utf7.decode(shift.group())
        return text.encode("utf-8")
    except UnicodeError:  # bad Base64, half a surrogate pair
        return shift.group()


def encode_name(name: str, *, utf8: bool) -> bytes:
    """A name as commands want it."""
    if utf8:
        return name.encode("utf-8")
    from imapclient import imap_utf7  # noqa: PLC0415  (as in _decode_shift)

    encoded: bytes = imap_utf7.encode(name)
    return encoded


def use_by_attributes(attributes: frozenset[bytes]) -> SpecialUse | None:
    """What the server says a folder is for (RFC 6154); `attributes` in upper case."""
    return next((use for attribute, use in _BY_ATTRIBUTE.items() if attribute in attributes), None)


def use_by_name(path: str, delimiter: str) -> SpecialUse | None:
    """What a folder is for by its name alone: well-known names at the top, under INBOX or a provider's own
    root."""
    folded = path.casefold()
    if (use := _BY_NAME.get(folded)) is not None:
        return use
    parent, found, name = folded.rpartition(delimiter) if delimiter else ("", "", folded)
    return _BY_NAME.get(name) if found and parent in _PARENTS else None
