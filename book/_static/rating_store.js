/* The rater without its looks: what is drawn for a reader, what the browser keeps, exports, shares and intervals.
   rating.js is the screens, rating_view.js what they are made of. Used by pages that call pages.rating. */
window.falsePromiseRating = window.falsePromiseRating || {};
(() => {
  "use strict";
  const FORMAT = 1;
  const Z = 1.959963984540054; // 95%
  const CHOICES = ["model", "teacher", "equal"];
  // As in pages.parts: control characters and marks that reorder text are shown, never obeyed.
  const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

  const visible = (text) =>
    text.replace(UNSEEN, (mark) => {
      const code = mark.charCodeAt(0);
      if (code < 0x20) return String.fromCharCode(0x2400 + code);
      return code === 0x7f ? "␡" : `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
    });

  /* ---- what a reader is shown ---- */

  // Xorshift (Marsaglia 2003) with 32 bits: Math.random has no seed, and the same reader must meet the same order.
  function generator(seed) {
    let state = seed >>> 0 || 1;
    return () => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 0) / 2 ** 32;
    };
  }

  function shuffled(list, random) {
    const copy = [...list];
    for (let last = copy.length - 1; last > 0; last -= 1) {
      const other = Math.floor(random() * (last + 1));
      [copy[last], copy[other]] = [copy[other], copy[last]];
    }
    return copy;
  }

  // Items in random order; within each session a random half with the almanac; the model as output 1 or 2.
  function plan(items, session, seed) {
    const random = generator(seed);
    const order = shuffled(items, random);
    const steps = [];
    for (let start = 0; start < order.length; start += session) {
      const part = order.slice(start, start + session);
      const half = (part.length + (random() < 0.5 ? 1 : 0)) >> 1;
      const shown = shuffled(part.map((_, place) => (place < half ? 1 : 0)), random);
      part.forEach((item, place) => steps.push({ item, almanac: shown[place], order: random() < 0.5 ? 1 : 2 }));
    }
    return steps;
  }

  /* ---- what the browser keeps ---- */

  function newReader() {
    const drawn = crypto.getRandomValues(new Uint32Array(3));
    const name = [...drawn.slice(0, 2)].map((part) => part.toString(16).padStart(8, "0")).join("");
    // The letter keeps a spreadsheet from reading the id as a number.
    return { format: FORMAT, rater: `r${name}`, seed: drawn[2], ratings: [], revealed: 0, opened: {}, spent: {} };
  }

  function isSound(state, data) {
    if (state?.format !== FORMAT || !/^r[0-9a-f]{16}$/.test(state.rater) || !Number.isInteger(state.seed)) return false;
    if (!Array.isArray(state.ratings) || !(state.revealed >= 0 && state.revealed <= state.ratings.length)) return false;
    if (!(state.opened instanceof Object && state.spent instanceof Object)) return false;
    const steps = plan(data.items, data.session, state.seed);
    return state.ratings.every((row, place) => row?.item === steps[place]?.item.id && CHOICES.includes(row.choice));
  }

  const keyOf = (data) => `false-promise-rating-${data.set_digest}`;
  const NOT_KEPT = "This browser keeps nothing for this page: your choices are lost when you reload or close it. "
    + "Save them as CSV before you leave.";
  const UNREADABLE = "What this browser had kept of an earlier visit could not be read. You begin anew.";

  // {state, note}: note is for the reader, empty if all is well.
  function load(data) {
    let kept = null;
    try {
      kept = localStorage.getItem(keyOf(data));
      if (kept === null) return { state: newReader(), note: "" };
    } catch {
      return { state: newReader(), note: NOT_KEPT };
    }
    try {
      const state = JSON.parse(kept);
      if (isSound(state, data)) return { state, note: "" };
    } catch { /* falls through: the text is no JSON */ }
    try {
      localStorage.setItem(`${keyOf(data)}-unreadable`, kept);
    } catch { /* a full disk must not keep anyone from rating */ }
    return { state: newReader(), note: UNREADABLE };
  }

  // Returns the note for the reader.
  function save(data, state) {
    try {
      localStorage.setItem(keyOf(data), JSON.stringify(state));
      return "";
    } catch {
      return NOT_KEPT;
    }
  }

  /* ---- exports ---- */

  function record(data, state, step, choice, milliseconds) {
    const id = step.item.id;
    const lookup = state.opened[id];
    return {
      schema_version: data.schema_version, set_digest: data.set_digest, rater: state.rater, item: id,
      category: step.item.category, model: step.item.model.name, choice, almanac: step.almanac,
      looked_up: lookup === undefined ? 0 : 1, milliseconds: Math.round(milliseconds),
      lookup_milliseconds: lookup === undefined ? null : Math.round(lookup), order: step.order,
      time: new Date().toISOString(),
    };
  }

  const field = (value) => {
    const text = value === null || value === undefined ? "" : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const csv = (columns, rows) =>
    [columns, ...rows.map((row) => columns.map((name) => row[name]))]
      .map((cells) => `${cells.map(field).join(",")}\n`).join("");
  const json = (columns, rows) => {
    const ratings = rows.map((row) => Object.fromEntries(columns.map((name) => [name, row[name]])));
    return `${JSON.stringify({ ratings }, null, 1)}\n`;
  };

  /* ---- shares ---- */

  // Wilson's score interval (1927), as claims.statistics.wilson_interval has it.
  function share(successes, n) {
    if (!n) return { n, value: null, lower: 0, upper: 1 };
    const value = successes / n;
    const shrink = 1 + Z ** 2 / n;
    const centre = (value + Z ** 2 / (2 * n)) / shrink;
    const half = (Z / shrink) * Math.sqrt((value * (1 - value)) / n + Z ** 2 / (4 * n ** 2));
    return { n, value, lower: Math.max(0, centre - half), upper: Math.min(1, centre + half) };
  }

  // One share minus another, with Newcombe's interval (1998, method 10) from the two Wilson intervals.
  function difference(one, two) {
    if (one.value === null || two.value === null) return { n: one.n + two.n, value: null, lower: -1, upper: 1 };
    const value = one.value - two.value;
    return {
      n: one.n + two.n, value,
      lower: value - Math.hypot(one.value - one.lower, two.upper - two.value),
      upper: value + Math.hypot(one.upper - one.value, two.value - two.lower),
    };
  }

  const isFalse = (answer) => answer.statements.some((one) => one.verdict === "contradicted");
  const equalOrBetter = (rows) => share(rows.filter((row) => row.choice !== "teacher").length, rows.length);

  function median(values) {
    const sorted = [...values].sort((one, two) => one - two);
    const middle = sorted.length >> 1;
    return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  function summary(data, rows) {
    const byId = new Map(data.items.map((item) => [item.id, item]));
    const [hidden, offered] = [0, 1].map((shown) => rows.filter((row) => row.almanac === shown));
    const style = rows.reduce((sum, row) => sum + Number(byId.get(row.item).rater.equal_or_better), 0);
    const seconds = (some) => (some.length ? median(some.map((row) => row.milliseconds)) / 1000 : null);
    // Claim 9 is about answers that are wrong: the registered statistic looks at these alone.
    const wrong = (some) => some.filter((row) => isFalse(byId.get(row.item).model));
    const effect = (some) => difference(...[hidden, offered].map((group) => equalOrBetter(some(group))));
    return {
      all: equalOrBetter(rows), withIt: equalOrBetter(offered), without: equalOrBetter(hidden),
      effect: effect((group) => group), effectWrong: effect(wrong), style: share(style, rows.length),
      offered: offered.length, lookedUp: offered.filter((row) => row.looked_up).length,
      seconds: [offered, hidden].map(seconds),
      preferred: rows.filter((row) => row.choice !== "equal").map((row) => {
        const item = byId.get(row.item);
        return { row, item, answer: row.choice === "model" ? item.model : item.teacher };
      }),
    };
  }

  // Text cut at its statements. Positions count characters as Python does, not the 16-bit units of a string here.
  function pieces(text, statements) {
    const letters = Array.from(text);
    const found = [];
    let position = 0;
    for (const one of [...statements].sort((a, b) => a.start - b.start)) {
      found.push({ text: letters.slice(position, one.start).join("") });
      found.push({ text: letters.slice(one.start, one.end).join(""), verdict: one.verdict });
      position = one.end;
    }
    found.push({ text: letters.slice(position).join("") });
    return found.filter((piece) => piece.text).map((piece) => ({ ...piece, text: visible(piece.text) }));
  }

  Object.assign(window.falsePromiseRating, {
    visible, plan, newReader, keyOf, load, save, record, csv, json, share, difference, summary, isFalse, pieces,
  });
})();
