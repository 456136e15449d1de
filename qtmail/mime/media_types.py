"""Names for files without one, and types for files that come without one.

A table of our own: the `mimetypes` module answers differently on every system.
"""

from __future__ import annotations

_EXTENSIONS = {
    "image/jpeg": "jpg", "image/jpg": "jpg", "image/pjpeg": "jpg", "image/png": "png", "image/gif": "gif",
    "image/webp": "webp", "image/bmp": "bmp", "image/tiff": "tif", "image/svg+xml": "svg",
    "image/x-icon": "ico", "audio/mpeg": "mp3", "audio/mp4": "m4a", "audio/ogg": "ogg",
    "audio/x-wav": "wav", "audio/amr": "amr", "video/mp4": "mp4", "video/quicktime": "mov",
    "video/3gpp": "3gp", "text/plain": "txt", "text/html": "html", "text/csv": "csv", "text/markdown": "md",
    "text/calendar": "ics", "text/vcard": "vcf", "text/x-vcard": "vcf", "text/xml": "xml",
    "text/enriched": "txt", "text/rtf": "rtf", "text/rfc822-headers": "txt", "text/x-patch": "patch",
    "text/css": "css", "text/x-amp-html": "html", "application/pdf": "pdf", "application/zip": "zip",
    "application/json": "json", "application/xml": "xml", "application/rtf": "rtf",
    "application/msword": "doc", "application/vnd.ms-excel": "xls", "application/vnd.ms-powerpoint": "ppt",
    "application/ics": "ics", "application/gzip": "gz",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/pgp-signature": "asc", "application/pgp-encrypted": "txt", "application/pgp-keys": "asc",
    "application/pkcs7-signature": "p7s", "application/x-pkcs7-signature": "p7s",
    "application/x-pkcs7-mime": "p7m", "application/ms-tnef": "dat", "message/rfc822": "eml",
    "message/global": "eml", "message/delivery-status": "txt", "message/disposition-notification": "txt",
    "message/external-body": "txt", "message/partial": "txt", "message/feedback-report": "txt",
}  # fmt: skip

_TYPES = {extension: content_type for content_type, extension in reversed(_EXTENSIONS.items())}


def name_for(content_type: str, section: str) -> str:
    """A name for a part that has none, from its type and place: `part-1.2.png`."""
    kind, _, subtype = content_type.partition("/")
    extension = _EXTENSIONS.get(content_type) or ("txt" if kind in ("text", "message") else "bin")
    if kind in ("image", "audio", "video") and extension == "bin" and subtype.isalnum() and len(subtype) < 5:
        extension = subtype
    return f"part-{section or '1'}.{extension}"


def type_for(filename: str) -> str:
    """The type of a file by the end of its name."""
    return _TYPES.get(filename.rpartition(".")[2].lower(), "application/octet-stream")
