// What a page adds for readers with a script: tables that sort and filter, marks that tell what they are, and picks
// that show in every chart and table of a section. Nothing is fetched, nothing is kept.
"use strict";
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const make = (tag, properties, ...inside) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...inside);
    return element;
  };

  // Tables.

  const nothing = (text) => text === "" || text === "–";
  const number = (text) => parseFloat(text.replace(/[\s\u202f±+]/g, "").replace("−", "-"));
  const words = new Intl.Collator("en", { numeric: true });
  const cell = (row, i) => row.cells[i].textContent;
  const rowsOf = (table) => [...table.tBodies[0].rows];

  // Rows that have nothing in the column stand last, whatever the order.
  const comparison = (th, i, sign) => (a, b) => {
    const [x, y] = [cell(a, i), cell(b, i)];
    if (nothing(x) || nothing(y)) return nothing(x) - nothing(y);
    const numbers = th.classList.contains("n") || x.startsWith("±");
    return sign * (numbers ? number(x) - number(y) : words.compare(x, y));
  };

  // From the first order to the column's, to that turned round, and back.
  const sort = (table, th, i, first) => {
    const orders = th.classList.contains("n") ? ["descending", "ascending"] : ["ascending", "descending"];
    const order = [...orders, ""][orders.indexOf(th.ariaSort) + 1];
    all("th", table).forEach((other) => other.removeAttribute("aria-sort"));
    if (order) th.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    const rows = order ? [...first].sort(comparison(th, i, sign)) : first;
    table.tBodies[0].append(...rows);
  };

  const MOST_AT_A_GLANCE = 8;

  const find = (box, table, rows) => {
    const text = make("input", { type: "search", placeholder: "Filter rows", ariaLabel: "Filter rows by text" });
    const choices = all("th", table).map((th, i) => {
      const found = th.hasAttribute("data-choice") ? [...new Set(rows.map((row) => cell(row, i)))] : [];
      if (found.length < 2) return null;
      const options = found.filter((value) => !nothing(value)).map((value) => make("option", {}, value));
      const any = make("option", { value: "" }, `any ${th.textContent}`);
      return { i, select: make("select", { ariaLabel: th.textContent }, any, ...options) };
    }).filter(Boolean);
    const count = make("output", {});
    const apply = () => {
      const wanted = text.value.toLowerCase();
      const fits = (row) =>
        row.textContent.toLowerCase().includes(wanted) &&
        choices.every(({ i, select }) => !select.value || cell(row, i) === select.value);
      rows.forEach((row) => { row.hidden = !fits(row); });
      const shown = rows.filter((row) => !row.hidden).length;
      count.value = shown < rows.length ? `${shown} of ${rows.length} rows` : "";
    };
    const line = make("div", { className: "find" }, text, ...choices.map((choice) => choice.select), count);
    line.addEventListener("input", apply);
    box.before(line);
  };

  for (const box of all(".table")) {
    const table = box.firstElementChild;
    const rows = rowsOf(table);
    all("th", table).forEach((th, i) => {
      const button = make("button", { type: "button" }, ...th.childNodes);
      button.addEventListener("click", () => sort(table, th, i, rows));
      th.append(button);
    });
    if (rows.length > MOST_AT_A_GLANCE) find(box, table, rows);
  }

  // Marks of charts: what they tell, and which is meant.

  const tip = make("div", { className: "tip", role: "tooltip", id: "tip", hidden: true });
  document.body.append(tip);
  const told = new Map();
  for (const title of all(".mark > title")) {
    told.set(title.parentNode, title.textContent);
    title.remove();
  }
  // A mark without a title of its own tells what its operator does in the part's chart along the network.
  const tells = (mark) => {
    const same = (other) => other.dataset.op === mark.dataset.op && told.has(other);
    return told.get(mark) ?? told.get(all(".mark", mark.closest(".part") ?? document).find(same)) ?? "";
  };

  let shown = null;
  const hide = () => {
    shown?.classList.remove("shown");
    shown = null;
    tip.hidden = true;
  };
  const show = (mark) => {
    if (mark === shown) return;
    hide();
    const [name, ...facts] = tells(mark).split(" · ");
    if (!name) return;
    shown = mark;
    mark.classList.add("shown");
    tip.replaceChildren(make("b", {}, name), ...facts.map((fact) => make("span", {}, fact)));
    tip.hidden = false;
    const [at, size] = [mark.getBoundingClientRect(), tip.getBoundingClientRect()];
    const left = Math.min(Math.max(at.left + at.width / 2 - size.width / 2, 4), innerWidth - size.width - 4);
    const above = at.top - size.height - 8;
    tip.style.left = `${Math.max(left, 4)}px`;
    tip.style.top = `${above > 4 ? above : at.bottom + 8}px`;
  };

  // Marks are small: the nearest one is meant, if it is near.
  const NEAR = 20;
  const nearest = (marks, x, y) => {
    let [best, least] = [null, NEAR];
    for (const mark of marks) {
      const box = mark.getBoundingClientRect();
      const distance = Math.hypot(
        Math.max(box.left - x, 0, x - box.right),
        Math.max(box.top - y, 0, y - box.bottom),
      );
      if (distance < least) [best, least] = [mark, distance];
    }
    return best;
  };

  // One of several is in the order of tabs; arrows lead to its neighbours.
  const rove = (items, steps) => {
    items.forEach((item, i) => { item.tabIndex = i ? -1 : 0; });
    return (event) => {
      const at = items.indexOf(event.target);
      const open = items.filter((item) => !item.hidden);
      const to = { Home: open[0], End: open.at(-1) }[event.key] ?? open[open.indexOf(items[at]) + steps[event.key]];
      if (at < 0 || !to) return;
      event.preventDefault();
      items[at].tabIndex = -1;
      to.tabIndex = 0;
      to.focus();
    };
  };

  // Picks: the same operator in every chart and table of its section.

  const drop = () => {
    all(".picked").forEach((section) => section.classList.remove("picked"));
    all(".hot").forEach((item) => item.classList.remove("hot"));
  };
  const nameOf = (item) => (item.matches("tr") ? cell(item, 0) : item.dataset.op);
  const pick = (item) => {
    const name = nameOf(item);
    const again = item.classList.contains("hot");
    drop();
    if (again || name === undefined) return;
    const section = item.closest("section") ?? document.body;
    section.classList.add("picked");
    all(".mark[data-op], [data-ops] tbody tr", section)
      .filter((other) => nameOf(other) === name)
      .forEach((other) => other.classList.add("hot"));
  };
  const picks = (event, item) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    pick(item);
  };

  for (const svg of all("figure svg")) {
    const marks = all(".mark", svg);
    if (!marks.length) continue;
    svg.setAttribute("role", "group");
    marks.forEach((mark) => mark.setAttribute("role", "img"));
    const move = rove(marks, { ArrowRight: 1, ArrowLeft: -1 });
    svg.addEventListener("keydown", (event) => { move(event); picks(event, event.target); });
    svg.addEventListener("focusin", ({ target }) => {
      target.setAttribute("aria-label", tells(target));
      show(target);
    });
    svg.addEventListener("focusout", hide);
    svg.addEventListener("pointermove", ({ clientX, clientY }) => {
      const mark = nearest(marks, clientX, clientY);
      if (mark) show(mark); else hide();
    });
    svg.addEventListener("pointerleave", hide);
    svg.addEventListener("click", ({ clientX, clientY }) => {
      const mark = nearest(marks, clientX, clientY);
      if (mark) pick(mark); else drop();
    });
  }
  for (const body of all("[data-ops] tbody")) {
    const move = rove([...body.rows], { ArrowDown: 1, ArrowUp: -1 });
    body.addEventListener("keydown", (event) => { move(event); picks(event, event.target); });
    body.addEventListener("click", ({ target }) => pick(target.closest("tr")));
  }
  addEventListener("keydown", ({ key }) => { if (key === "Escape") { hide(); drop(); } });

  // Folds: what a link leads to is open, and paper has all.

  const unfold = () => {
    const target = document.getElementById(location.hash.slice(1));
    target?.querySelector(":scope > .part")?.setAttribute("open", "");
  };
  addEventListener("hashchange", unfold);
  unfold();
  addEventListener("beforeprint", () => all("details:not([open])").forEach((fold) => {
    fold.open = true;
    fold.dataset.printed = "";
  }));
  addEventListener("afterprint", () => all("[data-printed]").forEach((fold) => {
    fold.open = false;
    delete fold.dataset.printed;
  }));
})();
