"""What a reply looks like once it was copied from a web page: the inverse of `markup`, for dumps with known dirt.

copied_from_page("Two ways:\n\n- one\n- two")   # '<div class="markdown prose"><p>Two ways:</p><ul><li>one</li>..'
"""

import html
import re
from itertools import groupby

ITEM = re.compile(r"(?:(-)|\d+\.) ")
FENCE = re.compile(r"^```(\w*)\n(.*?)\n```$", re.DOTALL | re.MULTILINE)


def copied_from_page(text: str) -> str:
    """The reply as HTML: paragraphs, lists and blocks of code, with the page's classes and its copy button."""
    parts, at = [], 0
    for block in FENCE.finditer(text):
        parts += [_prose(text[at : block.start()]), _code(block[1], block[2])]
        at = block.end()
    return f'<div class="markdown prose w-full">{"".join([*parts, _prose(text[at:])])}</div>'


def _code(language: str, source: str) -> str:
    head = f"<div><span>{language}</span><button>Copy code</button></div>"
    return f'<pre><div>{head}<code class="language-{language}">{html.escape(source)}\n</code></div></pre>'


def _prose(text: str) -> str:
    lines = [line for line in text.split("\n") if line.strip()]
    return "".join(_group(kind, list(group)) for kind, group in groupby(lines, key=_kind))


def _kind(line: str) -> str:
    item = ITEM.match(line)
    return "p" if not item else "ul" if item[1] else "ol"


def _group(kind: str, lines: list[str]) -> str:
    if kind == "p":
        return "".join(f"<p>{_inline(line)}</p>" for line in lines)
    items = "".join(f"<li><p>{_inline(ITEM.sub('', line, count=1))}</p></li>" for line in lines)
    return f"<{kind}>{items}</{kind}>"


def _inline(line: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(line, quote=False))


def escaped(text: str) -> str:
    """Every special character as an entity, code included."""
    return html.escape(text)


def with_copy_code(text: str) -> str:
    """The caption of the copy button at the head of each block of code, as older exporters left it."""
    return re.sub(r"^```(\w*)\n(?=.*\n)", r"```\n\1Copy code\n", text, flags=re.MULTILINE) if "```" in text else text
