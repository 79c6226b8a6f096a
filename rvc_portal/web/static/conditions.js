/* Questions that hang on another one of the same page: hidden while it is not answered so, shown as soon as it is.

   The rule is that of rvc_portal/domain/conditions.py, which has the last word. Without this file every question of the
   page stands there with the sentence that says when it is asked. A hidden field is sent along: nothing in it is lost. */
(function () {
  "use strict";

  /* What the fields of a question say: texts that are filled, and the values of what is ticked or chosen. */
  function said(question) {
    var found = [];
    question.querySelectorAll("input, select, textarea").forEach(function (field) {
      if (field.type === "hidden" || field.type === "submit") return;
      if ((field.type === "radio" || field.type === "checkbox") && !field.checked) return;
      if (field.value.trim()) found.push(field.value);
    });
    return found;
  }

  function isAsked(question) {
    if (!("whenQuestion" in question.dataset)) return true;
    var other = document.getElementById("ask-" + question.dataset.whenQuestion);
    if (!other || !isAsked(other)) return false;
    var answers = said(other);
    if (!question.dataset.whenOneOf) return answers.length > 0;
    var wanted = JSON.parse(question.dataset.whenOneOf);
    return answers.some(function (answer) { return wanted.indexOf(answer) !== -1; });
  }

  function settle() {
    document.querySelectorAll("[data-when-question]").forEach(function (question) {
      question.hidden = !isAsked(question);
    });
  }

  settle();
  ["input", "change", "htmx:load", "htmx:afterSettle"].forEach(function (name) { document.addEventListener(name, settle); });
})();
