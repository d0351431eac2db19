"""What a check of a judge found, as a short table: of pairs, or of short answers."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from closedbook.console.laid_out import print_table
from closedbook.evaluation.agreement import ENOUGH, Agreement
from closedbook.judging import Counted, JudgeCheck


def show_judge_check(console: Console, found: JudgeCheck, *, wanted: int) -> None:
    """Kind by kind how many were rejected, then recall and precision of all; why fewer pairs than
    `wanted` were checked."""
    table = Table(box=None, pad_edge=False)
    for column in ("pairs", "how many", "rejected", "95 % interval", ""):
        table.add_column(column)
    for kind, counted in found.found.items():
        told = "false alarms" if kind == "untouched" else "recall"
        table.add_row(kind, *_shown(counted), told)
    table.add_row("all spoiled", *_shown(found.recall), "recall")
    if found.precision is not None:
        table.add_row("all rejected", *_shown(found.precision), "precision")
    console.print(f"the judge of {found.flow}: {found.asks} asks", highlight=False)
    print_table(console, table)
    if found.passed_before:
        told = (
            "untouched pairs are generated ones, which passed a judge before: see --from documents"
        )
        console.print(told, highlight=False, soft_wrap=True)
    if found.pairs < wanted:
        every = (
            "every generated pair"
            if found.passed_before
            else "every sentence that names something and stands alone"
        )
        told = f"{found.pairs} of {wanted} pairs: {every}, in {found.documents} documents"
        console.print(told, highlight=False, soft_wrap=True)
    if any(counted.pairs < found.pairs for counted in found.found.values()):
        told = "a kind has fewer pairs: answers without a name or number, or without a verdict"
        console.print(told, highlight=False, soft_wrap=True)
    if found.no_verdict:
        console.print(f"{found.no_verdict} pairs without a verdict, not counted", highlight=False)


def _shown(counted: Counted) -> tuple[str, str, str]:
    low, high = counted.share.interval
    return (
        str(counted.pairs),
        f"{100 * counted.share.value:.1f} %",
        f"{100 * low:.1f} to {100 * high:.1f} %",
    )


def show_agreement(console: Console, found: Agreement) -> None:
    """Agreement and kappa, then the rows on which judge and person differ."""

    def say(text: str) -> None:
        console.print(text, highlight=False, markup=False, soft_wrap=True)

    table = Table(box=None, pad_edge=False)
    for column in ("graded by", "n", "agreement", "95 % interval", "kappa", "95 % interval"):
        table.add_column(column)
    for name, counted in (("judge alone", found.judge), ("match, else judge", found.graded)):
        low, high = counted.interval
        kappa = ("-", "-")
        if counted.kappa is not None and counted.kappa_interval is not None:
            least, most = counted.kappa_interval
            kappa = (f"{counted.kappa:.2f}", f"{least:.2f} to {most:.2f}")
        share = (f"{100 * counted.agreement:.1f} %", f"{100 * low:.1f} to {100 * high:.1f} %")
        table.add_row(name, str(counted.n), *share, *kappa)
    print_table(console, table)
    if found.judge.n < ENOUGH:
        say(f"only {found.judge.n} grades: grade at least {ENOUGH}, or the intervals say little")
    if found.unread:
        say(f"{found.unread} verdicts could not be read and count as WRONG")
    if found.failed:
        say(f"{found.failed} verdicts never came and are not counted: run again")
    errors = (
        ("RIGHT, but wrong for the person", found.too_kind),
        ("WRONG, but right for the person", found.too_strict),
    )
    for told, rows in errors:
        say(f"the judge said {told}: {len(rows)}")
        for line, grade in rows:
            accepted = " / ".join(grade.given.accepted)
            say(f"  line {line}: {grade.question} | accepted: {accepted} | answer: {grade.answer}")
