"""A docstring as Markdown: paragraphs, a list of arguments, examples, links to what it names."""

from __future__ import annotations

import re
from collections.abc import Callable

#: Gives the link to something public by the name that a text uses, None for other words.
Linker = Callable[[str], str | None]

_ARGUMENT = re.compile(r"^ {4}((?:\*{0,2}\w+)(?:, \*{0,2}\w+)*): (.*)$")
_LEAD = re.compile(r"^(Arguments|Source|Sources|Raises)\b:?")
_CODE = re.compile(r"(`[^`]*`)")
#: Words that are names and nothing else: with a dot, or with a capital in the middle.
_WORD = re.compile(r"\b(?:[a-z_]+\.)+\w+|\b[A-Z]\w*[a-z]\w*[A-Z]\w*")


def render(text: str, link: Linker) -> str:
    """Return a docstring, whose indentation is gone, as Markdown."""
    return "\n\n".join(block(part, link) for part in parts(text))


def parts(text: str) -> list[list[str]]:
    """Return the lines of each paragraph; what begins with Arguments or Raises is one of its own.

    An example keeps the empty lines within it only if the next line goes on with it.
    """
    found: list[list[str]] = [[]]
    for line in text.splitlines():
        starts = re.match(r"(Arguments\b.*:$|Raises |Sources?:)", line)
        ends = is_list(found[-1]) and not line.startswith("    ")
        if not line.strip():
            found.append([])
        elif starts or ends or (line.startswith(">>> ") and not is_example(found[-1])):
            found.append([line])
        else:
            found[-1].append(line)
    return [lines for lines in found if lines]


def is_example(lines: list[str]) -> bool:
    """Return whether a paragraph is a session of Python."""
    return bool(lines) and lines[0].startswith(">>> ")


def is_list(lines: list[str]) -> bool:
    """Return whether a paragraph is a list of arguments, one a line, below its heading."""
    return bool(lines) and re.match(r"Arguments\b.*:$", lines[0]) is not None


def block(lines: list[str], link: Linker) -> str:
    """Return one paragraph as Markdown."""
    if is_example(lines):
        return fenced("pycon", lines)
    if is_list(lines):
        return f"**{lines[0][:-1]}**\n\n" + arguments(lines[1:], link)
    if all(line.startswith("    ") for line in lines):
        return fenced("text", [line[4:] for line in lines])
    return prose(lines, link)


def fenced(language: str, lines: list[str]) -> str:
    """Return lines as a block of code."""
    return "\n".join([f"```{language}", *lines, "```"])


def arguments(lines: list[str], link: Linker) -> str:
    """Return a list of arguments, each `name: text` with its further lines indented."""
    items: list[str] = []
    for line in lines:
        start = _ARGUMENT.match(line)
        if start:
            names = ", ".join(f"`{name}`" for name in start[1].split(", "))
            items.append(f"- {names}: {inline(start[2], link)}")
        else:
            items.append(f"  {inline(line.strip(), link)}")
    return "\n".join(items)


def prose(lines: list[str], link: Linker) -> str:
    """Return text with its first word in bold where that says what the text is about."""
    text = inline("\n".join(lines), link)
    return _LEAD.sub(lambda lead: f"**{lead[0]}**", text, count=1)


def inline(text: str, link: Linker) -> str:
    """Return text with links, and with nothing that Markdown would take for its own."""
    pieces = _CODE.split(text)
    return "".join(
        code(piece, link) if n % 2 else plain(piece, link) for n, piece in enumerate(pieces)
    )


def code(piece: str, link: Linker) -> str:
    """Return what stands in backticks, linked if it is the name of something public."""
    target = link(piece.strip("`"))
    return f"[{piece}]({target})" if target else piece


def plain(text: str, link: Linker) -> str:
    """Return words with those linked that are names of classes."""
    found, end = [], 0
    for word in _WORD.finditer(text):
        target = link(word[0])
        if target:
            found += [escape(text[end : word.start()]), f"[{word[0]}]({target})"]
            end = word.end()
    return "".join([*found, escape(text[end:])])


def escape(text: str) -> str:
    """Return text with a backslash before what would be emphasis, HTML or a link."""
    text = re.sub(r"(?<!\s)\*|\*(?!\s)|(?<!\w)_|_(?!\w)", lambda mark: "\\" + mark[0], text)
    return re.sub(r"<(?=[\w/!])|\](?=[(\[])", lambda mark: "\\" + mark[0], text)
