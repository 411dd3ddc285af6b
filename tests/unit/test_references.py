"""The last errors by the reference that people were shown: found as it was typed, bounded, and without secrets."""

from bot.ops.logs import Redactor
from bot.services.references import KEPT, LONGEST_CAUSE, References
from tests.fakes import EPOCH, FakeClock


def kept(clock: FakeClock | None = None) -> References:
    return References(clock=clock or FakeClock(), redact=Redactor(["key-0123456789"]))


def test_an_error_is_found_by_its_reference_however_that_is_typed() -> None:
    clock = FakeClock()
    references = kept(clock)
    clock.advance(60)
    reference = references.note("/extend", RuntimeError("a  bug\nin two lines"))
    for typed in (reference, f" {reference.upper()} ", f"`{reference}`"):
        found = references.find(typed)
        assert found is not None
        assert (found.reference, found.at, found.where, found.cause) == (
            reference,
            EPOCH + 60,
            "/extend",
            "RuntimeError: a bug in two lines",
        )
    assert references.find("00000000") is None
    assert references.since == EPOCH


def test_secrets_are_masked_and_causes_are_short() -> None:
    references = kept()
    references.note("/webhooks/12/abcdef/messages", ValueError("sent key-0123456789 to /webhooks/42/interaction-token/x " + "z" * 500))
    (mishap,) = references.latest(10)
    assert "key-0123456789" not in mishap.cause
    assert "interaction-token" not in mishap.cause
    assert "abcdef" not in mishap.where
    assert len(mishap.cause) == LONGEST_CAUSE


def test_the_oldest_are_let_go() -> None:
    references = kept()
    noted = [references.note("cancel:1:x", KeyError(number)) for number in range(KEPT + 5)]
    assert [mishap.reference for mishap in references.latest(3)] == noted[:-4:-1]
    assert references.find(noted[4]) is None
    assert references.find(noted[5]) is not None
    assert len(references.latest(1_000)) == KEPT


def test_an_error_without_words_is_named() -> None:
    references = kept()
    references.note("/jobs", TimeoutError())
    assert references.latest(1)[0].cause == "TimeoutError"
