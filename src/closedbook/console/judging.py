"""What a check of a judge found, as a short table: of pairs, or of short answers."""

from __future__ import annotations

from rich.console import Console

from closedbook.console.laid_out import print_table, say, table_of
from closedbook.evaluation.agreement import ENOUGH, Agreement
from closedbook.evaluation.statistics import Share
from closedbook.hints import counted
from closedbook.judging import JudgeCheck
from closedbook.records import Interval


def show_judge_check(console: Console, found: JudgeCheck, *, wanted: int) -> None:
    """Kind by kind how many were rejected, then recall and precision of all; why fewer pairs than
    `wanted` were checked."""
    table = table_of("pairs", "how many", "rejected", "95 % interval", "")
    for kind, item in found.found.items():
        told = "false alarms" if kind == "untouched" else "recall"
        table.add_row(kind, *_shown(item), told)
    table.add_row("all spoiled", *_shown(found.recall), "recall")
    if found.precision is not None:
        table.add_row("all rejected", *_shown(found.precision), "precision")
    say(console, f"the judge of {found.flow}: {counted(found.asks, 'ask')}")
    print_table(console, table)
    if found.passed_before:
        told = "untouched pairs are generated ones, which passed a judge before"
        say(console, f"{told}: see --from documents")
    if found.pairs < wanted:
        every = "sentence that names something and stands alone"
        every = "generated pair" if found.passed_before else every
        documents = counted(found.documents, "document")
        say(console, f"{found.pairs} of {wanted} pairs: every {every}, in {documents}")
    if any(item.n < found.pairs for item in found.found.values()):
        told = "a kind has fewer pairs: answers without a name or number, or without a verdict"
        say(console, told)
    if found.no_verdict:
        say(console, f"{counted(found.no_verdict, 'pair')} without a verdict, not counted")


def _shown(item: Share) -> tuple[str, str, str]:
    return str(item.n), *_percent(item.value, item.interval)


def _percent(share: float, interval: Interval) -> tuple[str, str]:
    low, high = interval
    return f"{100 * share:.1f} %", f"{100 * low:.1f} to {100 * high:.1f} %"


def show_agreement(console: Console, found: Agreement) -> None:
    """Agreement and kappa, then the rows on which judge and person differ."""
    table = table_of("graded by", "n", "agreement", "95 % interval", "kappa", "95 % interval")
    for name, item in (("judge alone", found.judge), ("match, else judge", found.graded)):
        kappa = ("-", "-")
        if item.kappa is not None and item.kappa_interval is not None:
            least, most = item.kappa_interval
            kappa = (f"{item.kappa:.2f}", f"{least:.2f} to {most:.2f}")
        table.add_row(name, str(item.n), *_percent(item.agreement, item.interval), *kappa)
    print_table(console, table)
    if found.judge.n < ENOUGH:
        few = f"only {counted(found.judge.n, 'grade')}: grade at least {ENOUGH}"
        say(console, f"{few}, or the intervals say little")
    if found.unread:
        say(console, f"{found.unread} verdicts could not be read and count as WRONG")
    if found.failed:
        say(console, f"{found.failed} verdicts never came and are not counted: run again")
    errors = (
        ("RIGHT, but wrong for the person", found.too_kind),
        ("WRONG, but right for the person", found.too_strict),
    )
    for told, rows in errors:
        say(console, f"the judge said {told}: {len(rows)}")
        for line, grade in rows:
            accepted = " / ".join(grade.given.accepted)
            row = f"{grade.question} | accepted: {accepted} | answer: {grade.answer}"
            say(console, f"  line {line}: {row}")
