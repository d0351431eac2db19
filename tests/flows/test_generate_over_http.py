"""Generate against a faulty endpoint: every row ends as output or rejection, none is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from aiohttp import web
from anyio.from_thread import start_blocking_portal

from closedbook.config import EndpointTeacher
from closedbook.engine import Account
from closedbook.events import silent
from closedbook.flows import TO_TRAIN_ON, generate, load_flows
from closedbook.models.endpoint import Endpoint
from closedbook.records import Document, QAPair, Rejection
from closedbook.store.rows import read_rows, write_rows

FILES = {
    "flows/pairs.yaml": """\
flow: pairs
makes: pairs
steps:
  - ask: {prompt: make, parse: {tags: [question, answer]}}
  - ask: {prompt: judge, parse: {tags: [faithful], blocks: one, choices: {faithful: ['YES', 'NO']}}}
  - filter: {where: "faithful == 'YES'", reason: unfaithful}
""",
    "prompts/make.md": "## user\n[QUESTION] [ANSWER] MAKE {{ document }}\n",
    "prompts/judge.md": "## user\n[FAITHFUL] YES or NO: JUDGE {{ question }} {{ document }}\n",
}
DOCUMENTS = 60


class FaultyServer:
    """Each text's first request meets a fault that depends on the document's number; documents
    that end in 9 are refused for good, those that end in 8 are never answered in the form."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()

    async def chat(self, request: web.Request) -> web.StreamResponse:
        messages = (await request.json())["messages"]
        text = messages[0]["content"]
        self.seen[text] += 1
        last = text.split()[-1][-1]
        if last == "9":
            return web.json_response({"error": {"message": "too long"}}, status=400)
        if self.seen[text] == 1 and (fault := self.fault(request, last)) is not None:
            return fault
        return web.json_response({"choices": [{"message": {"content": self.reply(text, last)}}]})

    @staticmethod
    def fault(request: web.Request, last: str) -> web.StreamResponse | None:
        match last:
            case "0":
                return web.Response(status=429, headers={"Retry-After": "0.01"})
            case "1":
                return web.Response(status=500, text="oops")
            case "2":
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            case "3":
                return web.Response(text="<html>a proxy</html>")
            case "4":
                message = {"role": "assistant", "content": "Certainly!"}
                return web.json_response({"choices": [{"message": message}]})
        return None

    @staticmethod
    def reply(text: str, last: str) -> str:
        if last == "8":
            return "I cannot say."
        if "JUDGE" in text:
            return "[FAITHFUL] yes [END]"
        return "".join(f"[QUESTION] q{n} [ANSWER] a [END]\n" for n in range(3))


@contextmanager
def serving(server: FaultyServer) -> Iterator[str]:
    @asynccontextmanager
    async def site() -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", server.chat)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        await runner.cleanup()

    with start_blocking_portal() as portal, portal.wrap_async_context_manager(site()) as url:
        yield url


def test_no_row_is_lost_to_a_faulty_endpoint(tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    documents = [
        Document.make(title="", text=f"doc{n:02}", source=f"{n:02}.md") for n in range(DOCUMENTS)
    ]
    write_rows(tmp_path / "documents.jsonl", documents)
    server = FaultyServer()
    with serving(server) as url:
        settings = EndpointTeacher(kind="endpoint", base_url=url, model="m", concurrency=16)
        model = Endpoint(settings, first_wait=0.005)
        first, second = (
            generate(
                tmp_path / "documents.jsonl",
                load_flows(["pairs"], TO_TRAIN_ON, tmp_path),
                Account.of(model, tmp_path / "journal.sqlite"),
                tmp_path / out,
                silent,
            )
            for out in ("out", "again")
        )
    pairs = Counter(pair.document_id for pair in read_rows(tmp_path / "out/pairs.jsonl", QAPair))
    assert pairs == {
        document.id: 3 for document in documents if document.text[-1] not in ("8", "9")
    }
    rejections = read_rows(tmp_path / "out/rejections.jsonl", Rejection)
    assert Counter((rejection.subject[1], rejection.reason) for rejection in rejections) == {
        ("8", "not in the form asked for"): 6,
        ("9", "refused by the endpoint"): 6,
    }
    assert (first["pairs"], first["rejected"], first["from_journal"]) == (144, 12, 0)
    assert second == {**first, "from_journal": first["asks"]}
    refused = [count for text, count in server.seen.items() if text.endswith("9")]
    assert set(refused) == {2}, "what is refused for good is asked once a run"
