"""The preview page in a real browser: pictures, clicks, keys, saves."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.preview_support import SPEC, Previewed, write_tone
from vedc.serve.preview.drawing import Drawing

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER = next((found for name in BROWSERS if (found := shutil.which(name))), None)
DRIVER = shutil.which("chromedriver")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None or DRIVER is None, reason="there is no Chromium here"),
]

RED, GREEN, BLUE = (0xC0, 0, 0), (0, 0xA0, 0), (0, 0, 0xC0)


class Page:
    """The page, and what a person does with it."""

    def __init__(self, driver: Any, preview: Previewed) -> None:
        self.driver, self.preview = driver, preview

    def js(self, code: str, *arguments: object) -> Any:
        return self.driver.execute_script(code, *arguments)

    def one(self, selector: str) -> Any:
        return self.driver.find_element("css selector", selector)

    def until(self, holds: Callable[[], Any], what: str) -> Any:
        """Wait until something holds."""
        for _ in range(1200):
            if found := holds():
                return found
            time.sleep(0.025)
        raise AssertionError(f"{what}; the page shows {self.one('body').text!r}")

    def keys(self, *keys: str) -> None:
        self.one("body").send_keys(*keys)

    @property
    def frame(self) -> int:
        return int(self.one("#timecode").get_attribute("data-frame"))

    def color(self, element: str) -> tuple[int, ...]:
        """The colour in the middle of the still, or of the video."""
        return tuple(
            self.js(
                "const at = document.getElementById(arguments[0]), by = new OffscreenCanvas(9, 9);"
                "const to = by.getContext('2d'); to.drawImage(at, 0, 0, 9, 9);"
                "return [...to.getImageData(4, 4, 1, 1).data].slice(0, 3)",
                element,
            )
        )

    def shows(self, color: tuple[int, ...], frame: int | None = None) -> None:
        """Wait until the exact picture of the playhead's frame has a colour."""

        def holds() -> bool:
            still = self.one("#still")
            shown = still.get_attribute("data-frame") == str(self.frame if frame is None else frame)
            return shown and not still.get_attribute("hidden") and near(self.color("still"), color)

        self.until(holds, f"no picture of frame {frame} in {color}")

    def rendered(self) -> None:
        self.until(
            lambda: self.one("#status").get_attribute("data-kind") == "done", "it is not done"
        )

    def click_at(self, selector: str, share: float) -> None:
        """Click on an element, at a share of its width."""
        element = self.one(selector)
        from selenium.webdriver.common.action_chains import ActionChains

        aside = round((share - 0.5) * element.size["width"])
        ActionChains(self.driver).move_to_element_with_offset(element, aside, 0).click().perform()


def near(given: tuple[int, ...], color: tuple[int, ...]) -> bool:
    return all(abs(a - b) < 14 for a, b in zip(given, color, strict=True))


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    profile = tmp_path_factory.mktemp("profile")
    switches = ["--headless=new", "--window-size=1280,800", f"--user-data-dir={profile}"]
    switches += ["--disable-gpu", "--disable-dev-shm-usage", "--mute-audio", "--lang=en"]
    if hasattr(os, "getuid") and os.getuid() == 0:  # Chromium keeps no sandbox for root
        switches.append("--no-sandbox")
    for switch in switches:
        options.add_argument(switch)
    made = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield made
    made.quit()


@pytest.fixture(scope="module")
def preview(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Previewed]:
    folder = tmp_path_factory.mktemp("preview")
    write_tone(folder / "tone.wav", 3)
    (folder / "film.vedc.yaml").write_text(SPEC)
    made = Previewed(folder / "film.vedc.yaml")
    made.start()
    yield made
    made.close()


@pytest.fixture
def page(driver: Any, preview: Previewed) -> Iterator[Page]:
    """The page as it is opened, with the spec as it was at first."""
    if preview.spec.read_text() != SPEC:
        preview.save(SPEC)
    driver.get(preview.server.address)
    made = Page(driver, preview)
    made.shows(RED, 0)
    made.rendered()
    yield made
    said = [entry["message"] for entry in driver.get_log("browser") if entry["level"] == "SEVERE"]
    # Among them what the policy forbids. 409: on a busy machine a save overtakes a picture.
    assert [message for message in said if "status of 409" not in message] == []


def test_the_token_leaves_the_address(page: Page) -> None:
    assert "token" not in page.driver.current_url
    page.driver.refresh()
    page.shows(RED, 0)


def test_a_click_on_the_timeline_seeks(page: Page) -> None:
    page.click_at("#ruler", 0.5)
    page.shows(GREEN)
    assert abs(page.frame - 15) <= 1
    assert page.one("#ruler").get_attribute("aria-valuenow") == str(page.frame)


def test_a_click_on_an_item_selects_and_describes_it(page: Page) -> None:
    page.click_at('[data-id="item-0-2"]', 0.5)
    page.shows(BLUE)
    assert page.one("[aria-current]").get_attribute("data-id") == "item-0-2"
    reported = page.one("#details").text
    assert "#0000c0" in reported and "film.vedc.yaml:6:5" in reported
    page.keys("\ue00c")  # Escape
    page.until(lambda: "Select an item" in page.one("#details").text, "it stays selected")


def test_keys_move_the_playhead(page: Page) -> None:
    right, left, shift, up, down = "\ue014", "\ue012", "\ue008", "\ue013", "\ue015"
    end, home = "\ue010", "\ue011"
    steps = [
        ([right], 1), (["."], 2), ([","], 1), ([left], 0), ([left], 0), ([shift, right], 10),
        ([shift, left], 0), ([down], 10), ([down], 20), ([up], 10), ([end], 29), ([right], 29),
        ([home], 0),
    ]  # fmt: skip
    for keys, frame in steps:
        page.keys(*keys)
        assert page.frame == frame, keys
    page.keys(end)
    page.shows(BLUE, 29)


def test_the_video_has_each_frame_at_its_time(page: Page) -> None:
    """The segments' pictures begin and end where the film's do."""
    page.until(
        lambda: page.js("return document.getElementById('video').readyState >= 2"), "no data"
    )
    for frame, color in ((9, RED), (10, GREEN), (19, GREEN), (20, BLUE), (29, BLUE), (0, RED)):
        page.js(
            "const v = document.getElementById('video'); v.currentTime = (arguments[0] + 0.5) / 10",
            frame,
        )
        page.until(
            lambda color=color: (
                not page.js("return document.getElementById('video').seeking")
                and near(page.color("video"), color)
            ),
            f"the video shows another picture at frame {frame}",
        )


def test_space_plays_picture_and_sound_and_stops(page: Page) -> None:
    page.keys(" ")
    page.until(lambda: page.frame >= 5, "it does not play")
    assert page.one('[data-do="toggle"]').get_attribute("aria-label") == "Pause"
    heard = "return document.getElementById('video').webkitAudioDecodedByteCount"
    assert page.js(heard) > 0
    page.keys("k")
    stopped = page.frame
    page.shows(RED if stopped < 10 else GREEN, stopped)
    assert page.one('[data-do="toggle"]').get_attribute("aria-label") == "Play"
    assert page.js("return document.getElementById('video').paused")


def test_it_plays_to_the_last_frame_and_then_from_the_first(page: Page) -> None:
    page.keys("ll")
    assert page.one("#timecode").get_attribute("data-speed") == "2×"
    page.until(lambda: page.frame == 29, "it does not reach the end")
    page.until(lambda: page.js("return document.getElementById('video').paused"), "it plays on")
    page.shows(BLUE, 29)
    page.keys("l")
    page.until(lambda: 0 < page.frame < 25, "it does not begin again")
    page.keys("k")


def test_it_plays_backwards(page: Page) -> None:
    page.keys("\ue010", "j")
    page.until(lambda: page.frame < 25, "it does not play backwards")
    page.keys("j")
    page.until(lambda: page.frame == 0, "it does not reach the beginning")
    page.shows(RED, 0)


def test_marks_give_the_command_for_a_part(page: Page) -> None:
    page.keys("\ue014\ue014", "i", "\ue015", "o")
    command = page.one("#command").text
    spec = page.preview.session.name
    assert command.removeprefix("vedc render ").strip("'").startswith(spec)
    assert command.endswith(" --from 00:00:00:02 --to 00:00:01:01")
    page.keys("x")
    assert not page.one("#part").is_displayed()


def test_buttons_do_what_keys_do(page: Page) -> None:
    page.one('[data-do="end"]').click()
    assert page.frame == 29
    page.one('[data-do="back"]').click()
    assert page.frame == 28
    page.one('[data-do="home"]').click()
    page.one('[data-do="mute"]').click()
    assert page.js("return document.getElementById('video').muted")
    page.keys(" ")  # the button that was clicked does not take the key
    page.until(lambda: page.frame > 2, "it does not play")
    page.keys(" ")


def test_the_timeline_zooms_around_the_playhead(page: Page) -> None:
    wide = page.one("#ruler").size["width"]
    page.keys("\ue015", "+")
    assert page.one("#ruler").size["width"] > 1.3 * wide
    page.keys("0")
    assert page.one("#ruler").size["width"] == wide


def test_the_keys_are_shown(page: Page) -> None:
    page.keys("?")
    assert page.one("#help").is_displayed()
    page.one("#help").send_keys("\ue00c")
    page.until(lambda: not page.one("#help").is_displayed(), "the help stays open")


def test_a_save_with_an_error_shows_it_in_place_and_a_save_that_fixes_it_the_picture(
    page: Page,
) -> None:
    page.keys("\ue015", "\ue014\ue014")
    page.shows(GREEN, 12)
    page.preview.save(SPEC.replace('color: "#00a000"', 'colour: "#00a000"'))
    over = page.until(lambda: page.one("#over").is_displayed() and page.one("#over"), "no error")
    assert "film.vedc.yaml:5:" in over.text and "colour" in over.text
    assert page.one('[data-id="item-0-1"]').get_attribute("data-problem") == "error"
    assert near(page.color("still"), GREEN)  # the last film that was valid
    assert page.one("#status").text == "Errors in the spec"
    first = page.one("#problems .problem")
    assert "film.vedc.yaml:5:" in first.text and first.find_element("css selector", "mark").text
    page.keys("\ue010")
    first.click()
    assert page.one("[aria-current]").get_attribute("data-id") == "item-0-1"
    assert page.frame == 10

    page.preview.save(SPEC.replace("#00a000", "#a0a000"))
    page.shows((0xA0, 0xA0, 0), 10)
    assert not page.one("#over").is_displayed()
    page.rendered()
    assert page.preview.session.rendered == [1]


def test_the_film_gets_its_sound_when_that_is_done_last(
    driver: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, render = threading.Event(), Drawing.sound

    def late(*given: Any) -> Any:
        go_on.wait(60)
        return render(*given)

    monkeypatch.setattr(Drawing, "sound", late)
    write_tone(tmp_path / "tone.wav", 3)
    (tmp_path / "film.vedc.yaml").write_text(SPEC)
    preview = Previewed(tmp_path / "film.vedc.yaml")
    preview.start()
    try:
        driver.get(preview.server.address)
        page = Page(driver, preview)
        status = page.one("#status")
        page.until(lambda: status.text == "Rendering the sound", "the sound is not waited for")
        page.keys(" ")
        page.until(lambda: page.frame >= 2, "it does not play in silence")
        go_on.set()
        page.rendered()
        heard = "return document.getElementById('video').webkitAudioDecodedByteCount > 0"
        page.until(lambda: page.js(heard), "the sound is not played")
        page.keys("k")
        driver.get("about:blank")
    finally:
        go_on.set()
        preview.close()


def test_a_page_that_is_open_while_the_preview_ends_says_so(driver: Any, tmp_path: Path) -> None:
    write_tone(tmp_path / "tone.wav", 3)
    (tmp_path / "film.vedc.yaml").write_text(SPEC)
    short = Previewed(tmp_path / "film.vedc.yaml")
    short.start()
    driver.get(short.server.address)
    page = Page(driver, short)
    page.shows(RED, 0)
    short.close()
    page.until(lambda: page.one("#status").text == "Not connected", "it seems connected")
    driver.get("about:blank")
    driver.get_log("browser")
