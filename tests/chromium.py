"""A headless Chromium that tests play pages in: the DevTools protocol through a pipe, real input events, no port.

    with Chromium(folder) as chromium:
        page = chromium.page(address)            # each page has storage of its own
        page.click("button")
        page.press("1")
        assert page.evaluate("document.title") == "Rating"

Protocol: https://chromedevtools.github.io/devtools-protocol/
"""

import base64
import json
import os
import select
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

PROGRAM = shutil.which("chromium")
needs_chromium = pytest.mark.skipif(PROGRAM is None, reason="no program `chromium` on this machine")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage",
         "--no-first-run", "--hide-scrollbars", "--remote-debugging-pipe")  # fmt: skip
KEYS = {"Enter": (13, "\r"), "Tab": (9, ""), "Escape": (27, ""), " ": (32, " ")}
TIMEOUT = 60


class Chromium:
    """A browser process; `folder` holds its profile."""

    def __init__(self, folder: Path):
        read, self._out = os.pipe()
        self._in, write = os.pipe()
        # The browser reads commands from descriptor 3 and answers on 4; a shell puts them there.
        shell = f'exec "$@" 3</dev/fd/{read} 4>/dev/fd/{write}'
        command = ["sh", "-c", shell, "sh", PROGRAM, *FLAGS, f"--user-data-dir={folder}", "about:blank"]
        self._process = subprocess.Popen(
            command, pass_fds=(read, write), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(read)
        os.close(write)
        self._rest, self._last, self.events = b"", 0, []

    def __enter__(self) -> "Chromium":
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.send("Browser.close")
            self._process.wait(TIMEOUT)
        finally:
            self._process.kill()
            self._process.wait()
            os.close(self._in)
            os.close(self._out)

    def send(self, method: str, session: str | None = None, **values: Any) -> dict[str, Any]:
        """Send a command and wait for its answer; events that arrive meanwhile are kept in `events`."""
        self._last += 1
        message = {"id": self._last, "method": method, "params": values} | ({"sessionId": session} if session else {})
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while (answer := self._receive()).get("id") != self._last:
            self.events.append(answer)
        assert "error" not in answer, f"{method}: {answer['error']}"
        return answer["result"]

    def _receive(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._in], [], [], TIMEOUT)
            found = os.read(self._in, 1 << 16) if ready else b""
            assert found, f"Chromium did not answer within {TIMEOUT} seconds, or ended"
            self._rest += found
        line, _, self._rest = self._rest.partition(b"\0")
        return json.loads(line)

    def page(self, address: str, *, before: str = "", width: int = 1440, height: int = 1000) -> "Page":
        """A page with storage of its own, loaded; `before` is JavaScript that runs before the page's own."""
        context = self.send("Target.createBrowserContext")["browserContextId"]
        target = self.send("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session, context)
        page.send("Page.enable")
        page.send("Runtime.enable")
        if before:
            page.send("Page.addScriptToEvaluateOnNewDocument", source=before)
        page.resize(width, height)
        page.go(address)
        return page


class Page:
    """One page. Selectors are CSS; positions are those of the middle of an element."""

    def __init__(self, browser: Chromium, session: str, context: str):
        self._browser, self._session, self._context = browser, session, context

    def send(self, method: str, **values: Any) -> dict[str, Any]:
        return self._browser.send(method, self._session, **values)

    def go(self, address: str) -> None:
        """Load an address and wait until its scripts have run."""
        self.send("Page.navigate", url=address)
        self.wait(f"location.href === {json.dumps(address)} && document.readyState === 'complete'")

    def reload(self) -> None:
        self.evaluate("window.wasHere = true")
        self.send("Page.reload")
        self.wait("!window.wasHere && document.readyState === 'complete'")

    def resize(self, width: int, height: int = 1000) -> None:
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def evaluate(self, source: str) -> Any:
        """Value of an expression, as JSON; an exception of the page fails the test."""
        found = self.send("Runtime.evaluate", expression=source, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def wait(self, source: str, seconds: float = 20) -> Any:
        """Wait until an expression is true."""
        end = time.monotonic() + seconds
        while not (value := self.evaluate(source)):
            assert time.monotonic() < end, f"still not so after {seconds} s: {source}"
            time.sleep(0.02)
        return value

    def text(self, selector: str) -> str:
        """What a reader sees of an element."""
        return self.evaluate(f"document.querySelector({json.dumps(selector)}).innerText")

    def count(self, selector: str) -> int:
        return self.evaluate(f"document.querySelectorAll({json.dumps(selector)}).length")

    def click(self, selector: str) -> None:
        """Scroll an element into view and click on its middle with the mouse."""
        place = self.evaluate(
            f"(() => {{ const node = document.querySelector({json.dumps(selector)}); "
            "node.scrollIntoView({block: 'center', behavior: 'instant'}); const box = node.getBoundingClientRect(); "
            "return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)

    def press(self, key: str, *, repeat: bool = False, modifiers: int = 0) -> None:
        """Press and release a key: a character, or one of KEYS."""
        code, text = KEYS.get(key, (ord(key[0]), key))
        common = {"key": key, "windowsVirtualKeyCode": code, "modifiers": modifiers}
        self.send("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", text=text, autoRepeat=repeat,
                  **common)  # fmt: skip
        self.send("Input.dispatchKeyEvent", type="keyUp", **common)

    def downloads(self, folder: Path) -> None:
        """Let downloads go to `folder`."""
        self._browser.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder),
                           browserContextId=self._context)  # fmt: skip

    def screenshot(self, path: Path) -> None:
        """The whole page as PNG."""
        found = self.send("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(found["data"]))

    def errors(self) -> list[dict[str, Any]]:
        """Uncaught exceptions of this page so far."""
        mine = [one for one in self._browser.events if one.get("sessionId") == self._session]
        return [one["params"] for one in mine if one["method"] == "Runtime.exceptionThrown"]
