"""The operator's keys: the first one writes, any of them reads."""

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from stargazer.keyring import Keyring

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


def make(*keys):
    return Keyring(SecretStr(",".join(keys)))


def test_what_one_key_encrypted_it_decrypts():
    token = make(OLD).encrypt("a secret")
    assert "secret" not in token
    assert make(OLD).decrypt(token) == "a secret"


def test_after_a_rotation_old_and_new_are_read_and_the_new_key_writes():
    token = make(OLD).encrypt("a secret")
    both = make(NEW, OLD)
    assert both.decrypt(token) == "a secret"
    assert make(NEW).decrypt(both.encrypt("another")) == "another"


@pytest.mark.parametrize("keyring", [make(), make(NEW)], ids=["no key", "another key"])
def test_without_its_key_nothing_is_read(keyring):
    assert keyring.decrypt(make(OLD).encrypt("a secret")) is None


def test_without_a_key_nothing_is_encrypted():
    assert not make()
    with pytest.raises(ValueError, match="there is no key"):
        make().encrypt("a secret")


def test_a_mark_depends_on_the_key_and_on_the_text():
    [old] = make(OLD).list_marks("a secret")
    assert make(NEW, OLD).list_marks("a secret")[1] == old
    assert len({*make(NEW, OLD).list_marks("a secret"), *make(OLD).list_marks("another")}) == 3
    assert make().list_marks("a secret") == []


@pytest.mark.parametrize(
    "keys",
    ["short", f"{OLD},short", f"{OLD};{NEW}"],
    ids=["short", "the second one", "a semicolon"],
)
def test_what_is_no_key_is_refused_without_being_shown(keys):
    with pytest.raises(ValueError, match=r"^each key is 32 bytes in URL-safe Base64$"):
        Keyring(SecretStr(keys))
