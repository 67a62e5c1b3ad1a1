"""Docstrings as Markdown."""

from __future__ import annotations

import inspect

import api_markdown
import pytest

LINKS = {"TeaError": "errors.md#teaerror", "Kettle": "kettle.md", "tea.brew": "tea.md#brew"}
TEXT = """
    Brew tea in a Kettle, which is `Kettle`.

    Arguments:
        leaves: grams of them,
            dry ones
        milk, sugar: whether to add
    Both may be cold. And more
    of them.
    Raises TeaError, as tea.brew does.

        water
          boils

    Source: a book.
    >>> brew(1)
    <BLANKLINE>
    'tea'

    The end.
    """
WANTED = """\
Brew tea in a Kettle, which is [`Kettle`](kettle.md).

**Arguments**

- `leaves`: grams of them,
  dry ones
- `milk`, `sugar`: whether to add

Both may be cold. And more
of them.

**Raises** [TeaError](errors.md#teaerror), as [tea.brew](tea.md#brew) does.

```text
water
  boils
```

**Source:** a book.

```pycon
>>> brew(1)
<BLANKLINE>
'tea'
```

The end."""


def test_a_docstring() -> None:
    assert api_markdown.render(inspect.cleandoc(TEXT), LINKS.get) == WANTED


def test_arguments_in_prose() -> None:
    text = api_markdown.render("Arguments: some leaves. Raises TeaError.", LINKS.get)
    assert text == "**Arguments:** some leaves. Raises [TeaError](errors.md#teaerror)."


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a * b", "a * b"),
        ("*args", "\\*args"),
        ("beta_1 and _x", "beta_1 and \\_x"),
        ("<file> and x < y, x <= y", "\\<file> and x < y, x <= y"),
        ("x[1](2)", "x[1\\](2)"),
    ],
)
def test_nothing_is_taken_for_markdown(text: str, wanted: str) -> None:
    assert api_markdown.escape(text) == wanted


def test_code_stays_as_it_is() -> None:
    assert api_markdown.inline("`a*b*c` and *d", LINKS.get) == "`a*b*c` and \\*d"
