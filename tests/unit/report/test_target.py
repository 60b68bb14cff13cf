"""``vedc explain target:NAME``."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from vedc.cli import app
from vedc.errors import UsageError
from vedc.lang.keys.targets import TARGETS
from vedc.report.target import find_target, target_data, target_text


@pytest.mark.parametrize("name", TARGETS)
def test_every_setting_is_printed_with_its_reason(name: str) -> None:
    target = TARGETS[name]
    text = " ".join(target_text(target).split())
    for each in target.settings:
        assert f"{each.key}: {each.value} {each.reason}" in text
    for note in target_data(target)["notes"]:
        assert note in text


def test_a_misspelt_target_is_corrected() -> None:
    with pytest.raises(UsageError, match="did you mean 'youtube'"):
        find_target("target:youtub")


def test_the_command_prints_it_as_data() -> None:
    done = CliRunner().invoke(app, ["explain", "target:web", "--json"])
    assert done.exit_code == 0
    assert json.loads(done.stdout)["name"] == "web"
