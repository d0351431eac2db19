"""`import closedbook` is light, and a missing extra is told with the pip line."""

from __future__ import annotations

import subprocess
import sys

HEAVY = (
    "torch",
    "transformers",
    "polars",
    "kreuzberg",
    "scipy",
    "numpy",
    "aiohttp",
    "yarl",
    "rich",
)


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


def test_importing_the_package_takes_at_most_300_ms() -> None:
    code = "import time; t = time.perf_counter(); import closedbook; print(time.perf_counter() - t)"
    assert min(float(run(code)) for _ in range(3)) <= 0.3


def test_importing_the_package_loads_nothing_heavy() -> None:
    loaded = set(run("import sys, closedbook; print(*sys.modules)").split())
    assert loaded.isdisjoint(HEAVY)


def test_the_command_line_answers_help_without_heavy_modules() -> None:
    loaded = set(run("import sys, closedbook.cli.main; print(*sys.modules)").split())
    assert loaded.isdisjoint({"torch", "transformers", "polars", "kreuzberg", "scipy"})


def test_status_and_plan_do_not_load_torch() -> None:
    loaded = set(run("import sys, closedbook.project; print(*sys.modules)").split())
    assert loaded.isdisjoint({"torch", "transformers"})
