"""A headless browser for the pages that tests.page.samples writes.

Selenium has its own environment, so these tests cannot import the product's dependencies.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

PAGES = Path(os.environ.get("PAGES", "build/pages")).resolve()
NAMES = (
    *("succeeded", "failed", "rejected", "unassumable", "timed_out", "superseded", "aborted"),
    *("running", "elsewhere", "longest", "crowded", "hostile"),
)
_WIDE, _NARROW, _HEIGHT, _PICTURED = 1280, 390, 1000, 1600  # in CSS pixels
_FLAGS = (
    "--headless",
    "--no-sandbox",  # CI runs Chromium as root.
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


class Browser:
    """A browser that records the page's requests and console messages."""

    def __init__(self, driver: Any) -> None:
        self._driver = driver

    def open(
        self,
        name: str,
        *,
        dark: bool = False,
        narrow: bool = False,
        zone: str = "UTC",
        width: int | None = None,
    ) -> None:
        self._driver.get("about:blank")
        self.asked(), self.complaints()  # Discard the previous page's entries.
        size = width or (_NARROW if narrow else _WIDE)
        self._command(
            "Emulation.setDeviceMetricsOverride",
            {"width": size, "height": _HEIGHT, "deviceScaleFactor": 1, "mobile": narrow},
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._command("Emulation.setEmulatedMedia", {"features": [scheme]})
        self._command("Emulation.setTimezoneOverride", {"timezoneId": zone})
        self._driver.get((PAGES / f"{name}.html").as_uri())

    def run(self, script: str) -> Any:
        return self._driver.execute_script(f"return ({script});")

    def wait_for(self, script: str) -> Any:
        """Wait until a script returns something other than null, and return it."""
        return WebDriverWait(self._driver, 5).until(lambda _: self.run(script))

    def press(self, key: str, times: int = 1) -> None:
        """Press a key in the focused element."""
        ActionChains(self._driver).send_keys(getattr(Keys, key) * times).perform()

    def allow_clipboard(self, *, allowed: bool) -> None:
        """Allow or deny access to the clipboard, for all pages."""
        for name in ("clipboard-read", "clipboard-write"):
            setting = "granted" if allowed else "denied"
            grant = {"permission": {"name": name}, "setting": setting}
            self._command("Browser.setPermission", grant)

    def asked(self) -> list[str]:
        """Return the URLs that were requested since the last call."""
        messages = [json.loads(each["message"]) for each in self._driver.get_log("performance")]
        return [
            each["message"]["params"]["request"]["url"]
            for each in messages
            if each["message"]["method"] == "Network.requestWillBeSent"
        ]

    def complaints(self) -> list[str]:
        """Return the console messages since the last call."""
        return [each["message"] for each in self._driver.get_log("browser")]

    def spoken(self) -> list[dict[str, Any]]:
        """Return the page's accessibility tree, whose nodes have a role and a name."""
        self._command("Accessibility.enable", {})
        nodes = self._command("Accessibility.getFullAXTree", {})["nodes"]
        return [
            {name: node.get(name, {}).get("value") for name in ("role", "name")} for node in nodes
        ]

    def picture(self, name: str) -> int:
        """Save a screenshot of the top of the page and return its size in bytes."""
        width = self.run("window.innerWidth")
        clip = {"x": 0, "y": 0, "width": width, "height": _PICTURED, "scale": 1}
        shot = self._command(
            "Page.captureScreenshot", {"clip": clip, "captureBeyondViewport": True}
        )
        return (PAGES / f"{name}.png").write_bytes(base64.b64decode(shot["data"]))

    def _command(self, name: str, parameters: dict[str, Any]) -> Any:
        return self._driver.execute_cdp_cmd(name, parameters)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    options = Options()
    for flag in (*_FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('browser')}"):
        options.add_argument(flag)
    options.binary_location = _found("chromium", "google-chrome", "chrome")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    # With an explicit path, Selenium neither searches for a driver nor downloads one.
    driver = webdriver.Chrome(options=options, service=Service(_found("chromedriver")))
    try:
        yield Browser(driver)
    finally:
        driver.quit()


def _found(*names: str) -> str:
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.fail(f"{names[0]} is missing: apt-get install chromium chromium-driver")
    return path


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)
