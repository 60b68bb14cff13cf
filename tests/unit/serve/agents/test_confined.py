"""A server of one folder refuses whatever is not in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.paths import EXAMPLES
from tests.unit.serve.agents.serving import SPEC, answer, call, problems, served
from vedc.errors import Problem, UsageError
from vedc.serve.mcp.core.folder import Folder


@pytest.fixture
def inside(tmp_path: Path) -> Path:
    """A folder beside files that must not be reached."""
    folder = tmp_path / "inside"
    folder.mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "edit.vedc.yaml").write_text(SPEC)
    (tmp_path / "outside" / "secret.png").write_bytes(b"secret")
    (folder / "edit.vedc.yaml").write_text(SPEC)
    return folder


@pytest.mark.parametrize(
    "path",
    ["../outside/edit.vedc.yaml", "link/edit.vedc.yaml", "file.vedc.yaml", "sub/../../outside/x",
     "~/edit.vedc.yaml", "/etc/passwd"],
)  # fmt: skip
def test_paths_of_calls(inside: Path, path: str) -> None:
    (inside / "link").symlink_to(inside.parent / "outside")
    (inside / "file.vedc.yaml").symlink_to(inside.parent / "outside" / "edit.vedc.yaml")
    calls = [
        ("validate", {"spec": path}), ("plan", {"spec": path}), ("render", {"spec": path}),
        ("still", {"spec": path, "at": ["0s"]}), ("storyboard", {"spec": path}),
        ("sheet", {"spec": path}),
        ("probe", {"file": path}), ("shots", {"file": path}), ("silence", {"file": path}),
        ("check", {"file": path}), ("diff", {"before": "edit.vedc.yaml", "after": path}),
        ("files", {"folder": path}), ("explain_decision", {"spec": path, "at": "0s"}),
    ]  # fmt: skip
    for tool, arguments in calls:
        assert problems(inside, tool, **arguments)[0]["code"] == "outside-root", tool
    written = call(inside, "write_spec", spec=f"{path}.vedc.yaml", text=SPEC)
    assert written.is_error or not path.startswith(("..", "/", "link", "sub", "~"))
    assert sorted(p.name for p in (inside.parent / "outside").iterdir()) == [
        "edit.vedc.yaml", "secret.png",
    ]  # fmt: skip


def test_a_spec_is_not_written_through_a_link(inside: Path) -> None:
    (inside / "a.vedc.yaml").symlink_to("edit.vedc.yaml")
    (wrong,) = problems(inside, "write_spec", spec="a.vedc.yaml", text="version: 1\n")
    assert wrong["code"] == "bad-path"
    assert (inside / "edit.vedc.yaml").read_text() == SPEC


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("color: red", "image: ../outside/secret.png", "outside-root"),
        ("color: red", "image: way/secret.png", "outside-root"),
        ("path: film.mkv", "path: ../outside/film.mkv", "outside-root"),
        ("path: film.mkv", "path: way/film.mkv", "outside-root"),
        ("color: red", "image: https://example.org/a.png", "url"),
        ("color: red", "clip: concat:edit.vedc.yaml", "url"),
        ("version: 1", "version: 1\nplugins: [p.py]", "plugins-not-allowed"),
    ],
)
def test_paths_in_specs(inside: Path, old: str, new: str, code: str) -> None:
    (inside / "way").symlink_to(inside.parent / "outside")
    (inside / "p.py").write_text("raise SystemExit('it ran')\n")
    (inside / "edit.vedc.yaml").write_text(SPEC.replace(old, new))
    (wrong,) = answer(inside, "validate", spec="edit.vedc.yaml")["problems"]
    assert wrong["code"] == code
    assert "--allow" not in (wrong["hint"] or "")
    assert problems(inside, "render", spec="edit.vedc.yaml")[0]["code"] == code


def test_plugins_run_only_where_the_server_may(inside: Path) -> None:
    (inside / "p.py").write_text((EXAMPLES / "plugin" / "faded.py").read_text())
    (inside / "edit.vedc.yaml").write_text("plugins: [p.py]\n" + SPEC)

    def validate(**options: bool) -> dict[str, object]:
        called = {"spec": "edit.vedc.yaml"}
        result = served(inside, lambda c: c.call_tool("validate", called), **options)
        found: dict[str, object] = result.structured_content
        return found

    assert not validate()["valid"]
    assert validate(plugins=True)["valid"]


@pytest.mark.parametrize("name", [".vedc", "vedc.lock"])
def test_caches_and_locks_that_lead_elsewhere(inside: Path, name: str) -> None:
    (inside / name).symlink_to(inside.parent / "outside" / "elsewhere")
    assert problems(inside, "validate", spec="edit.vedc.yaml")[0]["code"] == "outside-root"
    assert not (inside.parent / "outside" / "elsewhere").exists()


def test_analyses_are_kept_in_the_folder(inside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(inside.parent / "outside"))
    answer(inside, "render", spec="edit.vedc.yaml", only=["film"])
    (inside / "footage").mkdir()
    (inside / "film.mkv").rename(inside / "footage" / "a.mkv")
    answer(inside, "shots", file="footage/a.mkv", detector="classical")
    assert (inside / ".vedc" / "cache" / "analyses").is_dir()
    assert not (inside.parent / "outside" / "vedc" / "analyses").exists()


def test_messages_do_not_reveal_where_the_folder_is(inside: Path) -> None:
    (inside / "broken.mp4").write_bytes(b"\0" * 64)
    for tool, arguments in (
        ("probe", {"file": "broken.mp4"}), ("probe", {"file": "no.mp4"}),
        ("validate", {"spec": "no.vedc.yaml"}),
    ):  # fmt: skip
        assert str(inside) not in str(problems(inside, tool, **arguments))


def test_only_a_folder_is_served(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        Folder.at(tmp_path / "nowhere")
    assert caught.value.problems[0].code == "no-such-folder"


def test_dots_behind_a_link_do_not_lead_out(inside: Path) -> None:
    """The checked file is the one opened: the system follows a link before it goes up again."""
    (inside / "deep" / "er").mkdir(parents=True)
    (inside / "way").symlink_to("deep/er")
    (inside / "secret.png").symlink_to(inside.parent / "outside" / "secret.png")
    (inside / "deep" / "secret.png").write_bytes(b"harmless")
    with pytest.raises(UsageError, match="outside the folder"):
        Folder.at(inside).path("way/../secret.png")


@pytest.mark.parametrize("message", ["no /films-old/a.mkv", "no /filmstrip", "no /films.bak"])
def test_folders_that_begin_alike_are_not_this_folder(message: str) -> None:
    folder = Folder(Path("/films"))
    assert folder.problem(Problem("x", message)).message == message
    assert folder.problem(Problem("x", "see /films")).message == "see this folder"
    assert Folder(Path("/")).problem(Problem("x", message)).message == message
