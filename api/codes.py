"""The codes of the errors: which a method may answer with, and what each of them means."""

from collections import defaultdict

from api.rpc import Method

#: The errors that every method has, by status.
SHARED = {
    400: ("invalid_json", "invalid_parameters"),
    401: ("credentials_missing",),
    403: ("wrong_credentials", "foreign_origin"),
    405: ("method_not_allowed",),
    413: ("request_entity_too_large",),
    429: ("too_many_failures",),
    503: ("unavailable",),
}
#: What an error is, where its code does not say it all.
MEANINGS = {
    "account_changed": "Somebody else changes this account at the same time.",
    "account_exists": "There is an account of this name already.",
    "account_not_found": "There is no such account.",
    "credentials_missing": "There are no credentials.",
    "dead_letter_not_found": "There is no such dead letter.",
    "delivery_changed": "It is being sent, or was asked for, just now.",
    "delivery_not_found": "This event was never meant for this user.",
    "delivery_pending": "It is pending, and not given up; it takes `force`.",
    "delivery_sent": "It was sent already; it takes `force` to send it once more.",
    "entity_not_found": "There is no such entity.",
    "event_not_found": "There is no such event.",
    "export_too_large": "There is too much for one answer; `stargazer export` writes it to a file.",
    "foreign_origin": "A page of another site used a password that a browser remembers.",
    "foreign_user": "A session is good for its own user alone.",
    "group_in_use": "Entities belong to this group.",
    "group_not_found": "There is no such group.",
    "invalid_document": "The document cannot be imported; where it is wrong is said.",
    "invalid_json": "The body is not a JSON object.",
    "invalid_parameters": "Something in it is wrong; every problem is named with its path.",
    "method_not_allowed": "A method is called with POST.",
    "permission_denied": "The credentials are right, and may not do this.",
    "request_entity_too_large": "The body is over a megabyte; of `importData`, over eight.",
    "platform_unavailable": "The platform would know whose account this is, and cannot be asked.",
    "secret_key_missing": "Such an address is a secret, and there is no key to keep it with.",
    "session_not_found": "There is no such session, or it is over.",
    "still_dead": "It still cannot go on, or has gone on meanwhile.",
    "task_exists": "This account is watched for this entity already.",
    "task_not_found": "There is no such task.",
    "too_many_failures": "Too many passwords were wrong within the last minute.",
    "unknown_account": "No platform knows such an account; what was tried is said.",
    "unavailable": "The database or the broker does not answer at the moment.",
    "user_exists": "There is a user at this address already.",
    "user_not_paused": "The user is not paused.",
    "user_paused": "The user is paused, and has to be resumed first.",
    "user_not_found": "There is no such user.",
    "worker_not_drained": "The worker is not drained.",
    "worker_not_found": "There is no such worker.",
    "wrong_credentials": "The password or the token is wrong, or the token's time is over.",
}


def list_errors(method: Method) -> dict[int, list[str]]:
    """Give all codes with which a method may answer, by status."""
    codes = defaultdict(list, {status: list(shared) for status, shared in SHARED.items()})
    if not method.access.anyone:
        codes[403].append("permission_denied")
    for code, status in method.errors.items():
        if code not in codes[status]:
            codes[status].append(code)
    return dict(sorted(codes.items()))
