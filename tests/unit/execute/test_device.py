"""The choice of the device, and the message where it is not available."""

from __future__ import annotations

import pytest

from vedc.errors import MissingError, UsageError
from vedc.execute.devices import device
from vedc.execute.devices.device import Device, pick_device


@pytest.fixture(autouse=True)
def _no_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRITON_INTERPRET", raising=False)


def cards(monkeypatch: pytest.MonkeyPatch, count: int, *, libraries: bool = True) -> None:
    monkeypatch.setattr(device, "count", lambda: count)
    monkeypatch.setattr(device, "find_spec", lambda name: object() if libraries else None)


def test_cpu_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "count", lambda: pytest.fail("the driver was asked"))
    assert pick_device("cpu") == Device("cpu")
    assert pick_device("cpu").engine == ""


def test_auto_takes_the_first_card(monkeypatch: pytest.MonkeyPatch) -> None:
    cards(monkeypatch, 2)
    assert pick_device("auto") == Device("cuda", 0, networks="torch")
    cards(monkeypatch, 0)
    assert pick_device("auto") == Device("cpu")


def test_auto_says_why_a_card_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    cards(monkeypatch, 1, libraries=False)
    chosen = pick_device("auto")
    assert chosen.kind == "cpu"
    assert "torch and triton" in chosen.note


def test_a_card_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    cards(monkeypatch, 2)
    assert str(pick_device("cuda:1")) == "cuda:1"
    with pytest.raises(UsageError, match="only 2"):
        pick_device("cuda:2")


def test_no_card_no_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    cards(monkeypatch, 0)
    with pytest.raises(UsageError, match="no NVIDIA GPU"):
        pick_device("cuda")


def test_missing_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    cards(monkeypatch, 1, libraries=False)
    with pytest.raises(MissingError, match="torch and triton"):
        pick_device("cuda")


@pytest.mark.parametrize("asked", ["gpu", "cuda:", "cuda:x", "cuda:-1", ""])
def test_other_words(asked: str) -> None:
    with pytest.raises(UsageError, match="not a device"):
        pick_device(asked)


def test_the_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRITON_INTERPRET", "1")
    cards(monkeypatch, 0)
    chosen = pick_device("cuda")
    assert chosen.kind == "interpreter"
    assert "triton" in chosen.engine


def test_what_runs_networks_suits_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    cards(monkeypatch, 0)
    assert pick_device("auto", "torch").networks == "torch"
    assert pick_device("cpu").networks == "cv"
    cards(monkeypatch, 1)
    assert pick_device("auto", "torch").networks == "torch"
    with pytest.raises(UsageError, match="runs on the CPU"):
        pick_device("cuda", "ort")
