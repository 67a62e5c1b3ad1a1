"""Write docs/api from the docstrings, and the list of modules in docs/README.md.

python tools/make_api_docs.py           # writes
python tools/make_api_docs.py --check   # compares, writes nothing
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

import api_pages
from api_entries import doc, first_line
from api_names import modules

DOCS = Path(__file__).parents[1] / "docs"
FOLDER = DOCS / "api"
FRONT = DOCS / "README.md"
_MODULES = re.compile(r"(?<=<!-- begin: modules -->\n).*?(?=<!-- end: modules -->)", re.DOTALL)


def front_page(text: str) -> str:
    """Return the front page with a line for each module."""
    rows = [
        f"| [`{name}`](api/{api_pages.module_page(name)}) | {first_line(doc(module))} |\n"
        for name, module in modules().items()
    ]
    return _MODULES.sub(lambda _: "| module | what it has |\n|---|---|\n" + "".join(rows), text)


def wanted() -> dict[Path, str]:
    """Return what every file should hold."""
    pages = {FOLDER / name: text for name, text in api_pages.pages().items()}
    return {**pages, FRONT: front_page(FRONT.read_text(encoding="utf-8"))}


def stale(files: dict[Path, str]) -> list[Path]:
    """Return the files that hold something else, are missing, or belong to no module."""
    wrong = [
        path
        for path, text in files.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    return wrong + [path for path in sorted(FOLDER.glob("*.md")) if path not in files]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    files = wanted()
    wrong = stale(files)
    if parser.parse_args().check:
        for path in wrong:
            print(f"{path} is out of date: run python tools/make_api_docs.py", file=sys.stderr)
        return 1 if wrong else 0
    FOLDER.mkdir(exist_ok=True)
    for path in wrong:
        if path in files:
            path.write_text(files[path], encoding="utf-8")
        else:
            path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
