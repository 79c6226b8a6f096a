/* The fields of one question as plain data, [[name, value], …], and back. */
(function () {
  "use strict";

  const FIELDS = "input[name], textarea[name], select[name]";
  const OUR_OWN = new Set(["asked", "seen", "csrf_token"]);

  function all(ask) {
    return Array.from(ask.querySelectorAll(FIELDS)).filter(function (field) { return !OUR_OWN.has(field.name); });
  }

  function isTick(field) {
    return field.type === "checkbox" || field.type === "radio";
  }

  function read(ask) {
    return all(ask)
      .filter(function (field) { return !isTick(field) || field.checked; })
      .map(function (field) { return [field.name, field.value]; });
  }

  /* Rows first, as many as there are values for, then the values. */
  function show(ask, pairs) {
    ask.querySelectorAll("[data-repeat]").forEach(function (block) { showRows(block, pairs); });
    const values = new Map();
    pairs.forEach(function (pair) { values.set(pair[0], (values.get(pair[0]) || []).concat([pair[1]])); });
    all(ask).forEach(function (field) {
      const found = values.get(field.name) || [];
      if (isTick(field)) field.checked = found.includes(field.value);
      else field.value = found.length ? found[0] : "";
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }

  function showRows(block, pairs) {
    const indexes = new Set();
    pairs.forEach(function (pair) {
      const rest = pair[0].startsWith(block.dataset.repeat + ".") ? pair[0].slice(block.dataset.repeat.length + 1) : "";
      if (/^\d+(\.|$)/.test(rest)) indexes.add(parseInt(rest, 10));
    });
    block.dispatchEvent(new CustomEvent("rvc:rows", { detail: Array.from(indexes).sort(function (a, b) { return a - b; }) }));
  }

  window.rvc.fields = { read: read, show: show };
})();
