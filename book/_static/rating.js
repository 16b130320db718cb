/* The rating interface (Appendix B of the paper) on a static page: a prompt, two answers in random order, a choice.
   pages.rating writes the data; rating_store.js keeps and counts, rating_view.js draws. Nothing is sent anywhere. */
(() => {
  "use strict";
  const SHORTEST = 300; // ms: a second click on what has just appeared is no choice
  const KEYS = { 1: "1", 2: "2", 3: "equal", "=": "equal" };

  function start(root) {
    const R = window.falsePromiseRating;
    const { make, button } = R;
    const data = JSON.parse(root.querySelector('script[type="application/json"]').textContent);
    let { state, note } = R.load(data);
    let steps = R.plan(data.items, data.session, state.seed);
    let shown = null; // when the item on the screen appeared, ms; null: none is there

    const notice = make("p", { class: "fp-warning", role: "alert" });
    const stage = make("div", { class: "fp-rate-stage" });
    const live = make("div", { class: "fp-spoken", role: "status", "aria-live": "polite" });
    root.append(notice, stage, live);

    const target = () => Math.min(state.revealed + data.session, steps.length);
    const elapsed = () => performance.now() - shown + (state.spent[steps[state.ratings.length].item.id] ?? 0);
    const say = (words) => { live.textContent = words; };

    function keep() {
      note = R.save(data, state) || (note.startsWith("This browser") ? "" : note);
      notice.textContent = note;
    }

    // Puts a screen up; `focus` is where a keyboard goes on.
    function show(nodes, focus) {
      stage.replaceChildren(...nodes, tools());
      notice.textContent = note;
      R.reachable(stage);
      if (!focus) return;
      focus.focus({ preventScroll: true });
      const box = root.getBoundingClientRect();
      const away = box.top < 50 || box.top > 0.6 * window.innerHeight;
      if (away) root.scrollIntoView({ block: "start", behavior: "instant" });
    }

    /* ---- screens ---- */

    function welcome() {
      shown = null;
      const done = state.ratings.length;
      const begun = done > state.revealed;
      if (done && !begun) return result();
      if (begun && done >= target()) return finished();
      const words = begun ? `Go on: ${done - state.revealed} of ${target() - state.revealed} rated` : "Start";
      const help = [
        `${Math.min(data.session, steps.length)} prompts, each with two answers in random order: one by the teacher, `
        + "one by a model that imitates it. Choose the one that is better overall, or call them equal.",
        "On a random half of the prompts you may look things up in the country's almanac; on the others you may not.",
        "Keys once you have started: 1, 2, and 3 or = for equal.",
        "Your choices stay in this browser until you save them.",
      ];
      const list = make("ul", { class: "fp-rate-help" }, ...help.map((line) => make("li", {}, line)));
      return show([list, button(words, item, { class: "fp-rate-main" })]);
    }

    function item() {
      const done = state.ratings.length;
      if (done >= target()) return finished();
      const step = steps[done];
      const texts = [step.item.model.text, step.item.teacher.text];
      if (step.order === 2) texts.reverse();
      const prompt = R.prompt(step.item.prompt);
      const panel = step.almanac ? [R.lookUp(step.item.almanac, () => opened(step))] : [];
      const answers = make("div", { class: "fp-answers" }, ...texts.map((text, place) => R.output(place + 1, text)));
      const [number, of] = [done - state.revealed, target() - state.revealed];
      shown = performance.now();
      show([R.progress(number, of), prompt, ...panel, answers, R.choices(choose)], prompt);
      const offer = step.almanac ? " You may look things up in the almanac." : "";
      return say(`Prompt ${number + 1} of ${of}.${offer}`);
    }

    function finished() {
      shown = null;
      const see = button("Show the result", () => {
        state.revealed = state.ratings.length;
        keep();
        result();
      }, { class: "fp-rate-main" });
      const words = `All ${state.ratings.length - state.revealed} prompts are rated. The result tells who wrote the `
        + "answers; after that these choices can no longer be undone.";
      show([make("p", {}, words), see], see);
      say("All prompts are rated.");
    }

    function result() {
      shown = null;
      const found = R.summary(data, state.ratings);
      const title = make("h3", { tabindex: "-1" }, `Your ${found.all.n} choices`);
      const few = "One reader's choices decide little: the intervals are wide. A class's ratings together decide more.";
      const left = Math.min(data.session, steps.length - state.ratings.length);
      const more = left ? [button(`Rate ${left} more`, item, { class: "fp-rate-main" })] : [];
      show([title, R.table(found, data.paper), R.behaviour(found), make("p", { class: "fp-foot" }, few),
        R.preferred(found), ...more], title);
      say(`Result of your ${found.all.n} choices.`);
    }

    /* ---- what the reader does ---- */

    function choose(value) {
      if (shown === null || performance.now() - shown < SHORTEST) return;
      const step = steps[state.ratings.length];
      const choice = value === "equal" ? "equal" : Number(value) === step.order ? "model" : "teacher";
      state.ratings.push(R.record(data, state, step, choice, elapsed()));
      keep();
      item();
    }

    function opened(step) {
      if (state.opened[step.item.id] !== undefined) return; // the first time counts
      state.opened[step.item.id] = elapsed();
      keep();
    }

    function undo() {
      const last = state.ratings.pop();
      state.spent[last.item] = last.milliseconds; // the second thought is added to the first
      keep();
      item();
    }

    function download(kind, type) {
      const text = R[kind](data.columns, state.ratings);
      const href = URL.createObjectURL(new Blob([text], { type }));
      const link = make("a", { href, download: `ratings_${state.rater}.${kind}` });
      root.append(link);
      link.click();
      link.remove();
      setTimeout(() => URL.revokeObjectURL(href), 60_000);
    }

    function reset() {
      const erase = button("Delete and start over", () => {
        dialog.close();
        state = R.newReader();
        steps = R.plan(data.items, data.session, state.seed);
        keep();
        welcome();
        stage.querySelector("button").focus();
        say("Your choices are deleted.");
      }, { class: "fp-rate-delete" });
      const amount = state.ratings.length === 1 ? "1 choice" : `${state.ratings.length} choices`;
      const words = `This deletes ${amount} from this browser and begins as a new reader, in a new random order. `
        + "Save first what you want to keep.";
      const stay = button("Keep my choices", () => dialog.close(), { autofocus: true });
      const dialog = make("dialog", { class: "fp-rate-dialog", "aria-label": "Start over?" }, make("p", {}, words),
        make("div", { class: "fp-rate-tools" }, stay, erase));
      dialog.addEventListener("close", () => dialog.remove());
      root.append(dialog);
      dialog.showModal();
    }

    function tools() {
      if (!state.ratings.length) return "";
      return make("div", { class: "fp-rate-tools", role: "group", "aria-label": "Your choices" },
        button("Undo", undo, { disabled: state.ratings.length <= state.revealed, title: "Take the last choice back" }),
        button("Save CSV", () => download("csv", "text/csv")),
        button("Save JSON", () => download("json", "application/json")), button("Start over", reset));
    }

    // Single keys count only while the focus is in here, so that they never take a letter from anything else.
    root.addEventListener("keydown", (event) => {
      const value = KEYS[event.key];
      if (!value || shown === null || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
      if (root.querySelector("dialog")) return;
      event.preventDefault();
      choose(value);
    });
    // Time in another tab is not time spent on choosing.
    let left = null;
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) left = performance.now();
      else if (left !== null && shown !== null) shown += performance.now() - Math.max(left, shown);
    });
    // The same page in a second tab: both show what was kept last.
    window.addEventListener("storage", (event) => {
      if (event.key !== null && event.key !== R.keyOf(data)) return;
      ({ state, note } = R.load(data));
      steps = R.plan(data.items, data.session, state.seed);
      welcome();
    });
    note = R.save(data, state) || note;
    welcome();
  }

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("div.rating").forEach(start));
})();
