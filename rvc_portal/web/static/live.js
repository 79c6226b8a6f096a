/* The page of a sitting follows what happens: it asks twice a second (or as often as the page says) and puts in the parts that have changed. A part in which
   somebody is typing stays until it is sent. A lost line, a portal that restarts and a session that ended are told, with
   since when, and the page goes on by itself once it can. */
(function () {
  "use strict";
  var box = document.getElementById("live");
  if (!box) return;
  var told = document.getElementById("live-told");
  var words = told.querySelector("span"), signIn = told.querySelector("a");
  var EVERY = 500, SLOWEST = 8000, RAREST = 4000;
  var FOCUSED = "a, button, input, select, summary, textarea";
  if (box.dataset.every) EVERY = Number(box.dataset.every);
  var tag = box.dataset.pulse;
  var asking = null, next = null, still = 0, pause = EVERY;
  var state = "", heard = new Date(), lost = false, unsent = false;

  /* Somebody types in it, is just pressing a button of it, or its form is on its way (app.js marks it): a form that is taken
     out of the page while it is asked whether its sender is signed in would never be sent. */
  function inUse(part) { return part.querySelector("[data-typed], [data-sent], button:active") !== null; }

  box.addEventListener("input", function (event) {
    var form = event.target.closest("form");
    if (form) form.dataset.typed = "";
  });

  /* What is sent over a lost line would be gone with its page: it stays, and that is said until it is sent again. */
  document.addEventListener("submit", function (event) {
    unsent = lost;
    if (!lost) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    window.rvc.busy(event.target, false);
    say("unsent");
  }, true);

  /* A form is on its way: an answer that was asked for before must not come between. */
  document.addEventListener("submit", function (event) {
    setTimeout(function () {
      if (event.defaultPrevented) return;
      still = Date.now() + 2 * SLOWEST;
      if (asking) asking.abort();
    });
  });
  window.addEventListener("pageshow", function () { still = 0; });

  function say(key) {
    box.toggleAttribute("data-stale", lost || (key !== "" && key !== "unsent"));
    if (state === key) return;
    state = key;
    var time = heard.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
    words.textContent = key ? told.dataset[key].replace("{time}", time) : "";
    signIn.hidden = key !== "signedOut";
    told.hidden = !key;
    if (key === "signedOut") document.dispatchEvent(new CustomEvent("rvc:signed-out"));
  }

  /* What a person would call this thing of the page, to find it again in the part that replaces its own. */
  function name(thing) {
    var form = thing.closest("form");
    return [thing.tagName, thing.id, thing.name, thing.value, form ? form.action : thing.href, thing.textContent].join("|");
  }

  function open(part) { return Array.from(part.querySelectorAll("details")).filter(function (one) { return one.open; }); }

  function replace(old, part) {
    var focused = old.contains(document.activeElement) ? name(document.activeElement) : "";
    var opened = open(old).map(function (one) { return name(one.querySelector("summary")); });
    old.replaceWith(document.adoptNode(part));
    part.querySelectorAll("details").forEach(function (one) {
      if (opened.indexOf(name(one.querySelector("summary"))) >= 0) one.open = true;
    });
    var again = focused && Array.from(part.querySelectorAll(FOCUSED)).find(function (one) { return name(one) === focused; });
    if (again) again.focus({ preventScroll: true });
  }

  /* Whether everything could be put in. */
  function put(html) {
    var fresh = new DOMParser().parseFromString(html, "text/html");
    var parts = Array.from(fresh.querySelectorAll("[data-part]"));
    var names = parts.map(function (part) { return part.id; });
    var whole = true;
    Array.from(box.children).forEach(function (old) {
      if (names.indexOf(old.id) < 0) old.remove();
    });
    parts.forEach(function (part, place) {
      var old = document.getElementById(part.id);
      if (!old) box.insertBefore(document.adoptNode(part), box.children[place] || null);
      else if (old.dataset.part === part.dataset.part) return;
      else if (inUse(old)) whole = false;
      else replace(old, part);
    });
    if (whole) box.dataset.pulse = fresh.getElementById("live").dataset.pulse;
    return whole;
  }

  function heardOf() {
    heard = new Date();
    lost = false;
    pause = EVERY;
    say(unsent ? "unsent" : "");
  }

  /* A portal that only is slow may still take what is sent, and is asked more rarely, so that it comes to its answers; one
     that cannot be reached takes nothing, and asking it costs nothing. */
  function notHeard(error) {
    if (Date.now() < still) return;
    lost = error.name !== "AbortError";
    pause = lost ? EVERY : Math.min(2 * pause, RAREST);
    say(unsent ? "unsent" : "lost");
  }

  function take(answer) {
    if (answer.type === "opaqueredirect" || answer.status === 401) return say("signedOut");
    if (answer.status === 304) return heardOf();
    if (answer.status === 403 || answer.status === 404) return say("gone");
    if (!answer.ok) return say("lost");
    return answer.text().then(function (html) {
      if (put(html)) tag = box.dataset.pulse;
      heardOf();
    });
  }

  function later() {
    clearTimeout(next);
    next = setTimeout(ask, pause);
  }

  function ask() {
    if (asking) return;
    if (Date.now() < still) return later();
    var stop = asking = new AbortController();
    var timer = setTimeout(function () { stop.abort(); }, SLOWEST);
    fetch(box.dataset.url, {
      headers: { "If-None-Match": '"' + tag + '"' }, cache: "no-store", redirect: "manual", signal: stop.signal
    }).then(take).catch(notHeard).then(function () {
      clearTimeout(timer);
      asking = null;
      later();
    });
  }

  /* A page that was hidden, a line that is back, somebody who signed in again: not half a second is waited. */
  function now() {
    clearTimeout(next);
    ask();
  }
  document.addEventListener("visibilitychange", function () { if (!document.hidden) now(); });
  window.addEventListener("online", now);
  document.addEventListener("rvc:signed-in", now);
  later();
})();
