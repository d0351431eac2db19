const rows = [...document.querySelectorAll(".asked")];
const buttons = [...document.querySelectorAll(".filters button")];
const search = document.querySelector("#search");
const more = document.querySelector("#more");
const status = document.querySelector("#shown");
const page = 25;
let limit = page;

function show() {
  const outcome = buttons.find((b) => b.getAttribute("aria-pressed") === "true").dataset.outcome;
  const words = search.value.toLowerCase().split(/\s+/);
  const found = rows.filter((row) => {
    const text = row.textContent.toLowerCase();
    return (!outcome || row.dataset.outcome === outcome) && words.every((w) => text.includes(w));
  });
  const shown = new Set(found.slice(0, limit));
  rows.forEach((row) => { row.hidden = !shown.has(row); });
  more.hidden = found.length <= limit;
  status.textContent = `${shown.size} of ${found.length} shown`;
}

function restart() { limit = page; show(); }

buttons.forEach((button) => button.addEventListener("click", () => {
  buttons.forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
  restart();
}));
search.addEventListener("input", restart);
more.addEventListener("click", () => { limit = Infinity; show(); });
document.querySelector(".filters").hidden = false;
show();
