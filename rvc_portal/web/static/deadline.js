/* Counts down to each deadline of the page by the portal's clock, and says when the reader's clock is wrong.
   The portal's instant comes with the page; a page may be old, so it is asked for again (Date of /health) at once,
   whenever the page is seen again, when the reader's clock jumps (a laptop that slept) and every ten minutes. */
(function () {
  "use strict";

  var SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
  var WRONG = 60 * SECOND, SLOWEST = 5 * SECOND, AGAIN = 10 * MINUTE;
  var TOLD_AT = [DAY, HOUR, 10 * MINUTE, MINUTE];
  var language = document.documentElement.lang || "en";
  var calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  var boxes = Array.from(document.querySelectorAll("[data-deadline]")).map(function (box) {
    return { box: box, at: Date.parse(box.dataset.deadline), before: null };
  });
  if (!boxes.length) return;

  var ahead = Date.parse(boxes[0].box.dataset.portalNow) - Date.now(); /* what the portal's clock is ahead of ours */
  var steady = Date.now() - performance.now();
  var asked = 0, timer = null;

  function portalNow() { return Date.now() + ahead; }

  function fill(pattern, time) { return pattern.replace("{time}", time); }

  function unit(name, count) {
    return new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "long" }).format(count);
  }

  /* "3 days, 4 hours"; "5 hours, 12 minutes"; in the last hour "12 minutes, 5 seconds". */
  function spell(left, coarse) {
    var whole = Math.max(0, Math.ceil(left / SECOND)) * SECOND;
    var parts = whole >= DAY ? [["day", DAY], ["hour", HOUR]] : whole >= HOUR ? [["hour", HOUR], ["minute", MINUTE]]
      : [["minute", MINUTE], ["second", SECOND]];
    var said = [];
    parts.forEach(function (part) {
      var count = Math.floor(whole / part[1]);
      whole -= count * part[1];
      if (count || (!said.length && part === parts[1])) said.push(unit(part[0], count));
    });
    return (coarse ? said.slice(0, 1) : said).join(" ");
  }

  function show(item, now) {
    var box = item.box, left = item.at - now;
    var shown = box.querySelector("[data-deadline-left]"), told = box.querySelector("[data-deadline-told]");
    var first = item.before === null;
    if (left <= 0) {
      shown.textContent = first ? "" : box.dataset.textEnded; /* one that lies behind is no news */
      if (!first && item.before > 0) told.textContent = box.dataset.textEnded;
      shown.hidden = !shown.textContent;
    } else {
      shown.textContent = fill(box.dataset.textLeft, spell(left));
      shown.hidden = false;
      TOLD_AT.forEach(function (at) {
        if (!first && item.before > at && left <= at) told.textContent = fill(box.dataset.textLeft, spell(at, true));
      });
    }
    if (!(first && left <= 0)) item.before = left;
  }

  function wait(now) {
    var lefts = boxes.map(function (item) { return item.at - now; }).filter(function (left) { return left > 0; });
    if (!lefts.length) return null;
    var next = Math.min.apply(null, lefts);
    var step = next > HOUR ? MINUTE : calm.matches && next > MINUTE ? 10 * SECOND : SECOND;
    return Math.min(step, next % step || step, next > HOUR ? next - HOUR : step);
  }

  function tick() {
    clearTimeout(timer);
    var jumped = Math.abs(Date.now() - performance.now() - steady) > 2 * SECOND;
    if (jumped || Date.now() - asked > AGAIN) ask();
    var now = portalNow(); /* one instant for both: what is shown as left is also waited for */
    boxes.forEach(function (item) { show(item, now); });
    var pause = wait(now);
    if (pause !== null && !document.hidden) timer = setTimeout(tick, Math.max(pause, 50));
  }

  function judge() {
    boxes.forEach(function (item) {
      var wrong = item.box.querySelector("[data-deadline-wrong]");
      wrong.hidden = Math.abs(ahead) <= WRONG;
      if (wrong.hidden) return;
      var text = ahead > 0 ? item.box.dataset.textBehind : item.box.dataset.textAhead;
      var words = fill(text, spell(Math.abs(ahead), true));
      if (wrong.textContent !== words) wrong.textContent = words;
    });
  }

  function ask() {
    var sent = Date.now(), started = performance.now();
    asked = sent;
    steady = sent - started;
    fetch(boxes[0].box.dataset.clock, { method: "HEAD", cache: "no-store", credentials: "omit" }).then(function (answer) {
      var took = performance.now() - started, date = Date.parse(answer.headers.get("Date") || "");
      /* What took long, or spans a sleep, says nothing; the header has whole seconds. */
      if (!date || took > SLOWEST || Math.abs(Date.now() - sent - took) > SECOND) return;
      ahead = date + SECOND / 2 + took / 2 - Date.now();
      judge();
      tick();
    }).catch(function () { asked = 0; });
  }

  function seen() {
    if (document.hidden) return;
    ask();
    tick();
  }

  document.addEventListener("visibilitychange", seen);
  window.addEventListener("pageshow", function (event) { if (event.persisted) seen(); });
  window.addEventListener("online", seen);
  seen();
})();
