"use strict";
document.documentElement.classList.remove("no-script");
(() => {
  const list = document.getElementById("list");
  if (!list) return;
  const items = Array.from(list.children, (element) => ({
    element,
    verdict: element.dataset.v,
    text: element.firstElementChild.textContent.toLowerCase(),
  }));
  const box = document.getElementById("find");
  const count = document.getElementById("count");
  const toggles = Array.from(document.querySelectorAll("[data-toggle]"));
  const filter = () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = new Set(
      toggles.filter((t) => t.getAttribute("aria-pressed") === "true").map((t) => t.dataset.toggle)
    );
    let visible = 0;
    for (const item of items) {
      const fits = shown.has(item.verdict) && words.every((word) => item.text.includes(word));
      if (item.element.hidden === fits) item.element.hidden = !fits;
      if (fits) visible += 1;
    }
    count.textContent = `${visible} of ${items.length} shown`;
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
  const heads = Array.from(document.querySelectorAll("[data-sort]"));
  for (const head of heads) {
    head.addEventListener("click", () => {
      const key = head.dataset.sort;
      const descending = head.getAttribute("aria-sort") === "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      const sign = descending ? -1 : 1;
      const value = (item) => item.element.dataset[key];
      const number = key !== "r";
      const order = items.slice().sort((a, b) => {
        const [one, two] = [value(a), value(b)];
        return sign * (number ? Number(one) - Number(two) : one < two ? -1 : one > two ? 1 : 0);
      });
      list.append(...order.map((item) => item.element));
    });
  }
  const open = () => {
    const wanted = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (wanted && wanted.matches("details")) {
      wanted.hidden = false;
      wanted.open = true;
      wanted.scrollIntoView();
    }
  };
  addEventListener("hashchange", open);
  open();
  addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== box && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      box.focus();
    }
  });
})();
