"""The operator's keys: what is stored encrypted can be read by any, and is written by the first."""

import hashlib
import hmac
import re
from base64 import urlsafe_b64decode

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

_MARK = 32
_KEY = re.compile(r"[A-Za-z0-9_-]{43}=")


class Keyring:
    """Encrypts and decrypts; false when there is no key.

    :param keys: Fernet keys, with commas between, the newest first.
    """

    def __init__(self, keys: SecretStr) -> None:
        self._keys = split_keys(keys.get_secret_value())
        self._fernet = MultiFernet([Fernet(key) for key in self._keys]) if self._keys else None

    def __bool__(self) -> bool:
        return self._fernet is not None

    def encrypt(self, text: str) -> str:
        """Encrypt with the newest key.

        :raises ValueError: without a key.
        """
        if self._fernet is None:
            raise ValueError("there is no key")
        return self._fernet.encrypt(text.encode()).decode()

    def decrypt(self, token: str) -> str | None:
        """Decrypt with whichever key fits; None when none does."""
        if self._fernet is None:
            return None
        try:
            return self._fernet.decrypt(token).decode()
        except InvalidToken:
            return None

    def list_marks(self, text: str) -> list[str]:
        """Give what a text is known by, under each key: from a mark nobody guesses the text.

        :returns: the newest key's first; empty without a key.
        """
        return [
            hmac.new(urlsafe_b64decode(key), text.encode(), hashlib.sha256).hexdigest()[:_MARK]
            for key in self._keys
        ]


def split_keys(keys: str) -> list[str]:
    """Give the keys one by one.

    :raises ValueError: when one of them is none; without the key.
    """
    found = [key.strip() for key in keys.split(",") if key.strip()]
    for key in found:
        if not _KEY.fullmatch(key):
            raise ValueError("each key is 32 bytes in URL-safe Base64")
    return found
