"""The page to read first says what there is, and all of it is there."""

import toolkit


def test_every_public_name_can_be_had() -> None:
    missing = [name for name in toolkit.__all__ if getattr(toolkit, name, None) is None]
    assert not missing
    assert sorted(toolkit.__all__) == sorted(toolkit._PUBLIC)
