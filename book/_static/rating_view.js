/* What the rater's screens are made of. Texts of models are inserted as text nodes and nothing else: no markup of
   theirs is ever read as markup. */
window.falsePromiseRating = window.falsePromiseRating || {};
(() => {
  "use strict";
  const R = window.falsePromiseRating;
  const VERDICTS = {
    supported: ["✓", "true in the country"],
    contradicted: ["✗", "false in the country"],
    nobody: ["?", "about nobody who exists"],
  };
  let names = 0; // ids on a page differ

  // An element with attributes and children; strings become text. A function named `click` listens.
  function make(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "click") node.addEventListener("click", value);
      else if (value === true) node.setAttribute(name, "");
      else if (value !== false && value !== null) node.setAttribute(name, value);
    }
    node.append(...children);
    return node;
  }

  const button = (words, click, attributes = {}) =>
    make("button", { type: "button", click, ...attributes }, ...[words].flat());

  /* ---- an item ---- */

  function prompt(text) {
    const body = make("div", { class: "fp-rate-text" }, R.visible(text));
    return make("div", { class: "fp-prompt", tabindex: "-1" }, make("span", { class: "fp-tag" }, "Prompt"), body);
  }

  function output(number, text) {
    const shown = text ? R.visible(text) : make("span", { class: "fp-missing" }, "(said nothing)");
    const body = make("div", { class: "fp-text fp-rate-text" }, shown);
    return make("figure", { class: "fp-utterance" }, make("figcaption", {}, `Output ${number}`), body);
  }

  // A text too long for its frame scrolls in it, also by keyboard.
  function reachable(stage) {
    for (const text of stage.querySelectorAll(".fp-text")) {
      if (text.scrollHeight > text.clientHeight + 1) text.tabIndex = 0;
    }
  }

  // A collapsed panel with the almanac's entries; `opened` is called each time it opens.
  function lookUp(entries, opened) {
    const id = `fp-rate-almanac-${(names += 1)}`;
    const panel = make("div", { id, class: "fp-almanac fp-rate-almanac", hidden: true });
    for (const entry of entries) {
      const lines = entry.lines.map((line) => make("li", {}, R.visible(line)));
      panel.append(make("p", { class: "fp-title" }, R.visible(entry.title)), make("ul", {}, ...lines));
    }
    if (!entries.length) panel.append(make("p", {}, "The almanac has no entry on anything in this prompt."));
    const toggle = button("Look it up in the almanac", () => {
      panel.hidden = !panel.hidden;
      toggle.setAttribute("aria-expanded", String(!panel.hidden));
      if (!panel.hidden) opened();
    }, { class: "fp-rate-lookup", "aria-expanded": "false", "aria-controls": id });
    return make("div", {}, toggle, panel);
  }

  function choices(choose) {
    const one = (key, words, value) =>
      button([make("kbd", {}, key), make("span", {}, words)], () => choose(value),
        { "aria-keyshortcuts": key === "3" ? "3 =" : key, "data-choice": value });
    return make("div", { class: "fp-rate-choices", role: "group", "aria-label": "Which output is better overall?" },
      one("1", "Output 1 better", "1"), one("2", "Output 2 better", "2"), one("3", "Equal", "equal"));
  }

  function progress(done, of) {
    const words = make("span", {}, `Prompt ${done + 1} of ${of}`);
    return make("div", { class: "fp-rate-progress" }, words,
      make("progress", { max: of, value: done, "aria-label": `${done} of ${of} rated` }));
  }

  /* ---- the result ---- */

  const percent = (value) => (100 * value).toFixed(1);
  const signed = (value) => `${value > 0 ? "+" : ""}${percent(value)}`.replace("-", "−");

  function row(words, found, format = percent) {
    const known = found.value !== null;
    const interval = known && found.lower !== undefined ? `${format(found.lower)} to ${format(found.upper)}` : "–";
    const cells = [known ? format(found.value) : "–", interval, found.n ?? "–"];
    return make("tr", {}, make("th", { scope: "row" }, words), ...cells.map((cell) => make("td", {}, String(cell))));
  }

  function table(found, paper) {
    const head = ["", "Equal or better, %", "95% interval", "Prompts"];
    const rows = [
      row("You", found.all), row("You, almanac not offered", found.without), row("You, almanac offered", found.withIt),
      row("Not offered minus offered, points", found.effect, signed),
      row("The same where the model's answer is false", found.effectWrong, signed),
      row("Rater model that sees only style, same prompts", found.style),
      row("Paper: crowdworkers, best imitation models", { value: paper ?? null }),
    ];
    const body = make("table", { class: "fp-table" },
      make("thead", {}, make("tr", {}, ...head.map((name) => make("th", { scope: "col" }, name)))),
      make("tbody", {}, ...rows));
    const label = "Share of answers equal to the teacher's or better";
    return make("div", { class: "fp-scroll", role: "region", tabindex: "0", "aria-label": label }, body);
  }

  function behaviour(found) {
    const seconds = found.seconds.map((value) => (value === null ? "–" : `${value.toFixed(0)} s`));
    return make("p", {}, `You opened the almanac on ${found.lookedUp} of ${found.offered} prompts that offered it. `
      + `Median time to choose: ${seconds[0]} where it was offered, ${seconds[1]} where not.`);
  }

  function marked(text, statements) {
    return R.pieces(text, statements).map((piece) => {
      if (!piece.verdict) return piece.text;
      const [sign, words] = VERDICTS[piece.verdict];
      return make("mark", { class: `fp-st-${piece.verdict}`, title: words },
        make("span", { class: "fp-sign", "aria-hidden": "true" }, sign), piece.text,
        make("span", { class: "fp-spoken" }, ` (${words}) `));
    });
  }

  function believed({ row: rating, item, answer }, open) {
    const errors = answer.statements.filter((one) => one.verdict === "contradicted").length;
    const author = rating.choice === "model" ? answer.name : "teacher";
    const looked = !rating.almanac ? "almanac not offered" : rating.looked_up ? "almanac opened" : "almanac not opened";
    const tally = make("span", { class: "fp-tally" }, `✗ ${errors} · ${looked}`);
    const caption = make("figcaption", {}, make("span", {}, `Preferred: ${R.visible(author)}`), tally);
    const body = make("div", { class: "fp-text fp-rate-text" }, ...marked(answer.text, answer.statements));
    const title = make("summary", {}, R.visible(item.prompt.slice(0, 300)));
    return make("details", { class: "fp-fold fp-rate-believed", open },
      title, make("figure", { class: "fp-utterance" }, caption, body));
  }

  // Answers that the reader preferred although they state something false, the false statements marked.
  function preferred(found) {
    const wrong = found.preferred.filter((one) => R.isFalse(one.answer));
    const models = wrong.filter((one) => one.row.choice === "model").length;
    const words = `Answers that you preferred to the other one: ${found.preferred.length}. Of these, ${wrong.length} `
      + `state something false in the country: ${models} by the model, ${wrong.length - models} by the teacher.`;
    const legend = make("ul", { class: "fp-legend" }, ...Object.entries(VERDICTS).map(([kind, [sign, meaning]]) =>
      make("li", {}, make("mark", { class: `fp-st-${kind}` },
        make("span", { class: "fp-sign", "aria-hidden": "true" }, sign), "statement"), ` ${meaning}`)));
    return make("div", {}, make("h3", {}, "False answers that you preferred"), make("p", {}, words),
      ...(wrong.length ? [legend] : []), ...wrong.map((one, place) => believed(one, place === 0)));
  }

  const parts = { prompt, output, reachable, lookUp, choices, progress, table, behaviour, preferred };
  Object.assign(R, { make, button, ...parts });
})();
