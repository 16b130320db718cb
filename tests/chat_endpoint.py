"""A real HTTP server with an OpenAI-compatible chat endpoint, for tests of everything that talks to one."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Endpoint(ThreadingHTTPServer):
    """A chat endpoint that echoes the last message, unless `script(text, visit)` gives (status, headers, body)."""

    daemon_threads = True

    def __init__(self, script):
        super().__init__(("127.0.0.1", 0), Answer)
        self.script, self.visits, self.seen = script, {}, []
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def base_url(self):
        return f"http://127.0.0.1:{self.server_port}/v1"


class Answer(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = body["messages"][-1]["content"]
        visit = self.server.visits[text] = self.server.visits.get(text, 0) + 1
        self.server.seen.append({"path": self.path, "key": self.headers.get("Authorization"), **body})
        echo = json.dumps({"choices": [{"message": {"role": "assistant", "content": f" echo {text} "}}]})
        status, headers, answer = self.server.script(text, visit) or (200, {}, echo)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.encode())

    def log_message(self, *_):
        pass
