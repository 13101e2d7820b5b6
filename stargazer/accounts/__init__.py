"""Who may do what: passwords, permissions, and the tokens of logins and sessions."""

from stargazer.accounts.passwords import (
    check_password,
    check_strength,
    check_username,
    hash_password,
    new_account,
    verify_password,
)
from stargazer.accounts.permissions import (
    COMPONENTS,
    LEVELS,
    Permission,
    is_allowed,
    parse_permission,
    parse_permissions,
)
from stargazer.accounts.tokens import find_login, find_session, new_login, new_session

__all__ = [
    "COMPONENTS",
    "LEVELS",
    "Permission",
    "check_password",
    "check_strength",
    "check_username",
    "find_login",
    "find_session",
    "hash_password",
    "is_allowed",
    "new_account",
    "new_login",
    "new_session",
    "parse_permission",
    "parse_permissions",
    "verify_password",
]
