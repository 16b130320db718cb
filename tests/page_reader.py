"""Reads pages' HTML back, strictly: what a browser would show, and whether every element is closed by us."""

from html.parser import HTMLParser

VOID = {"br", "img", "input"}


class Reader(HTMLParser):
    """Text, table rows and elements of a piece of HTML; raises AssertionError for an element closed out of turn."""

    def __init__(self, html: str):
        super().__init__(convert_charrefs=True)
        self.text, self.elements, self.rows, self.comments = "", [], [], []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert not self._open, f"left open: {self._open}"

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_startendtag(self, tag: str, attrs: list) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open and self._open[-1] == tag, f"</{tag}> closes {self._open[-1:]}"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self.text += data
        if {"td", "th"} & set(self._open):
            self.rows[-1][-1] += data

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def tags(self) -> set[str]:
        return {tag for tag, _ in self.elements}
