"""Every tool, called by the SDK's own client."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError

from tests.unit.serve.agents.serving import (
    SPEC,
    answer,
    call,
    pictures,
    problems,
    served,
    write_tone,
)
from vedc.errors import InternalError
from vedc.lang.stock import STOCK
from vedc.serve.mcp.core.pictures import LONGEST
from vedc.serve.mcp.core.tool import Answer
from vedc.serve.mcp.tools import TOOLS

Calls = dict[str, Callable[[Path], None]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "edit.vedc.yaml").write_text(SPEC)
    return tmp_path


def test_every_tool_has_a_test() -> None:
    tested = " ".join(name for name in globals() if name.startswith("test_"))
    missing = [name for name in TOOLS if f"tool_{name}" not in tested]
    assert missing == []


def test_the_client_gets_a_description_of_the_tools(tmp_path: Path) -> None:
    listed = served(tmp_path, lambda client: client.list_tools()).tools
    assert [tool.name for tool in listed] == list(TOOLS)
    for tool in listed:
        assert tool.description.endswith(".") and len(tool.description) < 500
        assert tool.input_schema["additionalProperties"] is False
        assert tool.output_schema["type"] == "object"
        for name, schema in tool.input_schema["properties"].items():
            assert schema.get("description"), f"{tool.name} {name}"
            assert (
                name in tool.input_schema["required"]
                or "default" in schema
                or (
                    schema["description"].startswith(
                        ("Only", "Start", "End", "Level", "Pictures in")
                    )
                )
            )


def test_tool_files(folder: Path) -> None:
    (folder / "footage").mkdir()
    (folder / "footage" / "a.mp4").write_bytes(b"1234")
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "b.mp4").write_bytes(b"")
    (folder / "link.mp4").symlink_to("/etc/hostname")
    assert answer(folder, "files") == {
        "files": [
            {"path": "edit.vedc.yaml", "kind": "spec", "bytes": len(SPEC)},
            {"path": "footage/a.mp4", "kind": "file", "bytes": 4},
        ],
        "more": False,
    }
    assert len(answer(folder, "files", folder="footage")["files"]) == 1
    assert len(answer(folder, "files", name="EDIT")["files"]) == 1
    assert problems(folder, "files", folder="nowhere")[0]["code"] == "no-such-folder"


def test_tool_write_spec(tmp_path: Path) -> None:
    wrong = answer(tmp_path, "write_spec", spec="new/a.vedc.yaml", text="version: 2\n")
    assert not wrong["valid"] and wrong["problems"][0]["file"] == "new/a.vedc.yaml"
    right = answer(tmp_path, "write_spec", spec="new/a.vedc.yaml", text=SPEC)
    assert right["valid"] and right["outputs"][0]["output"] == "new/film.mkv"
    assert (tmp_path / "new" / "a.vedc.yaml").read_text() == SPEC
    assert problems(tmp_path, "write_spec", spec="a.yaml", text=SPEC)[0]["code"] == "bad-argument"


def test_tool_validate(folder: Path) -> None:
    (folder / "edit.vedc.yaml").write_text(SPEC.replace("color: red", "colour: red"))
    found = answer(folder, "validate", spec="edit.vedc.yaml")
    assert not found["valid"] and found["outputs"] == []
    first = found["problems"][0]
    assert (first["file"], first["line"], first["column"]) == ("edit.vedc.yaml", 4, 6)
    assert "color" in first["message"] + (first["hint"] or "")


def test_a_missing_file_is_a_problem_of_the_spec(folder: Path) -> None:
    (folder / "edit.vedc.yaml").write_text(SPEC.replace("color: red", "clip: no.mp4"))
    found = answer(folder, "validate", spec="edit.vedc.yaml")
    assert [problem["code"] for problem in found["problems"]] == ["file-missing"]
    assert str(folder) not in str(found)


def test_variables_are_set(folder: Path) -> None:
    spec = "variables: {shade: {type: string, format: color}}\n" + SPEC.replace(
        "red", '"${{ shade }}"'
    )
    (folder / "edit.vedc.yaml").write_text(spec)
    assert not answer(folder, "validate", spec="edit.vedc.yaml")["valid"]
    given = {"spec": "edit.vedc.yaml", "variables": {"shade": "lime"}}
    assert answer(folder, "validate", **given)["valid"]
    (picture,) = pictures(call(folder, "still", **given, at=["0s"]))
    assert picture.getpixel((10, 10))[1] > 200  # type: ignore[index]


def test_tool_search_ops(tmp_path: Path) -> None:
    found = answer(tmp_path, "search_ops", words="ken burns", limit=2)
    assert "ken_burns" in found["note"] or found["ops"][0]["name"] in ("zoom", "ken_burns")
    assert len(found["ops"]) <= 2
    kinds = {op["kind"] for op in answer(tmp_path, "search_ops", kind="mask")["ops"]}
    assert kinds == {"mask"}


def test_tool_explain(tmp_path: Path) -> None:
    (vignette,) = answer(tmp_path, "explain", name="vignette")["meanings"]
    assert "amount" in [param["name"] for param in vignette["params"]]
    assert "op: vignette" in vignette["example"]
    for name in ("fit", "target:youtube", "animate:rise", "dissolve", "overlay"):
        assert answer(tmp_path, "explain", name=name)["meanings"]
    (wrong,) = problems(tmp_path, "explain", name="vignete")
    assert "'vignette'" in wrong["message"]


def test_tool_plan_tool_render(folder: Path) -> None:
    (before,) = answer(folder, "plan", spec="edit.vedc.yaml")["outputs"]
    assert (before["frames"], before["frames_to_render"]) == (50, 50)
    (made,) = answer(folder, "render", spec="edit.vedc.yaml")["outputs"]
    assert made["target"] == "film.mkv" and made["rendered_frames"] == 50
    (after,) = answer(folder, "plan", spec="edit.vedc.yaml")["outputs"]
    assert (after["frames"], after["frames_to_render"]) == (50, 0)


def test_a_part_of_a_film_at_half_its_size(folder: Path) -> None:
    given = {"spec": "edit.vedc.yaml", "from": "0.5s", "to": "1.5s"}
    assert answer(folder, "plan", **given)["outputs"][0]["frames"] == 25
    answer(folder, "render", **given, scale=0.5)
    video = answer(folder, "probe", file="film.mkv")["video"]
    assert (video["width"], video["height"]) == (32, 24)


def test_other_peoples_files_are_not_replaced(folder: Path) -> None:
    (folder / "film.mkv").write_bytes(b"mine")
    (wrong,) = problems(folder, "render", spec="edit.vedc.yaml")
    assert wrong["code"] == "output-exists" and "-y" not in wrong["hint"]
    assert (folder / "film.mkv").read_bytes() == b"mine"


def test_tool_still(folder: Path) -> None:
    result = call(folder, "still", spec="edit.vedc.yaml", at=["-1f", "0.2s"])
    found = result.structured_content
    assert [picture["frame"] for picture in found["pictures"]] == [49, 5]
    blue, red = pictures(result)
    assert red.size == (64, 48) == tuple(found["canvas"])
    assert red.getpixel((5, 5))[0] > 200 and blue.getpixel((5, 5))[2] > 200  # type: ignore[index]
    (wrong,) = problems(folder, "still", spec="edit.vedc.yaml", at=["9s"])
    assert wrong["code"] == "bad-time"


def test_tool_storyboard(folder: Path) -> None:
    result = call(folder, "storyboard", spec="edit.vedc.yaml")
    shots = result.structured_content["shots"]
    assert [shot["frames"] for shot in shots] == [[0, 25], [25, 50]]
    assert len(pictures(result)) == 1
    (folder / "edit.vedc.yaml").write_text(
        SPEC.replace("{color: red", "{gap: 1s}\n  - {color: red")
    )
    answer(folder, "storyboard", spec="edit.vedc.yaml")


@pytest.mark.slow
def test_tool_sheet(folder: Path) -> None:
    result = call(folder, "sheet", spec="edit.vedc.yaml", count=6)
    assert [p["frame"] for p in result.structured_content["pictures"]] == [4, 12, 20, 29, 37, 45]
    (sheet,) = pictures(result)
    assert max(sheet.size) <= LONGEST
    long = call(folder, "sheet", spec="edit.vedc.yaml", count=40, columns=1)
    assert len(pictures(long)) == 3
    assert list((folder / ".vedc" / "cache").glob("sheet-*")) == []


def test_tool_probe(folder: Path) -> None:
    answer(folder, "render", spec="edit.vedc.yaml")
    probed = answer(folder, "probe", file="film.mkv")
    assert probed["duration"] == 2.0 and probed["made_by"]["spec"] == "edit.vedc.yaml"


def test_tool_shots(folder: Path) -> None:
    answer(folder, "render", spec="edit.vedc.yaml")
    result = call(folder, "shots", file="film.mkv", pictures=True)
    assert result.structured_content["total"] == 2 and len(pictures(result)) == 1
    rest = answer(folder, "shots", file="film.mkv", first=1, limit=1)
    assert [shot["frames"] for shot in rest["shots"]] == [[25, 50]] and rest["total"] == 2


def test_tool_silence(tmp_path: Path) -> None:
    write_tone(tmp_path / "talk.wav", 0.5, 0.0, 0.5)
    found = answer(tmp_path, "silence", file="talk.wav", margin="0s")
    assert [each["type"] for each in found["ranges"]] == ["sound", "silence", "sound"]
    assert found["kept"] == pytest.approx(2.0, abs=0.2)
    (wrong,) = problems(tmp_path, "silence", file="talk.wav", threshold="loud")
    assert "loud" in wrong["message"]


def test_tool_explain_decision(folder: Path) -> None:
    (wrong,) = problems(folder, "explain_decision", spec="edit.vedc.yaml", at="0s")
    assert wrong["code"] == "nothing-decided"
    text = SPEC.replace(
        "  - {color: blue", "  - {transition: random, duration: 0.4s}\n  - {color: blue"
    )
    (folder / "edit.vedc.yaml").write_text(text)
    found = answer(folder, "explain_decision", spec="edit.vedc.yaml", at="0.8s")
    assert found["picks"][0]["begin"] == 0.6 and found["decisions"] == []


def test_resources(tmp_path: Path) -> None:
    async def read_all(client: Client) -> dict[str, str]:
        listed = (await client.list_resources()).resources
        found = {}
        for resource in listed:
            (content,) = (await client.read_resource(resource.uri)).contents
            found[str(resource.uri)] = content.text  # type: ignore[union-attr]
        return found

    found = served(tmp_path, read_all)
    examples = {uri.removeprefix("vedc://examples/") for uri in found if "examples" in uri}
    assert examples == {"starter", *STOCK}
    assert "`vedc render`: Render a film." in found["vedc://skill"]
    assert found["vedc://schema"].startswith("{")
    assert "## timeline" in found["vedc://reference"] and "vignette" in found["vedc://ops"]


def test_arguments_are_checked_together(folder: Path) -> None:
    wrong = problems(folder, "still", spce="edit.vedc.yaml", at=[1], width=5)
    assert [problem["code"] for problem in wrong] == ["bad-argument"] * 4
    reported = " ".join(problem["message"] for problem in wrong)
    assert "did you mean 'spec'" in reported and "needs 'spec'" in reported and "at[0]" in reported
    (unknown,) = problems(folder, "validat", spec="edit.vedc.yaml")
    assert unknown["code"] == "unknown-tool" and "'validate'" in unknown["message"]


def test_tool_check(folder: Path) -> None:
    found = answer(folder, "check", file="edit.vedc.yaml", checks=["black", "freeze"])
    assert found["films"][0]["path"] == "film.mkv" and not (folder / "film.mkv").exists()
    answer(folder, "render", spec="edit.vedc.yaml")
    given = {"file": "film.mkv", "checks": ["duration"]}
    film = answer(folder, "check", **given, limits={"duration.exact": "1s"})
    assert not film["passed"] and film["films"][0]["findings"][0]["measured"] == 2
    assert answer(folder, "check", **given)["passed"]
    (wrong,) = problems(folder, "check", file="film.mkv", checks=["blak"])
    assert "black" in wrong["message"]
    (wrong,) = problems(folder, "check", file="film.mkv", only=["film.mkv"])
    assert wrong["code"] == "bad-argument" and "applies to a spec" in wrong["message"]
    (wrong,) = problems(folder, "check", file="edit.vedc.yaml", only=["flim.mkv"])
    assert "flim.mkv" in wrong["message"]


def test_tool_diff(folder: Path) -> None:
    (folder / "new.vedc.yaml").write_text(SPEC.replace("color: blue", "color: lime"))
    given = {"before": "edit.vedc.yaml", "after": "new.vedc.yaml"}
    result = call(folder, "diff", **given, pictures=True)
    (stretch,) = result.structured_content["stretches"]
    assert stretch["after"] == [25, 50] and stretch["kind"] == "changed"
    (change,) = result.structured_content["spec"][:1]
    assert change["after_at"] == {"file": "new.vedc.yaml", "line": 5, "column": 6}
    assert len(pictures(result)) == 1
    quick = answer(folder, "diff", **given, frames=False)
    assert not quick["compared"] and quick["can_differ"]
    assert answer(folder, "diff", before="edit.vedc.yaml", after="edit.vedc.yaml")["same"]


def test_only_so_many_problems_are_reported(folder: Path) -> None:
    items = "".join("  - {colour: red, duration: 1s}\n" for _ in range(150))
    text = SPEC.replace("timeline:\n", f"timeline:\n{items}")
    found = answer(folder, "write_spec", spec="edit.vedc.yaml", text=text)
    assert found["errors"] >= 150 and len(found["problems"]) == 100
    assert len(problems(folder, "render", spec="edit.vedc.yaml")) == 100


def test_a_bug_of_vedc_is_an_error_of_the_protocol(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server answers the next call."""

    def broken(*given: object) -> Answer:
        raise InternalError("this cannot be")

    monkeypatch.setitem(TOOLS, "plan", replace(TOOLS["plan"], work=broken))

    async def calls(client: Client) -> bool:
        with pytest.raises(MCPError):
            await client.call_tool("plan", {"spec": "edit.vedc.yaml"})
        found = await client.call_tool("validate", {"spec": "edit.vedc.yaml"})
        return bool(found.structured_content["valid"])

    assert served(folder, calls)
