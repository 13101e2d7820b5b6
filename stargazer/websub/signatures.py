"""Who sent what claims to come from a hub."""

import hashlib
import hmac

_DIGESTS = {
    "sha1": hashlib.sha1,
    "sha256": hashlib.sha256,
    "sha384": hashlib.sha384,
    "sha512": hashlib.sha512,
}


def is_signed(secret: str, body: bytes, header: str | None) -> bool:
    """Tell whether ``X-Hub-Signature`` proves that the body comes from who knows the secret.

    :param header: such as ``sha1=<hex>``; None when it was not sent.
    :param body: as received, not decoded.
    """
    method, _, signature = (header or "").partition("=")
    digest = _DIGESTS.get(method.strip().lower())
    if digest is None:
        return False
    expected = hmac.new(secret.encode(), body, digest).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.strip().lower().encode())
