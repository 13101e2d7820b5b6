import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.pulse import KEPT_FOR, Health, Pulse


class Patient:
    """What is asked: counts how often, and answers when it may."""

    def __init__(self):
        self.asked = 0
        self.may_answer = threading.Event()
        self.may_answer.set()

    def ask(self):
        self.asked += 1
        assert self.may_answer.wait(10)
        return Health(database=True, broker=self.asked == 1)


@pytest.fixture
def patient():
    return Patient()


def test_those_who_come_while_it_is_asked_for_wait_for_the_same_answer(patient):
    pulse = Pulse(patient.ask)
    patient.may_answer.clear()
    begun = threading.Barrier(9)

    def get(_):
        begun.wait(10)
        return pulse.get()

    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(get, range(8))
        begun.wait(10)
        patient.may_answer.set()
        assert set(answers) == {Health(database=True, broker=True)}
    assert patient.asked == 1


def test_it_is_asked_anew_after_a_second_and_not_before(patient):
    pulse = Pulse(patient.ask)
    began = time.monotonic()
    assert pulse.get().broker
    while pulse.get().broker:
        assert time.monotonic() < began + 2 * KEPT_FOR
    assert time.monotonic() >= began + KEPT_FOR
    assert patient.asked == 2


def test_it_is_asked_anew_after_an_outage(patient):
    pulse = Pulse(patient.ask)
    assert pulse.get().broker
    pulse.forget()
    assert not pulse.get().broker
    assert patient.asked == 2
