/* One prompt, the same model after more and more imitation data, on a slider (false_promise.pages.slider). The answers
   are in the page already: this file only shows one of them at a time. Without it all of them are shown. */
const start = () => {
  for (const box of document.querySelectorAll(".fp-amounts")) {
    const control = box.querySelector(".fp-amounts-control");
    const range = control.querySelector("input");
    const said = control.querySelector("output");
    const answers = [...box.querySelectorAll("[data-amount]")];
    const show = () => {
      const chosen = Number(range.value);
      answers.forEach((answer, index) => { answer.hidden = index !== chosen; });
      said.textContent = answers[chosen].dataset.amount;
      range.setAttribute("aria-valuetext", answers[chosen].dataset.amount);
    };
    range.addEventListener("input", show);
    control.hidden = false;
    show();
  }
};
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
