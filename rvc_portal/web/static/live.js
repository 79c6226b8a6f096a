/* The page of a sitting follows what happens: it asks once a second and puts in the parts that have changed. A part in which
   somebody is typing stays until it is sent. A lost line or a portal that restarts is told, and tried again. */
(function () {
  "use strict";
  var box = document.getElementById("live");
  if (!box) return;
  var told = document.getElementById("live-told");
  var EVERY = 1000, SLOWEST = 5000;
  var tag = box.dataset.pulse;
  var asking = null, still = 0;

  /* Somebody types in it, or is just pressing a button of it. */
  function inUse(part) { return part.querySelector("[data-typed], button:active") !== null; }

  box.addEventListener("input", function (event) {
    var form = event.target.closest("form");
    if (form) form.dataset.typed = "";
  });

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
    var text = key ? told.dataset[key] : "";
    if (told.textContent !== text) told.textContent = text;
    told.hidden = !text;
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
      if (!old) { box.insertBefore(document.adoptNode(part), box.children[place] || null); return; }
      if (old.dataset.part === part.dataset.part) return;
      if (inUse(old)) { whole = false; return; }
      var focused = old.contains(document.activeElement) ? document.activeElement.id : "";
      old.replaceWith(document.adoptNode(part));
      var again = focused && document.getElementById(focused);
      if (again) again.focus();
    });
    if (whole) box.dataset.pulse = fresh.getElementById("live").dataset.pulse;
    return whole;
  }

  function ask() {
    if (Date.now() < still) { setTimeout(ask, EVERY); return; }
    var stop = asking = new AbortController();
    var timer = setTimeout(function () { stop.abort(); }, SLOWEST);
    fetch(box.dataset.url, {
      headers: { "If-None-Match": '"' + tag + '"' }, cache: "no-store", redirect: "manual", signal: stop.signal
    }).then(function (answer) {
      if (answer.type === "opaqueredirect" || answer.status === 401) { say("signedOut"); return null; }
      if (answer.status === 304) { say(""); return null; }
      if (!answer.ok) { say("lost"); return null; }
      return answer.text().then(function (html) {
        if (put(html)) tag = box.dataset.pulse;
        say("");
      });
    }).catch(function () { if (Date.now() >= still) say("lost"); }).then(function () {
      clearTimeout(timer);
      setTimeout(ask, EVERY);
    });
  }
  setTimeout(ask, EVERY);
})();
