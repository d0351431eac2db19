"use strict";
// The browser of answers. Texts of documents and models only ever become text nodes.
(() => {
  const PAGE = 25;
  const OUTCOMES = ["gained", "lost", "both wrong", "both right"];
  const NAMES = { closed_book: "closed book", rag: "RAG" };
  const at = (id) => document.getElementById(id);
  const unpacked = new Map();

  async function unpack(id) {
    if (!unpacked.has(id)) {
      unpacked.set(id, (async () => {
        const bytes = Uint8Array.from(atob(at(id).textContent), (c) => c.charCodeAt(0));
        const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
        return JSON.parse(await new Response(stream).text());
      })());
    }
    return unpacked.get(id);
  }

  function make(tag, properties, ...children) {
    const { dataset, ...others } = properties || {};
    const node = Object.assign(document.createElement(tag), others);
    Object.assign(node.dataset, dataset);
    node.append(...children.filter((child) => child !== null && child !== ""));
    return node;
  }

  const letter = (place) => (place < 26 ? String.fromCharCode(65 + place) : String(place + 1));
  const inWords = (name) => NAMES[name] || name.replaceAll("_", " ");

  function start(index) {
    const { questions, keys, arms, conditions, exams, documents, reviewed } = index;
    const texts = questions.map((q) =>
      [q[2], documents[q[1]], ...q[3]].join(" ").toLowerCase());
    const cell = (arm, condition) => keys.findIndex((k) => k[0] === arm && k[1] === condition);
    const state = { exam: 0, condition: conditions[0], before: index.pair[0],
      after: index.pair[1], outcome: "", words: [], limit: PAGE, found: [], at: -1 };

    function outcome(question) {
      const was = question[6][cell(state.before, state.condition)];
      const now = question[6][cell(state.after, state.condition)];
      if (!"rw".includes(was || "-") || !"rw".includes(now || "-")) return "";
      if (was === "r") return now === "r" ? "both right" : "lost";
      return now === "r" ? "gained" : "both wrong";
    }

    function asked(question) {
      return keys.some((k, place) => k[1] === state.condition && question[6][place] !== "-");
    }

    function choose(id, values, shown, name) {
      const select = at(id);
      if (!select) return;
      select.parentElement.hidden = values.length < 2;
      values.forEach((value, place) =>
        select.append(make("option", { value: String(place), textContent: shown(value) })));
      select.value = String(Math.max(0, values.indexOf(state[name])));
      select.addEventListener("change", () => {
        state[name] = name === "exam" ? Number(select.value) : values[Number(select.value)];
        refresh();
      });
    }

    function refresh() {
      state.limit = PAGE;
      const mine = questions.map((_, place) => place).filter((place) => {
        const question = questions[place];
        return question[0] === state.exam && asked(question)
          && state.words.every((word) => texts[place].includes(word));
      });
      chips(mine);
      state.found = state.outcome
        ? mine.filter((place) => outcome(questions[place]) === state.outcome) : mine;
      at("list").replaceChildren();
      state.at = -1;
      more();
    }

    function chips(mine) {
      const counts = new Map();
      mine.forEach((place) => {
        const kind = outcome(questions[place]);
        counts.set(kind, (counts.get(kind) || 0) + 1);
      });
      const kinds = reviewed ? ["", ...OUTCOMES.filter((kind) => counts.get(kind))] : [];
      if (!kinds.includes(state.outcome)) state.outcome = "";
      at("outcomes").replaceChildren(...kinds.map((kind) => {
        const name = kind ? kind[0].toUpperCase() + kind.slice(1) : "All";
        const number = (kind ? counts.get(kind) : mine.length).toLocaleString("en");
        const button = make("button", { type: "button", dataset: { outcome: kind } },
          `${name} ${number}`);
        button.setAttribute("aria-pressed", String(kind === state.outcome));
        button.addEventListener("click", () => {
          state.outcome = kind;
          refresh();
          at("outcomes").querySelector("[aria-pressed=true]").focus();
        });
        return button;
      }));
    }

    function more() {
      const list = at("list");
      const until = Math.min(state.limit, state.found.length);
      for (let n = list.children.length; n < until; n += 1) list.append(item(state.found[n]));
      at("more").hidden = until >= state.found.length;
      at("shown").textContent = `${until.toLocaleString("en")} of `
        + `${state.found.length.toLocaleString("en")} shown`;
    }

    function item(place) {
      const question = questions[place];
      const kind = outcome(question);
      const title = make("button", { type: "button", className: "opens" },
        make("span", { className: "title" }, question[2]),
        make("span", { className: "about" }, documents[question[1]],
          question[5] ? make("span", { className: "tag" }, "hard") : "",
          kind ? make("span", { className: `tag ${kind}` }, kind) : ""));
      title.setAttribute("aria-expanded", "false");
      const row = make("li", { className: "asked", dataset: { outcome: kind } }, title);
      title.addEventListener("click", () => toggle(row, place));
      return row;
    }

    async function toggle(row, place) {
      const title = row.firstElementChild;
      const open = title.getAttribute("aria-expanded") === "false";
      title.setAttribute("aria-expanded", String(open));
      state.at = [...at("list").children].indexOf(row);
      if (!open) { row.lastElementChild.remove(); return; }
      const detail = make("div", { className: "detail" }, "…");
      row.append(detail);
      const piece = await unpack(`answers-${Math.floor(place / index.piece)}`);
      const [expected, evidence, cells] = piece[place % index.piece];
      detail.replaceChildren(
        options(questions[place], cells, expected),
        make("div", { className: "answers" },
          ...arms.map((arm) => answer(arm, questions[place], cells, evidence))
            .filter((box) => box)));
    }

    function options(question, cells, expected) {
      if (!question[3].length) {
        return make("p", { className: "options" }, expected ? `Expected: ${expected}` : "");
      }
      return make("ul", { className: "options" }, ...question[3].map((text, place) => {
        const right = place === question[4];
        const by = arms.filter((arm) => {
          const said = cells[cell(arm, state.condition)];
          return said && said[0] === place;
        });
        return make("li", { className: right ? "right" : "" },
          `${letter(place)}. ${text}${right ? " ✓" : ""}`,
          ...by.map((arm) => make("span", { className: "tag" }, arm)));
      }));
    }

    function answer(arm, question, cells, evidence) {
      const place = cell(arm, state.condition);
      const said = cells[place];
      if (!said) return null;
      const [chosen, text, thinking, turns, remarks, passages] = said;
      const verdict = { r: "right", w: "wrong" }[question[6][place]] || "";
      const mark = { right: " ✓", wrong: " ✗" }[verdict] || "";
      const choice = chosen === null || chosen === undefined ? (question[3].length ? "" : mark)
        : `${letter(chosen)}. ${question[3][chosen]}${mark}`;
      const right = [...turns].filter((turn) => turn === "r").length;
      return make("div", { className: `answer ${verdict}` },
        make("div", { className: "who" }, `${arm}, ${inWords(state.condition)}`),
        choice ? make("div", { className: "choice" }, choice) : "",
        ...remarks.map((remark) => make("span", { className: "tag" }, remark)),
        turns.length > 1
          ? make("div", { className: "who" }, `${right} of ${turns.length} answers right`) : "",
        make("div", { className: "own" }, text[0] ? whole(text) : "wrote nothing"),
        thinking[0] ? make("details", {}, make("summary", {}, "Thinking"),
          make("div", { className: "own" }, whole(thinking))) : "",
        passages.length ? read(passages, evidence) : "");
    }

    const whole = ([text, cut]) =>
      (cut ? `${text}… (cut here; the whole answer is in responses.jsonl)` : text);

    function read(passages, evidence) {
      const found = passages.some((passage) => passage[2]);
      const name = `${passages.length} passages read${found ? ", evidence among them" : ""}`;
      const box = make("details", {}, make("summary", {}, name));
      box.addEventListener("toggle", async () => {
        if (!box.open || box.children.length > 1) return;
        for (const [number, title, holds] of passages) {
          const piece = number === null ? null
            : (await unpack(`passages-${Math.floor(number / index.piece)}`))[number % index.piece];
          const text = piece ? piece[1] + (piece[2] ? "…" : "") : "";
          box.append(make("div", { className: `passage ${holds ? "holds" : ""}` },
            make("div", { className: "who" }, title,
              holds ? make("span", { className: "tag gained" }, "evidence") : ""),
            ...marked(text, evidence)));
        }
      });
      return box;
    }

    function marked(text, evidence) {
      const words = evidence.trim().split(/\s+/).filter((word) => word);
      if (!words.length) return [text];
      const escaped = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
      const found = text.match(new RegExp(escaped.join("\\s+"), "i"));
      if (!found) return [text];
      const end = found.index + found[0].length;
      return [text.slice(0, found.index), make("mark", {}, found[0]), text.slice(end)];
    }

    function keys_(event) {
      const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
      if (event.key === "Escape" && typing) event.target.blur();
      if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "/") {
        event.preventDefault();
        at("search").focus();
      } else if (event.key === "j" || event.key === "k") {
        const rows = at("list").children;
        const next = state.at + (event.key === "j" ? 1 : -1);
        if (next >= rows.length && !at("more").hidden) { state.limit += PAGE; more(); }
        if (next < 0 || next >= rows.length) return;
        state.at = next;
        rows[next].firstElementChild.focus();
        rows[next].scrollIntoView({ block: "nearest" });
      }
    }

    at("list").addEventListener("focusin", (event) => {
      const row = event.target.closest("#list > li");
      if (row) state.at = [...at("list").children].indexOf(row);
    });
    choose("exam", exams, (name) => name, "exam");
    choose("condition", conditions, inWords, "condition");
    choose("before", arms, (name) => name, "before");
    choose("after", arms, (name) => name, "after");
    at("search").addEventListener("input", () => {
      state.words = at("search").value.toLowerCase().split(/\s+/);
      refresh();
    });
    at("more").addEventListener("click", () => { state.limit += 4 * PAGE; more(); });
    document.addEventListener("keydown", keys_);
    at("browser").hidden = false;
    refresh();
  }

  unpack("index").then(start);
})();
