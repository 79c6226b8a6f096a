/* A page whose questions save themselves (a section of the form, an evaluator's sheet), and say together how they stand;
   who else is here, where the page asks for it. */
(function () {
  "use strict";

  const form = document.querySelector("form[data-work]");
  if (!form) return;

  const PRESENT_EVERY_MS = 20000;
  const LOOK_AGAIN_MS = [0, 1500, 12000]; /* a page that is being closed lets its texts go only now */

  function newTab() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, function (byte) { return byte.toString(16).padStart(2, "0"); }).join("");
  }

  const words = {};
  Object.keys(form.dataset).forEach(function (name) {
    if (name.startsWith("text")) words[name.charAt(4).toLowerCase() + name.slice(5)] = form.dataset[name];
  });

  const page = {
    tab: newTab(), account: form.dataset.account, dossier: form.dataset.dossier, section: form.dataset.section, words: words,
    saveUrl: function (key) {
      if (key === "private-notes") return form.dataset.notesUrl;
      return form.dataset.saveUrl.replace("KEY", encodeURIComponent(key));
    },
    post: post, look: look, journalFailed: journalFailed
  };
  const questions = Array.from(form.querySelectorAll("[data-question]"), function (ask) { return new window.rvc.Question(ask, page); });
  const byKey = new Map(questions.map(function (question) { return [question.key, question]; }));
  const bar = form.querySelector("[data-saving]"), count = form.querySelector("[data-complete-count]");
  let journals = true;

  function post(url, body, patience, keepalive) {
    const stop = new AbortController();
    const timer = setTimeout(function () { stop.abort(); }, patience);
    return fetch(url, {
      method: "POST", body: body, keepalive: Boolean(keepalive), signal: stop.signal, redirect: "error",
      headers: { "X-CSRFToken": window.rvc.session.token(), "HX-Request": "true" }
    }).then(async function (response) {
      const text = await response.text(); /* a line cut within the answer is a failure, too */
      clearTimeout(timer);
      return { status: response.status, text: function () { return text; } };
    }).finally(function () { clearTimeout(timer); });
  }

  function questionOf(target) {
    const ask = target.closest ? target.closest("[data-question]") : null;
    return ask ? byKey.get(ask.dataset.question) : undefined;
  }

  /* --- the bar: one sentence for all questions --- */

  function look() {
    if (!bar) return;
    const numbers = function (wanted) { return questions.filter(wanted).map(function (q) { return q.number; }).join(", "); };
    const apart = numbers(function (q) { return q.state === "conflict"; });
    const unsaved = numbers(function (q) { return ["offline", "signed-out", "refused"].includes(q.state); });
    const busy = questions.some(function (q) { return !q.saved; });
    let text = busy ? "" : words.allSaved;
    if (apart) text = words.conflict.replace("{numbers}", apart);
    else if (unsaved) text = words.some.replace("{numbers}", unsaved);
    if (bar.textContent !== text) bar.textContent = text;
    const asked = questions.filter(function (q) { return !q.ask.hidden; }); /* see conditions.js */
    const complete = asked.filter(function (q) { return q.status.dataset.complete === "true"; }).length;
    const known = questions.every(function (q) { return "complete" in q.status.dataset; });
    if (count && known && document.querySelectorAll(".ask:not(.ask--silent)").length === questions.length) {
      count.textContent = words.complete.replace("{done}", complete).replace("{all}", asked.length);
    }
  }

  function journalFailed() {
    if (!journals) return;
    journals = false;
    window.rvc.tell(words.noJournal);
  }

  /* --- typing --- */

  form.addEventListener("input", function (event) {
    const question = questionOf(event.target);
    if (question) question.changed();
  });
  form.addEventListener("change", function (event) {
    const question = questionOf(event.target);
    if (!question) return;
    question.changed();
    question.send();
  });
  form.addEventListener("focusout", function (event) {
    const question = questionOf(event.target);
    if (question && !question.ask.contains(event.relatedTarget)) question.send();
  });

  form.addEventListener("click", function (event) {
    const button = event.target.closest("button");
    const question = button && questionOf(button);
    if (!question || question.state !== "conflict") return;
    if (button.name === "keep") question.keep();
    else if (button.name === "take") question.take();
    else if ("merge" in button.dataset) question.merge(button);
    else return;
    event.preventDefault();
  });

  /* --- leaving --- */

  async function flush() {
    const all = await Promise.all(questions.map(function (question) { return question.send(); }));
    return all.every(Boolean);
  }

  form.addEventListener("submit", async function (event) {
    if ("flushed" in form.dataset) return;
    event.preventDefault();
    const button = event.submitter;
    const saved = await flush();
    window.rvc.busy(form, false);
    if (!saved) return stay();
    form.dataset.flushed = "";
    /* Where nothing was left to save this is still the same event, within which a browser submits no form again. */
    setTimeout(function () { form.requestSubmit(button); });
  });

  window.addEventListener("pageshow", function () { delete form.dataset.flushed; }); /* back from the next page */

  function stay() {
    const stopped = questions.find(function (question) { return question.stopped; });
    if (!stopped) return window.rvc.tell(document.body.dataset.textOffline);
    stopped.status.scrollIntoView({ block: "center" });
    stopped.status.focus();
  }

  function leave() {
    questions.forEach(function (question) { if (!question.saved) question.send(true); });
  }

  window.addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", function () { if (document.hidden) leave(); else present(); });
  window.addEventListener("beforeunload", function (event) {
    if (!journals && questions.some(function (question) { return !question.saved; })) event.preventDefault();
  });
  window.addEventListener("online", flush);
  document.addEventListener("rvc:signed-in", function () {
    questions.forEach(function (question) { if (question.state === "signed-out") question.state = "typing"; });
    flush();
  });

  /* --- texts that another page of this browser left behind --- */

  async function recover() {
    const entries = (await window.rvc.journal.of(page.account, page.dossier))
      .filter(function (entry) { return byKey.has(entry.question) && byKey.get(entry.question).tab !== entry.tab; })
      .sort(function (a, b) { return b.at - a.at; });
    for (const entry of entries) {
      if (await window.rvc.journal.claim(entry.tab)) await take(entry, byKey.get(entry.question));
    }
  }

  async function take(entry, question) {
    if (JSON.stringify(entry.fields) === question.text) return window.rvc.journal.remove(entry);
    if (question.seq === 0) return question.recover(entry);
    /* Somebody writes here already: what was left behind is sent by itself, and met again where it does not fit. */
    const body = new URLSearchParams(entry.fields);
    ["base", "tab", "seq"].forEach(function (name) { body.set(name, entry[name]); });
    const response = await post(page.saveUrl(entry.question), body, PRESENT_EVERY_MS);
    if (response.status === 200) await window.rvc.journal.remove(entry);
  }

  LOOK_AGAIN_MS.forEach(function (delay) { setTimeout(function () { recover().catch(journalFailed); }, delay); });

  /* --- who else is here, and what they have changed --- */

  async function present() {
    if (document.hidden || !form.dataset.presenceUrl) return;
    const body = new URLSearchParams({ section: form.dataset.section });
    const response = await post(form.dataset.presenceUrl, body, PRESENT_EVERY_MS).catch(function () { return null; });
    if (!response || response.status !== 200) return;
    const holder = document.createElement("template");
    holder.innerHTML = response.text();
    const fresh = holder.content.querySelector("#part-colleagues");
    document.getElementById("part-colleagues").replaceWith(fresh);
    const revisions = JSON.parse(fresh.dataset.revisions);
    const behind = questions.filter(function (q) { return isBehind(q, revisions[q.key]); });
    if (behind.length) await catchUp(behind);
  }

  function isBehind(question, revision) {
    const idle = question.saved && question.state === "saved" && !question.ask.contains(document.activeElement);
    return idle && revision > question.revision;
  }

  async function catchUp(behind) {
    const response = await fetch(location.pathname, { cache: "no-store" });
    if (!response.ok || response.redirected) return;
    const now = new DOMParser().parseFromString(await response.text(), "text/html");
    behind.forEach(function (question) {
      const ask = now.getElementById("ask-" + question.key);
      if (ask && ask.dataset.question && isBehind(question, Infinity)) question.renew(ask);
    });
    look();
  }

  window.rvc.journal.claim(page.tab).catch(function () {});
  setInterval(present, PRESENT_EVERY_MS);
  present();
  look();
})();
