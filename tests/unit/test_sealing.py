"""Encryption at rest: what opens, and what does not."""

import pytest
from pydantic import SecretStr

from bot.services.sealing import Seal, SealBroken, make_key
from tests.contract.builders import GUILD

KEY = SecretStr("servers-own-key-0123456789")


def test_what_is_sealed_opens_again_and_does_not_show() -> None:
    seal = Seal([make_key()])
    sealed = seal.seal(KEY, GUILD)
    assert KEY.get_secret_value() not in sealed
    assert seal.open(sealed, GUILD) == KEY
    assert seal.seal(KEY, GUILD) != sealed, "who has two of them cannot tell that they are the same"


def test_a_new_key_is_put_before_the_old_one() -> None:
    old, new = make_key(), make_key()
    sealed = Seal([old]).seal(KEY, GUILD)
    rotated = Seal([new, old])
    assert rotated.open(sealed, GUILD) == KEY
    assert Seal([new]).open(rotated.seal(KEY, GUILD), GUILD) == KEY


@pytest.mark.parametrize("broken", ["", "nonsense", "gAAAAA", "ü"])
def test_what_was_changed_does_not_open(broken: str) -> None:
    with pytest.raises(SealBroken) as error:
        Seal([make_key()]).open(broken, GUILD)
    assert error.value.__cause__ is None


def test_another_key_or_another_server_opens_nothing() -> None:
    seal = Seal([make_key()])
    sealed = seal.seal(KEY, GUILD)
    with pytest.raises(SealBroken):
        seal.open(sealed, GUILD + 1)
    with pytest.raises(SealBroken):
        Seal([make_key()]).open(sealed, GUILD)
