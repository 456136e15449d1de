"""Which codec is meant by the charset labels that mail programs write.

Each label leads to the widest codec in use under that name, as the WHATWG Encoding Standard has it. Labels
are compared in lower case and without punctuation. Only text charsets are here: `rot13` or `idna` are codecs
of Python but no charsets of mail.
"""

from __future__ import annotations

import re
from functools import lru_cache

_LABELS = {
    "ascii": "ascii usascii us iso646us ansix341968 ansix34 646 7bit",
    "utf-8": "utf8 utf unicode11utf8 utf8mb4 utf8bom utf8n unicodeutf8 xutf8 xunicode20utf8",
    "utf-7": "utf7 unicode11utf7 xunicode20utf7",
    "utf-16": "utf16 unicode ucs2 iso10646ucs2",
    "utf-16-le": "utf16le ucs2le unicodelittle",
    "utf-16-be": "utf16be ucs2be unicodebig unicodefffe",
    "utf-32": "utf32 ucs4 iso10646ucs4 utf32le utf32be",
    "gb18030": "gb2312 gbk gb18030 gb231280 gb23121980 eucgb2312cn euccn cngb gb 936 cp936 ms936 isoir58"
    " chinese",
    "hz": "hz hzgb2312",
    "cp950": "big5 cnbig5 xxbig5 chinesebig5 big5eten cp950 ms950 950 big5hkscs big5hk",
    "cp932": "shiftjis sjis mskanji windows31j cp932 ms932 932 shiftjisx0213 shiftjis2004",
    "euc_jp": "eucjp euc ujis eucpkdfmtjapanese eucjpms cp51932 51932",
    "iso2022_jp": "iso2022jp jis iso2022jp1 iso2022jp2 iso2022jp3 iso2022jpms iso2022jpesc cp50220 cp50221"
    " 50220 50221",
    "iso2022_kr": "iso2022kr",
    "cp949": "euckr ksc5601 ksc56011987 ksc56011989 ks cp949 ms949 949 uhc korean isoir149",
    "johab": "johab cp1361",
    "koi8-r": "koi8r koi8 koi",
    "koi8-u": "koi8u koi8ru",
    "cp437": "cp437 437 pc8",
    "cp850": "cp850 850 pc850",
    "cp852": "cp852 852",
    "cp855": "cp855",
    "cp858": "cp858",
    "cp862": "cp862 dos862",
    "cp865": "cp865",
    "cp866": "cp866 866 dos866",
    "cp874": "cp874 874 tis620 tis6200 tis iso885911",
    "mac-roman": "macintosh macroman mac",
    "mac-latin2": "macce maccentraleurope maccentraleurroman",
    "mac-greek": "macgreek xmacgreek",
    "mac-turkish": "macturkish",
    "mac-cyrillic": "maccyrillic macukrainian",
    "cp1250": "cp1250 1250 win1250",
    "cp1251": "cp1251 1251 win1251 win",
    "cp1252": "cp1252 1252 win1252 ansi iso88591 iso8859 88591 latin1 l1 cp819 819 isoir100",
    "cp1253": "cp1253 1253 win1253",
    "cp1254": "cp1254 1254 win1254 iso88599 latin5",
    "cp1255": "cp1255 1255 win1255 iso88598 iso88598i iso88598e hebrew logical visual",
    "cp1256": "cp1256 1256 win1256",
    "cp1257": "cp1257 1257 win1257",
    "cp1258": "cp1258 1258 win1258",
    "iso8859-2": "iso88592 latin2 88592 l2 isoir101",
    "iso8859-3": "iso88593 latin3",
    "iso8859-4": "iso88594 latin4",
    "iso8859-5": "iso88595 cyrillic",
    "iso8859-6": "iso88596 iso88596i iso88596e arabic asmo708",
    "iso8859-7": "iso88597 greek elot928",
    "iso8859-10": "iso885910 latin6",
    "iso8859-13": "iso885913 latin7",
    "iso8859-14": "iso885914 latin8",
    "iso8859-15": "iso885915 latin9 latin0",
    "iso8859-16": "iso885916 latin10",
    "ptcp154": "ptcp154 cp154 kz1048",
}
_CODECS = {label: codec for codec, labels in _LABELS.items() for label in labels.split()}
_PREFIXES = (
    *("x", "cs", "csiso", "csisolatin", "csibm", "cswindows"),
    *("charset", "windows", "ibm", "xwindows", "xcp", "xmac", "iso"),
)
_TAIL = re.compile(r"[*:,(].*", re.DOTALL)
"""A language (RFC 2231), the year of `ISO_8859-1:1987`, a second label, a comment."""
_PUNCTUATION = re.compile(r"[^a-z0-9]+")


@lru_cache(maxsize=512)
def codec_for(label: str) -> str | None:
    """The Python codec for a charset label as a message writes it; None where the label means nothing."""
    key = _PUNCTUATION.sub("", _TAIL.sub("", label[:60].lower()).removeprefix("3d"))
    if key in _CODECS:
        return _CODECS[key]
    for prefix in _PREFIXES:
        if key.startswith(prefix) and (codec := _CODECS.get(key[len(prefix) :])):
            return codec
    return None
