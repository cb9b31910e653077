"use strict";
document.documentElement.classList.remove("no-script");
(() => {
  // Rows in the document at once: so many are sorted and filtered in no time.
  const ROOM = 1000;
  const list = document.getElementById("list");
  if (!list) return;
  const items = Array.from(list.children, (element) => ({
    element,
    verdict: element.dataset.v,
    text: element.firstElementChild.textContent.toLowerCase(),
  }));
  const box = document.getElementById("find");
  const count = document.getElementById("count");
  const more = document.getElementById("more");
  const toggles = Array.from(document.querySelectorAll("[data-toggle]"));
  const heads = Array.from(document.querySelectorAll("[data-sort]"));
  let order = items;
  let fitting = items;
  let room = ROOM;
  const put = (shown) => {
    if (list.children.length === shown.length && shown.every((item, at) => list.children[at] === item.element)) return;
    const rows = document.createDocumentFragment();
    for (const item of shown) rows.append(item.element);
    list.replaceChildren(rows);
  };
  const show = () => {
    put(fitting.slice(0, room));
    const left = Math.max(0, fitting.length - room);
    more.hidden = left === 0;
    more.textContent = `Show ${Math.min(left, ROOM)} more of ${left}`;
    const fit = `${fitting.length} of ${items.length}`;
    count.textContent = left ? `${fit} fit, ${room} shown` : `${fit} shown`;
  };
  const filter = () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = new Set(
      toggles.filter((t) => t.getAttribute("aria-pressed") === "true").map((t) => t.dataset.toggle)
    );
    fitting = order.filter((item) => shown.has(item.verdict) && words.every((word) => item.text.includes(word)));
    room = ROOM;
    show();
  };
  let waiting = 0;
  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 80);
  });
  for (const toggle of toggles) {
    toggle.addEventListener("click", () => {
      const pressed = toggle.getAttribute("aria-pressed") === "true";
      toggle.setAttribute("aria-pressed", String(!pressed));
      filter();
    });
  }
  more.addEventListener("click", () => {
    const next = fitting[room];
    room += ROOM;
    show();
    next.element.firstElementChild.focus();
  });
  for (const head of heads) {
    const name = head.textContent;
    head.addEventListener("click", () => {
      const key = head.dataset.sort;
      const descending = head.dataset.order === "ascending";
      for (const other of heads) {
        delete other.dataset.order;
        other.removeAttribute("aria-label");
      }
      head.dataset.order = descending ? "descending" : "ascending";
      head.setAttribute("aria-label", `${name}, sorted ${head.dataset.order}`);
      const sign = descending ? -1 : 1;
      const number = key !== "r";
      const keys = new Map(
        items.map((item) => [item, number ? Number(item.element.dataset[key]) : item.element.dataset[key]])
      );
      order = items.slice().sort((a, b) => {
        const [one, two] = [keys.get(a), keys.get(b)];
        return sign * (one < two ? -1 : one > two ? 1 : 0);
      });
      filter();
    });
  }
  const open = () => {
    const id = location.hash.slice(1);
    const wanted = id && items.find((item) => item.element.id === id);
    if (!wanted) return;
    if (!fitting.includes(wanted)) {
      box.value = "";
      for (const toggle of toggles) toggle.setAttribute("aria-pressed", "true");
      filter();
    }
    room = Math.max(room, fitting.indexOf(wanted) + 1);
    show();
    wanted.element.open = true;
    wanted.element.scrollIntoView();
    wanted.element.firstElementChild.focus({ preventScroll: true });
  };
  addEventListener("hashchange", open);
  const closed = document.querySelectorAll("details.section:not([open])");
  addEventListener("beforeprint", () => {
    put(fitting);
    for (const section of closed) section.open = true;
  });
  addEventListener("afterprint", () => {
    show();
    for (const section of closed) section.open = false;
  });
  addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== box && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      box.focus();
    }
  });
  if (items.length > ROOM) show();
  open();
})();
