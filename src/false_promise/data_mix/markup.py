"""Removes what a web page left in a chat log: HTML, entities and "Copy code", without touching text that looks like it.

    plain(text, role)       # '<p>One &amp; two</p>' said by the assistant -> 'One & two'

ShareGPT copied replies from the page: a whole reply is HTML, or none of it is. So only a reply that consists of page
elements is converted; `a < b`, generic types, HTML that somebody asks about, code and formulas stay as they are.
Entities are resolved only if the whole text was escaped: every & begins one, and no bare < or > is left.
"""

import html
import re

from bs4 import BeautifulSoup, NavigableString, Tag

PARTS = ("p", "ul", "ol", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "table", "hr", "div")
FOREIGN = ("html", "head", "body", "script", "style", "form", "input", "link", "meta", "template", "iframe")
EXPORT = re.compile(rf'\s*<(?:div class="[^"]*markdown|(?:{"|".join(PARTS[:-1])})\b)', re.IGNORECASE)
LONGEST_PAGE = 200_000  # characters; a longer reply is left as it is
ENTITY = re.compile(r"&(?:lt|gt|amp|quot|apos|nbsp|#39|#x27);")
QUOTED_ENTITY = re.compile(r"`[^`\n]*&(?:lt|gt|amp|quot|apos|nbsp|#39|#x27);[^`\n]*`")
FENCED = re.compile(r"(^```.*?(?:^```[ \t]*$|\Z))", re.DOTALL | re.MULTILINE)
COPIED_FENCE = re.compile(r"^```[ \t]*\n?([a-z+#-]{0,15})Copy code[ \t]*$", re.MULTILINE)
COPIED_LINE = re.compile(r"^[a-z+#-]{0,15}Copy code[ \t]*(?:\n|\Z)", re.MULTILINE)
LANGUAGE = re.compile(r"\blanguage-([a-z+#-]{1,15})\b")


def plain(text: str, role: str) -> str:
    """The text without traces of a web page; white space round it is stripped. Users' HTML is never converted."""
    converted = from_page(text) if role == "assistant" else None
    text = unescaped(text) if converted is None else converted
    return without_copy_code(text).strip()


def unescaped(text: str) -> str:
    """Entities resolved once, if the text as a whole was escaped."""
    known = len(ENTITY.findall(text))
    if not known or "<" in text or ">" in text or text.count("&") != known or QUOTED_ENTITY.search(text):
        return text
    return html.unescape(text)


def without_copy_code(text: str) -> str:
    """The caption of the page's copy button, at the head of code blocks or on a line of its own outside them."""
    if "Copy code" not in text:
        return text
    pieces = FENCED.split(COPIED_FENCE.sub(r"```\1", text))
    return "".join(piece if number % 2 else COPIED_LINE.sub("", piece) for number, piece in enumerate(pieces))


# ---- HTML -> text ----------------------------------------------------------------------------------------------------


def from_page(text: str) -> str | None:
    """A reply copied as HTML, as text with lists and fenced code; None if it is not one."""
    if len(text) > LONGEST_PAGE or not EXPORT.match(text) or not text.rstrip().endswith(">"):
        return None
    try:
        page = BeautifulSoup(text, "html.parser")
        whole = all(node.name in PARTS if isinstance(node, Tag) else not str(node).strip() for node in page.children)
        return _blocks(page) if whole and page.find(FOREIGN) is None else None
    except (RecursionError, ValueError, AssertionError):  # what the parser raises for hostile pages
        return None


def _blocks(node: Tag) -> str:
    """The elements of a page one below the other, a blank line between them."""
    written, running = [], ""
    for child in node.children:
        if isinstance(child, Tag) and child.name in (*PARTS, "li"):
            written += [running.strip(), _block(child)]
            running = ""
        else:
            running += _inline(child)
    return "\n\n".join(piece for piece in [*written, running.strip()] if piece)


def _block(tag: Tag) -> str:
    name = tag.name
    if name == "pre":
        return _code(tag)
    if name in ("ul", "ol"):
        return _items(tag)
    if name == "table":
        return "\n".join(_cells(row) for row in tag.find_all("tr"))
    text = _blocks(tag)
    if name == "blockquote":
        return "\n".join(f"> {line}" for line in text.split("\n"))
    return f"{'#' * int(name[1])} {text}" if re.fullmatch("h[1-6]", name) and text else text


def _code(tag: Tag) -> str:
    inner = tag.find("code") or tag
    language = LANGUAGE.search(" ".join(inner.get("class") or []))
    return f"```{language[1] if language else ''}\n{inner.get_text().strip(chr(10))}\n```"


def _items(tag: Tag) -> str:
    items = [re.sub(r"\n(?!\n)", "\n  ", _blocks(item)) for item in tag.find_all("li", recursive=False)]
    first = int(tag["start"]) if re.fullmatch("[0-9]{1,4}", str(tag.get("start"))) else 1
    marks = [f"{number}." if tag.name == "ol" else "-" for number in range(first, first + len(items))]
    return "\n".join(f"{mark} {item}" for mark, item in zip(marks, items, strict=True))


def _cells(row: Tag) -> str:
    return " | ".join(" ".join(cell.get_text().split()) for cell in row.find_all(["th", "td"]))


def _inline(node: Tag | NavigableString) -> str:
    """Running text; marks of emphasis and code as in Markdown, buttons left out."""
    if not isinstance(node, Tag):
        return re.sub(r"\s+", " ", str(node)) if type(node) is NavigableString else ""
    if node.name in ("br", "button"):
        return "\n" if node.name == "br" else ""
    inner = node.get_text() if node.name == "code" else "".join(_inline(child) for child in node.children)
    mark = {"code": "`", "strong": "**", "b": "**", "em": "*", "i": "*"}.get(node.name, "")
    return f"{mark}{inner}{mark}" if inner.strip() else inner
