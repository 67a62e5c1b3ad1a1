"""The examples of the documentation run, and its links lead somewhere."""

from __future__ import annotations

import contextlib
import doctest
import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from api_pages import slugs
from PIL import Image

from galago.datasets import fashion_mnist

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
#: What people write, and with it what tools/make_api_docs.py writes, whose examples are doctests.
FOLDERS = ("*.md", "course/*.md", "design/*.md")
WRITTEN = sorted([*ROOT.glob("*.md"), *(page for where in FOLDERS for page in DOCS.glob(where))])
PAGES = [*WRITTEN, *sorted(DOCS.glob("api/*.md"))]
_BLOCK = re.compile(r"^```(python[ \w]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_OUTPUT = re.compile(r"\s*^```text\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(page: Path) -> list[re.Match[str]]:
    return list(_BLOCK.finditer(page.read_text(encoding="utf-8")))


def run(page: Path, *kinds: str) -> None:
    """Run a page's blocks of these kinds one after the other, in one namespace.

    What a page shows right behind a block is what the block prints.
    """
    text = page.read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    for block in blocks(page):
        if block[1] in kinds:
            line = text.count("\n", 0, block.start(2))
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile("\n" * line + block[2], named(page), "exec"), names)
            shown = _OUTPUT.match(text, block.end())
            if shown is not None:
                assert timeless(shown[1]) == timeless(printed.getvalue())


def timeless(output: str) -> list[str]:
    """The lines of an output without times, and without what depends on their width."""
    return re.sub(r" +|--+", " ", re.sub(r"[\d.]+ us", "us", output)).strip().split("\n")


@pytest.fixture
def small_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with some pictures, and a few hundred images for the full data set."""
    load_data = fashion_mnist.load_data

    def small(path: Any = None, *, subset: bool = False) -> Any:
        (x, y), (x_test, y_test) = load_data(subset=True)
        if subset:
            return (x, y), (x_test, y_test)
        return (x[:600], y[:600]), (x_test[:100], y_test[:100])

    monkeypatch.setattr(fashion_mnist, "load_data", small)
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    for name in [f"photos/{kind}/{n}.jpg" for kind in ("cat", "dog") for n in range(10)] + [
        "new/cat.jpg"
    ]:
        pixels = random.integers(0, 256, (24, 32, 3)).astype(np.uint8)
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)


def with_blocks(kind: str) -> list[Path]:
    return [page for page in WRITTEN if any(block[1] == kind for block in blocks(page))]


def peers() -> list[tuple[Path, str]]:
    """Pages with blocks that need a framework: ```python torch."""
    kinds = [(page, block[1]) for page in WRITTEN for block in blocks(page)]
    return sorted({(page, kind) for page, kind in kinds if kind != "python"})


@pytest.mark.usefixtures("small_world")
@pytest.mark.parametrize("page", with_blocks("python"), ids=named)
def test_examples_run(page: Path) -> None:
    run(page, "python")


@pytest.mark.usefixtures("small_world")
@pytest.mark.parametrize("page", sorted(DOCS.glob("api/*.md")), ids=named)
def test_examples_of_names_run_by_themselves(page: Path) -> None:
    """Each name's examples, one after the other, in a session that has nothing else."""
    for part in re.split(r"^#+ ", page.read_text(encoding="utf-8"), flags=re.MULTILINE):
        session = "\n".join(re.findall(r"^```pycon\n(.*?)^```$", part, re.DOTALL | re.MULTILINE))
        title = part.partition("\n")[0]
        test = doctest.DocTestParser().get_doctest(session, {}, title, named(page), 0)
        assert doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test).failed == 0, title


@pytest.mark.parity
@pytest.mark.usefixtures("small_world")
@pytest.mark.parametrize(("page", "kind"), peers(), ids=lambda part: str(part))
def test_examples_with_other_frameworks_run(page: Path, kind: str) -> None:
    run(page, "python", kind)


def targets(page: Path) -> list[str]:
    """The links of a page to this repository, those in code left out."""
    text = page.read_text(encoding="utf-8")
    prose = re.sub(r"^```.*?^```$|`[^`\n]*`", "", text, flags=re.DOTALL | re.MULTILINE)
    return [link for link in _LINK.findall(prose) if "://" not in link]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in targets(page):
        place, _, anchor = link.partition("#")
        target = (page.parent / place).resolve() if place else page
        known = target.exists() and (
            not anchor or anchor in slugs(target.read_text(encoding="utf-8")).values()
        )
        if not known:
            broken.append(link)
    assert not broken


def test_the_front_page_leads_to_every_page() -> None:
    front = DOCS / "README.md"
    linked = {(DOCS / link.partition("#")[0]).resolve() for link in targets(front)}
    pages = {*DOCS.glob("*.md"), *DOCS.glob("design/*.md"), DOCS / "api" / "README.md"} - {front}
    assert sorted(map(named, pages - linked)) == []


def test_the_readme_leads_to_the_front_page() -> None:
    assert "docs/README.md" in targets(ROOT / "README.md")


def test_guides_have_examples() -> None:
    """Design pages, benchmarks and the command line may do without, guides may not."""
    without = {DOCS / "README.md", DOCS / "benchmarks.md", DOCS / "cli.md"}
    assert set(DOCS.glob("*.md")) - without <= set(with_blocks("python"))
