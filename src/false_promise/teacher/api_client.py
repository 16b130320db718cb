"""A small client for OpenAI-compatible chat endpoints: concurrent, patient with overload, clear about errors."""

import email.utils
import os
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

import httpx

from false_promise.teacher.recording import TeacherError

LONGEST_PAUSE_SECONDS = 60.0
RETRIED = {408, 409, 425, 429}
WAYS_OUT = {
    400: "the endpoint does not accept this request; read its answer above",
    401: "check the key in the environment variable named by key_variable",
    403: "the key is known but may not use this model; check the account or the model's name",
    404: "check the model's name and base_url (it usually ends in /v1, without /chat/completions)",
}


@dataclass(frozen=True)
class ApiClient:
    """Posts bodies to `base_url`/chat/completions. The key leaves the environment only in the request header."""

    base_url: str
    key_variable: str | None
    concurrency: int
    attempts: int
    timeout_seconds: float
    first_pause_seconds: float

    @property
    def url(self) -> str:
        return f"{self.base_url.rstrip('/')}/chat/completions"

    def post_all(self, bodies: Sequence[dict]) -> Iterator[tuple[int, str]]:
        """Yield (index, reply) as replies arrive.

        After a final failure nothing more is sent; replies still on their way are yielded, then the failure is raised.
        """
        failure, stop = None, threading.Event()
        with httpx.Client(headers=self._headers(), timeout=self.timeout_seconds) as client:
            pool = ThreadPoolExecutor(self.concurrency)
            futures = {pool.submit(self.post, client, body, stop): index for index, body in enumerate(bodies)}
            try:
                for future in as_completed(futures):
                    if future.cancelled():
                        continue
                    if future.exception() is None:
                        yield futures[future], future.result()
                    elif failure is None:
                        failure = future.exception()
                        stop.set()  # whoever waits for a retry gives up: an error or Ctrl-C must not take minutes
                        for other in futures:  # the second call lets as_completed see that it was cancelled
                            other.cancel() and other.set_running_or_notify_cancel()
            finally:
                stop.set()
                pool.shutdown(cancel_futures=True)
        if failure is not None:
            raise failure

    def post(self, client: httpx.Client, body: dict, stop: threading.Event) -> str:
        """Send one request, up to `attempts` times or until `stop` is set; returns the reply's text.

        Raises TeacherError, naming the url and the way out, for a final status, an unreadable answer or no answer.
        """
        problem = ""
        for attempt in range(self.attempts):
            pause = min(self.first_pause_seconds * 2**attempt, LONGEST_PAUSE_SECONDS)
            try:
                response = client.post(self.url, json=body)
            except httpx.TransportError as error:
                problem = f"{type(error).__name__} {error}".strip()
            else:
                if response.status_code not in RETRIED and response.status_code < 500:
                    return self._reply(response)
                problem, pause = f"status {response.status_code}", _retry_after(response, pause)
            if attempt + 1 < self.attempts and stop.wait(pause):
                break
        raise TeacherError(
            f"{self.url}: {attempt + 1} attempts failed, the last with {problem}; "
            "replies already recorded are kept, so run again when the endpoint is back"
        )

    def _headers(self) -> dict[str, str]:
        if self.key_variable is None:
            return {}
        if not os.environ.get(self.key_variable):
            raise TeacherError(f"{self.url} needs a key: set the environment variable {self.key_variable}")
        return {"Authorization": f"Bearer {os.environ[self.key_variable]}"}

    def _reply(self, response: httpx.Response) -> str:
        if response.status_code != 200:
            way_out = WAYS_OUT.get(response.status_code, "read the endpoint's answer above")
            raise TeacherError(f"{self.url} answered {response.status_code}{self._excerpt(response)}: {way_out}")
        try:
            content = response.json()["choices"][0]["message"]["content"]
        except (ValueError, LookupError, TypeError) as error:
            raise TeacherError(
                f"{self.url} sent no chat completion ({error!r}){self._excerpt(response)}: "
                "check that base_url is an OpenAI-compatible endpoint"
            ) from error
        return (content or "").strip()  # a content filter answers null: an empty reply, dropped by the collectors

    def _excerpt(self, response: httpx.Response) -> str:
        """The start of the answer; nothing for 401 and 403, whose answers quote parts of keys."""
        if response.status_code in (401, 403):
            return ""
        text = response.text[:200]
        key = os.environ.get(self.key_variable or "")
        return f" {text.replace(key, '***') if key else text!r}"


def _retry_after(response: httpx.Response, pause: float) -> float:
    """Seconds that the Retry-After header asks for (a number or a date), at most five minutes; else `pause`."""
    value = response.headers.get("Retry-After", "")
    try:
        seconds = float(value)
    except ValueError:
        date = email.utils.parsedate_tz(value)
        seconds = email.utils.mktime_tz(date) - time.time() if date else pause
    return min(max(seconds, 0.0), 300.0)
