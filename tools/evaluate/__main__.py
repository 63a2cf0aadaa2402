"""`python -m tools.evaluate`: judges what ships on data kept for it; docs/evaluation.md."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from tools.corpus import DATA
from tools.evaluate import jobs, links, messages
from tools.evaluate.section import Section

PAGE: Final = Path(__file__).resolve().parents[2] / "docs/evaluation.md"
MARK: Final = "<!-- figures -->\n"

#: Name → what it adds to the page. A part of detection adds a row here.
PARTS: Final[dict[str, Callable[[], Iterable[Section]]]] = {
    "messages": messages.sections,
    "links": links.sections,
    "jobs": jobs.sections,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.evaluate", description=__doc__)
    parser.add_argument("--only", action="append", choices=list(PARTS), help="print, write nothing")
    only = parser.parse_args().only
    if not DATA.exists():
        print(f"There is no {DATA}: nothing can be judged")
        return 1
    found = [section for name in only or PARTS for section in PARTS[name]()]
    figures = "\n\n".join(f"## {section.title}\n\n{section.body}" for section in found) + "\n"
    if only:
        print(figures)
        return 0
    words = PAGE.read_text("utf-8").partition(MARK)[0]
    PAGE.write_text(words + MARK + "\n" + figures, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
