"""A phone's browser: Debian's chromium without a window, driven by selenium.

What it keeps lies in a profile folder, so that it can be killed and opened again.
"""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

PATIENCE_S = 30.0
T = TypeVar("T")


def require_browser() -> tuple[str, str]:
    """Where the browser and its driver are; the test is skipped where they are not."""
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if browser is None or driver is None:
        reason = "chromium and chromium-driver are not installed (tests/system-packages.txt)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return browser, driver


class PhoneBrowser:
    """One phone. `open` starts it on its profile; `kill` ends it without a word."""

    def __init__(
        self,
        profile: Path,
        *,
        size: tuple[int, int] = (390, 844),
        scale: float = 2.0,
        language: str = "en-GB",
        agent: str = "",
        switches: Sequence[str] = (),
    ) -> None:
        self._profile = profile
        self._size = size
        self._scale = scale
        self._language = language
        self._agent = agent
        self._switches = switches
        self._driver: webdriver.Chrome | None = None
        self._service: Service | None = None

    @property
    def driver(self) -> webdriver.Chrome:
        """The driver of the running browser."""
        assert self._driver is not None
        return self._driver

    def open(self) -> None:
        """Start the browser."""
        binary, driver = require_browser()
        self._service = Service(driver, popen_kw={"start_new_session": True})
        self._driver = webdriver.Chrome(self._options(binary), self._service)
        self.driver.set_script_timeout(PATIENCE_S)

    def close(self) -> None:
        """End it in order, as far as it still runs."""
        if self._driver is not None:
            with suppress(WebDriverException, OSError):
                self._driver.quit()
        self.kill()

    def kill(self) -> None:
        """Browser, tabs and driver end at once, with nothing written that was not written."""
        service, self._service, self._driver = self._service, None, None
        if service is None or service.process is None:
            return
        for pid in [*_descendants(service.process.pid), service.process.pid]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        service.process.wait(10)
        with suppress(OSError):
            service.stop()

    # ---------------------------------------------------------------- the page

    def visit(self, url: str) -> None:
        """Open a page, and wait until it has its words."""
        self.driver.get(url)
        self.find("body[data-ready]")

    def find(self, css: str) -> WebElement:
        """The first element that is shown, waited for."""
        return self.wait(lambda: next(iter(self.all(css)), None), css)

    def all(self, css: str) -> list[WebElement]:
        """Elements that are shown."""
        return [e for e in self.driver.find_elements(By.CSS_SELECTOR, css) if e.is_displayed()]

    def tap(self, css: str) -> None:
        """Touch an element, once it is there."""
        self.wait(lambda: self._tapped(css), f"to tap {css}")

    def _tapped(self, css: str) -> bool:
        found = [element for element in self.all(css) if element.is_enabled()]
        if found:
            # The driver's own scrolling would leave it beneath the bar of buttons.
            nearest = "arguments[0].scrollIntoView({block: 'nearest'})"
            self.driver.execute_script(nearest, found[0])
            found[0].click()
        return bool(found)

    def sees(self, words: str) -> None:
        """Wait until the page says `words`."""
        self.wait(lambda: words in self.text, words)

    @property
    def text(self) -> str:
        """What the page says."""
        return str(self.driver.execute_script("return document.body.innerText"))

    def wait(self, look: Callable[[], T | None], what: str) -> T:
        """What `look` finds, once it finds anything."""
        end_s = time.monotonic() + PATIENCE_S
        while True:
            with suppress(StaleElementReferenceException):
                found = look()
                if found:
                    return found
            assert time.monotonic() < end_s, f"waited for {what}; the page says:\n{self.text}"
            time.sleep(0.05)

    def script(self, source: str, *args: Any) -> Any:
        """The outcome of a script; it may be a promise."""
        return self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            f"(async (...args) => {{ {source} }})(...arguments)"
            ".then(done, (error) => done(String(error)));",
            *args,
        )

    # ---------------------------------------------------------------- what surrounds it

    def is_at(self, lon: float, lat: float, accuracy: float = 6.0) -> None:
        """The phone is there, and the page may know."""
        place = {"longitude": lon, "latitude": lat, "accuracy": accuracy}
        self._tell("Emulation.setGeolocationOverride", place)

    def allows(self, *permissions: str) -> None:
        """Grant `geolocation`, `notifications`."""
        self._tell("Browser.grantPermissions", {"permissions": list(permissions)})

    def denies(self, permission: str) -> None:
        """Refuse a permission."""
        told = {"permission": {"name": permission}, "setting": "denied"}
        self._tell("Browser.setPermission", told)

    def likes(self, **features: str) -> None:
        """Media features, as `prefers_color_scheme="dark"`."""
        told = [{"name": n.replace("_", "-"), "value": v} for n, v in features.items()]
        self._tell("Emulation.setEmulatedMedia", {"features": told})

    def picture(self, path: Path) -> None:
        """What is on the screen, as PNG."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.driver.save_screenshot(str(path))

    def faults(self) -> list[str]:
        """What went wrong in the page, by its console."""
        said = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        return [str(entry["message"]) for entry in said if entry["level"] == "SEVERE"]

    def _tell(self, command: str, args: dict[str, Any]) -> None:
        self.driver.execute_cdp_cmd(command, args)

    def _options(self, binary: str) -> webdriver.ChromeOptions:
        options = webdriver.ChromeOptions()
        options.binary_location = binary
        width, height = self._size
        for argument in (
            "--headless=new",
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--disable-background-networking",
            "--no-first-run",
            "--hide-scrollbars",
            f"--user-data-dir={self._profile}",
            f"--lang={self._language}",
            *self._switches,
        ):
            options.add_argument(argument)
        metrics = {"width": width, "height": height, "pixelRatio": self._scale, "touch": True}
        emulated: dict[str, Any] = {"deviceMetrics": metrics}
        if self._agent:
            emulated["userAgent"] = self._agent
        options.add_experimental_option("mobileEmulation", emulated)
        options.add_experimental_option("prefs", {"intl.accept_languages": self._language})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        return options


@contextmanager
def phone_browser(profile: Path, **options: Any) -> Iterator[PhoneBrowser]:
    """A running phone, ended at the end."""
    phone = PhoneBrowser(profile, **options)
    try:
        phone.open()
        yield phone
    finally:
        phone.close()


def _descendants(pid: int) -> list[int]:
    """The processes below `pid`, the youngest last."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in map(int, task.read_text().split()):
                found += [child, *_descendants(child)]
    return found
