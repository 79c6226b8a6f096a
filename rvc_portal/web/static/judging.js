/* The keyboard of an evaluator's sheet, and the answers that bear on the criterion in hand.

   A key acts on the criterion that has the focus, never while text is typed; all of them can be switched off (WCAG 2.1.4). */
(function () {
  "use strict";

  const form = document.querySelector(".judging form[data-work]"), dialog = document.getElementById("keys");
  if (!form || !dialog) return;
  const OFF = "rvc-keys-off";
  const criteria = Array.from(form.querySelectorAll(".criterion"));
  const button = document.querySelector("[data-keys]"), on = document.getElementById("keys-on");
  let current = null, shown = -1;

  /* --- the answers beside --- */

  function answersOf(criterion) {
    return criterion.dataset.bears.split(" ").map(function (key) { return document.getElementById("answer-" + key); }).filter(Boolean);
  }

  function take(criterion) {
    if (criterion === current) return;
    criteria.forEach(function (other) { other.classList.toggle("criterion--current", other === criterion); });
    document.querySelectorAll(".answer--bears").forEach(function (answer) { answer.classList.remove("answer--bears"); });
    answersOf(criterion).forEach(function (answer) { answer.classList.add("answer--bears"); });
    current = criterion;
    shown = -1;
  }

  form.addEventListener("focusin", function (event) {
    const criterion = event.target.closest(".criterion");
    if (criterion) take(criterion);
  });

  function showNextAnswer() {
    const answers = answersOf(here());
    if (!answers.length) return;
    shown = (shown + 1) % answers.length;
    location.replace("#" + answers[shown].id); /* the browser brings it into view and marks it (:target) */
  }

  /* --- the keys --- */

  function here() { return current || criteria[0]; }

  function go(step) {
    const place = current ? criteria.indexOf(current) + step : 0;
    const wanted = criteria[Math.min(Math.max(place, 0), criteria.length - 1)];
    wanted.focus();
    wanted.scrollIntoView({ block: "nearest" });
  }

  function choose(value) {
    const radio = here().querySelector('input[type=radio][value="' + value + '"]');
    if (!radio) return;
    take(here());
    radio.checked = true;
    radio.focus();
    radio.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function digit(key) {
    if (key === "0" && here().querySelector('input[type=radio][value="10"]')) return choose("10");
    choose(key);
  }

  const ACTS = {
    c: function () { choose("none"); },
    j: function () { go(1); },
    k: function () { go(-1); },
    r: function () { here().querySelector("textarea").focus(); },
    a: showNextAnswer,
    n: function () { form.querySelector("[name=private-notes]").focus(); },
    s: function () { form.requestSubmit(form.querySelector("[name=then]") || form.querySelector("button[type=submit]:not([name])")); },
    "?": function () { dialog.showModal(); }
  };

  function typing(target) {
    return target.isContentEditable || target.matches("textarea, select, input:not([type=radio], [type=checkbox])");
  }

  function enabled() {
    try { return window.localStorage.getItem(OFF) === null; } catch (error) { return on.checked; }
  }

  function leaveText(target) {
    const criterion = target.closest("[data-question]");
    if (target.matches("textarea") && criterion) criterion.focus();
  }

  document.addEventListener("keydown", function (event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") return leaveText(event.target);
    if (typing(event.target) || !enabled()) return;
    const act = /^[0-9]$/.test(event.key) ? digit : ACTS[event.key];
    if (!act) return;
    event.preventDefault();
    act(event.key);
  });

  button.hidden = false;
  button.addEventListener("click", function () { dialog.showModal(); });
  on.checked = enabled();
  on.addEventListener("change", function () {
    try {
      if (on.checked) window.localStorage.removeItem(OFF);
      else window.localStorage.setItem(OFF, "1");
    } catch (error) { /* this browser keeps nothing: it holds for this page */ }
  });

  /* --- an earlier text of a reason --- */

  form.addEventListener("click", function (event) {
    const wanted = event.target.closest("[data-bring-back]");
    if (!wanted) return;
    event.preventDefault();
    const area = wanted.closest(".criterion").querySelector("textarea");
    area.value = wanted.dataset.bringBack;
    area.dispatchEvent(new Event("input", { bubbles: true }));
    area.focus();
  });
})();
