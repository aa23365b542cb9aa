"""A child that tells what it is at."""

from core.machine.telling import TELLING, TellingProcess


def test_a_command_that_fails_says_why_and_how_long_the_rest_takes_is_only_told_once_it_is_known(artifacts):
    child = TellingProcess("shrink", "nothing", "--lines")
    assert child.stage().stage == "starting"
    assert child.process.wait(60) != 0
    assert not child.running
    assert not child.succeeded
    assert "nothing" in child.said()
    assert not child.said().startswith("error")
    assert child.seconds_left(TELLING / 2) is None
    assert 0 < child.seconds_left(0.75) < child.seconds_left(0.25)
    before = child.seconds_left(0.5)
    assert 0 < child.seconds_left(0.5) < before  # a long step does not put the end off
    assert child.seconds_left(1.0) is None
