/* "What do you expect?": choosing an expectation opens the reveal and says how it compares. Without this file the
   choices are radio buttons and the reveal is an ordinary disclosure. */
document.addEventListener("change", (event) => {
  const field = event.target.closest(".fp-expect fieldset");
  if (!field) return;
  const box = field.parentElement;
  const outcome = Number(field.dataset.outcome);
  const chosen = Number(event.target.value);
  const choices = [...field.querySelectorAll(".fp-choice")];
  choices.forEach((choice, index) => choice.classList.toggle("fp-came", index === outcome));
  const words =
    outcome < 0 ? "You have chosen." : chosen === outcome ? "As you expected." : "Not what you expected.";
  box.querySelector(".fp-yours").textContent = words;
  box.querySelector(".fp-reveal").open = true;
});
