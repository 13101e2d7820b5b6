"""Photos that are uploaded to Telegram: what it refuses of them.

Source: https://core.telegram.org/bots/api#sendphoto
"""

import struct
from typing import NamedTuple

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS_AROUND = 10_000
MOST_RATIO = 20
_PNG = b"\x89PNG\r\n\x1a\n"
_BEGINNINGS = (b"\xff\xd8\xff", _PNG, b"RIFF", b"GIF8")


class PhotoFault(NamedTuple):
    """What is wrong with a photo.

    :ivar limit: the documented limit which it broke, if that is why.
    """

    description: str
    limit: str | None = None


def find_fault(content: bytes) -> PhotoFault | None:
    """Tell what is wrong with a photo; how large it is can only be seen of a PNG."""
    if not content:
        return PhotoFault("file must be non-empty")
    if len(content) > MOST_BYTES:
        return PhotoFault(f"file of size {len(content)} bytes is too big for a photo", "photo_size")
    if not content.startswith(_BEGINNINGS):
        return PhotoFault("IMAGE_PROCESS_FAILED")
    if content.startswith(_PNG):
        width, height = struct.unpack_from(">II", content.ljust(24, b"\0"), 16)
        if width + height > MOST_PIXELS_AROUND or (
            max(width, height) > MOST_RATIO * min(width, height)
        ):
            return PhotoFault("PHOTO_INVALID_DIMENSIONS")
    return None
