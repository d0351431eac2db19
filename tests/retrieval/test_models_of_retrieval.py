"""Embeddings and rerankers: over HTTP in each dialect, through the journal, and from a folder."""

from __future__ import annotations

import asyncio
import importlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from closedbook.config import Caps, EndpointEmbedding, Rerank
from closedbook.engine import Account, Role
from closedbook.errors import BudgetExhausted, EvaluationError, InputError, RunError
from closedbook.models.embedding import EmbeddingEndpoint, packed, unpacked
from closedbook.models.rerank import RerankEndpoint
from closedbook.records import Document, Passage
from closedbook.retrieval.embedders import EMBEDDING, LocalEmbedder, RemoteEmbedder
from closedbook.retrieval.reranking import RERANK, Query, Reranker
from closedbook.simulator import Simulator, SimulatorSettings

TEXTS = ["pumps and pipes", "weavers from the coast", "a coffee house", "hills in the north"]
PASSAGES = [
    Passage.make(Document.make(title=f"T{n}", text=text, source="s"), 0, len(text))
    for n, text in enumerate(TEXTS)
]
TERMS: dict[str, Any] = {"model": "m", "attempts": 1, "give_up_after": 0.1}


@pytest.fixture
def server() -> Iterator[Simulator]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    simulator = Simulator(SimulatorSettings(api_key="key"))
    asyncio.run_coroutine_threadsafe(simulator.__aenter__(), loop).result(10)
    try:
        yield simulator
    finally:
        asyncio.run_coroutine_threadsafe(simulator.__aexit__(None, None, None), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def embedder(url: str, folder: Path, caps: Caps | None = None, **more: Any) -> RemoteEmbedder:
    given = {**TERMS, "api_key": "key", **more}
    settings = EndpointEmbedding(kind="endpoint", base_url=url, **given)
    role = Role(EmbeddingEndpoint(settings, first_wait=0.01))
    account = Account({EMBEDDING: role}, folder / "journal.sqlite", caps or Caps())
    return RemoteEmbedder(account, settings.batch)


def reranker(url: str, folder: Path, **more: Any) -> Reranker:
    settings = Rerank(base_url=url, **{**TERMS, "api_key": "key", **more})
    role = Role(RerankEndpoint(settings, first_wait=0.01))
    return Reranker(Account({RERANK: role}, folder / "journal.sqlite"), 2)


def grouped(*texts: str) -> list[tuple[str, str]]:
    return [("D", text) for text in texts]


def test_vectors_come_in_order_of_length_one_and_are_bought_once(
    server: Simulator, tmp_path: Path
) -> None:
    made = embedder(server.url, tmp_path, batch=3)
    vectors = made.embed(grouped(*TEXTS), "passages")
    assert vectors.shape == (4, 64)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1)
    again = made.embed([*grouped(*TEXTS), ("other", "new")], "passages")
    assert np.array_equal(again[:4], vectors)
    assert server.stats()["received"] == 3
    alike = vectors @ made.embed(grouped("coffee house"), "questions")[0]
    assert alike.argmax() == 2
    assert embedder(server.url, tmp_path, dimensions=8).embed(grouped("x"), "p").shape == (1, 8)


def test_vectors_survive_the_journals_text() -> None:
    vectors = np.array([[0.1, -2.5e-8], [3.0, 4.0]], dtype=np.float32)
    assert np.array_equal(unpacked(packed(vectors)), vectors)


def test_no_embeddings_stop_the_run_and_what_came_is_kept(
    server: Simulator, tmp_path: Path
) -> None:
    made = embedder(server.url, tmp_path, batch=1, concurrency=1)
    made.embed(grouped(*TEXTS[:2]), "passages")
    server.change(down=True)
    with pytest.raises(RunError, match="no embeddings") as caught:
        made.embed(grouped(*TEXTS), "passages")
    assert "run again" in caught.value.hint or "serving" in caught.value.hint
    server.change(down=False)
    server.reset()
    made.embed(grouped(*TEXTS), "passages")
    assert server.stats()["received"] == 2
    with pytest.raises(BudgetExhausted):
        embedder(server.url, tmp_path, Caps(requests=1)).embed(grouped("new"), "passages")


@pytest.mark.parametrize(
    ("prefix", "dialect"), [("/v1", "cohere"), ("/v2", "cohere"), ("", "cohere"), ("", "tei")]
)
def test_each_dialect_ranks_what_was_found(
    server: Simulator, tmp_path: Path, prefix: str, dialect: str
) -> None:
    url = server.url.removesuffix("/v1") + prefix
    made = reranker(url, tmp_path, dialect=dialect)
    queries = [
        Query("a house for coffee", "D", PASSAGES),
        Query("the coast", "D", PASSAGES[1:]),
        Query("nothing", "D", []),
    ]
    ranked = made.rerank(queries, "rerank")
    assert [[passage.title for passage in found][:1] for found in ranked] == [["T2"], ["T1"], []]
    assert [len(found) for found in ranked] == [2, 2, 0]
    made.rerank(queries, "rerank")
    assert server.stats()["received"] == 2
    assert made.failed == 0


def test_a_failed_ranking_keeps_the_order_and_is_counted(server: Simulator, tmp_path: Path) -> None:
    made = reranker(server.url, tmp_path)
    server.change(down=True)
    ranked = made.rerank([Query("coffee house", "D", PASSAGES)], "rerank")
    assert [passage.title for passage in ranked[0]] == ["T0", "T1"]
    assert (made.failed, made.to_retry) == (1, 1)
    assert made.reasons
    with pytest.raises(EvaluationError, match="no ranking of 32 queries"):
        made.rerank([Query(f"coffee {n}", "D", PASSAGES) for n in range(40)], "rerank")


def encoder_folder(folder: Path) -> Path:
    """A tiny BERT with random weights and a word tokenizer, as sentence-transformers saves one."""
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("sentence_transformers")
    import torch

    parts = importlib.import_module("sentence_transformers.models")
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    torch.manual_seed(0)
    words = ["[PAD]", "[UNK]", *sorted({word for text in TEXTS for word in text.split()})]
    tokenizer = Tokenizer(WordLevel({word: n for n, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", model_max_length=32
    )
    config = transformers.BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=32,
    )  # fmt: skip
    transformers.BertModel(config).save_pretrained(folder / "bert")
    fast.save_pretrained(folder / "bert")
    transformer = parts.Transformer(str(folder / "bert"))
    pooling = parts.Pooling(16)
    SentenceTransformer(modules=[transformer, pooling], device="cpu").save(str(folder / "encoder"))
    return folder / "encoder"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_a_local_folder_embeds(tmp_path: Path) -> None:
    folder = encoder_folder(tmp_path)
    made = LocalEmbedder(str(folder), "main", 2)
    vectors = made.embed(grouped(*TEXTS), "passages")
    assert vectors.shape == (4, 16)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    alone = made.embed(grouped(TEXTS[2]), "questions")
    assert (vectors @ alone[0]).argmax() == 2
    with pytest.raises(InputError, match="no embedding model"):
        LocalEmbedder(str(tmp_path / "none"), "main", 2)


def test_requests_are_those_of_the_protocols(server: Simulator) -> None:
    """What is sent, word for word."""
    from closedbook.models import ChatRequest
    from closedbook.records import Message

    request = ChatRequest((Message("user", "q"), Message("user", "t")), body={"top_n": 1})
    cohere = RerankEndpoint(Rerank(base_url=server.url, **TERMS))
    tei = RerankEndpoint(Rerank(base_url=server.url, dialect="tei", **TERMS))
    texts = EmbeddingEndpoint(EndpointEmbedding(kind="endpoint", base_url=server.url, **TERMS))
    assert json.loads(json.dumps(cohere.body(request, "m"))) == {
        "model": "m", "query": "q", "documents": ["t"], "top_n": 1,
    }  # fmt: skip
    assert tei.body(request, "m") == {"query": "q", "texts": ["t"], "truncate": True}
    assert texts.body(request, "m") == {"model": "m", "input": ["q", "t"]}
