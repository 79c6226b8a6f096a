/* What a page gains from JavaScript; without this file every page still works. No framework, no eval, no inline code.

   Each part starts from an attribute in the page, once for the whole page and again for each part htmx brings. */
(function () {
  "use strict";

  var language = document.documentElement.lang === "fr" ? "fr" : "en-GB";

  function each(root, selector, act) {
    if (root.matches && root.matches(selector)) act(root);
    root.querySelectorAll(selector).forEach(act);
  }

  /* ---- Words: the rule of rvc_portal/domain/words.py, held by tests/domain/words_cases.json ---- */

  var SEPARATOR = /[\t-\r \u0085\u00a0\u1680\u2000-\u200b\u2014\u2028\u2029\u202f\u205f\u3000\ufeff]+/;
  var IDEOGRAPH = /([\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{3ffff}])/gu;
  var SPEAKS = /[\p{L}\p{N}]/u;

  function countWords(text) {
    return text.replace(IDEOGRAPH, " $1 ").split(SEPARATOR).filter(function (piece) { return SPEAKS.test(piece); }).length;
  }

  function countCharacters(text) {
    return Array.from(text.replace(/\r\n/g, "\n")).length;
  }

  function fill(pattern, values) {
    return pattern.replace(/\{(\w+)\}/g, function (_, name) { return values[name]; });
  }

  function watchLength(area) {
    var output = document.getElementById(area.id + "-count");
    if (!output) return;
    var limit = Number(area.dataset.words || area.dataset.characters);
    var count = area.dataset.words ? countWords : countCharacters;
    var numbers = new Intl.NumberFormat(language);
    var told = null;
    function show() {
      var used = count(area.value);
      var over = used > limit;
      output.textContent = fill(over ? output.dataset.over : output.dataset.left, {
        used: numbers.format(used), limit: numbers.format(limit), over: numbers.format(used - limit)
      });
      output.classList.toggle("count--over", over);
      /* Read out only when the limit is crossed, not at every key. */
      output.setAttribute("aria-live", told !== null && told !== over ? "polite" : "off");
      told = over;
    }
    area.addEventListener("input", show);
    show();
  }

  /* One limit over several fields: an item of a plan, the rows of a table. */
  function watchWithin(box) {
    var output = box.querySelector("[data-words-total]");
    var limit = Number(box.dataset.wordsWithin);
    var numbers = new Intl.NumberFormat(language);
    function show() {
      var used = 0;
      box.querySelectorAll("textarea, input[type=text]:not([inputmode])").forEach(function (field) { used += countWords(field.value); });
      var over = used > limit;
      output.textContent = fill(over ? output.dataset.over : output.dataset.left, {
        used: numbers.format(used), limit: numbers.format(limit), over: numbers.format(used - limit)
      });
      output.classList.toggle("count--over", over);
    }
    box.addEventListener("input", show);
    box.addEventListener("change", show);
    show();
  }

  /* ---- Times in the reader's own zone ---- */

  var zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

  function localText(instant) {
    return new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short", timeZone: zone }).format(instant);
  }

  function showLocalRow(row) {
    var time = row.querySelector("time");
    var shown = row.closest(".deadline").querySelector(".deadline__zone").textContent;
    if (zone === "UTC" || zone === "Etc/UTC" || shown.indexOf(zone) !== -1) return;
    time.textContent = localText(new Date(time.dateTime)) + " (" + zone + ")";
    row.hidden = false;
  }

  function titleLocal(time) {
    time.title = localText(new Date(time.dateTime)) + " (" + zone + ")";
  }

  function showClock(time) {
    time.title = time.textContent;
    var at = new Date(time.dateTime);
    var today = at.toDateString() === new Date().toDateString();
    var how = today ? { timeStyle: "medium" } : { dateStyle: "long", timeStyle: "short" };
    time.textContent = new Intl.DateTimeFormat(language, how).format(at);
  }

  /* ---- Repeated blocks ---- */

  function watchRepeat(block) {
    var items = block.querySelector("[data-repeat-items]");
    var pattern = block.querySelector("template[data-repeat-pattern]");
    var add = block.querySelector("[data-repeat-add]");
    var least = Number(block.dataset.least || 0);
    var most = Number(block.dataset.most || Infinity);
    var next = items.children.length;

    function settle() {
      var count = items.children.length;
      Array.from(items.children).forEach(function (item, place) {
        item.querySelectorAll("[data-repeat-number]").forEach(function (number) { number.textContent = place + 1; });
        var remove = item.querySelector("[data-repeat-remove]");
        if (remove) remove.hidden = count <= least;
      });
      if (add) add.parentElement.hidden = count >= most;
    }

    function changed() {
      block.dispatchEvent(new Event("change", { bubbles: true }));
    }

    function addItem(index) {
      var holder = document.createElement("template");
      holder.innerHTML = pattern.innerHTML.replaceAll("__index__", index).replaceAll("__number__", index + 1);
      var item = holder.content.querySelector("[data-repeat-item]");
      items.append(item);
      start(item);
      if (window.htmx) window.htmx.process(item);
      next = Math.max(next, index + 1);
      return item;
    }

    /* Exactly these rows, empty, and blank ones up to the least: for a text that comes from elsewhere. */
    block.addEventListener("rvc:rows", function (event) {
      if (event.target !== block) return;
      items.replaceChildren();
      event.detail.forEach(addItem);
      while (items.children.length < Math.max(least, 1)) addItem(next);
      settle();
    });

    block.addEventListener("click", function (event) {
      var button = event.target.closest("[data-repeat-add], [data-repeat-remove]");
      if (!button || button.closest("[data-repeat]") !== block) return;
      event.preventDefault();
      if (button === add) {
        var item = addItem(next);
        settle();
        var first = item.querySelector("input, select, textarea");
        if (first) first.focus();
      } else {
        var gone = button.closest("[data-repeat-item]");
        var neighbour = gone.nextElementSibling || gone.previousElementSibling;
        gone.remove();
        settle();
        var target = neighbour ? neighbour.querySelector("input, select, textarea") : add;
        if (target) target.focus();
      }
      changed();
    });
    settle();
  }

  /* ---- One click, one request ---- */

  function busy(form, on) {
    if (on) form.dataset.sent = ""; else delete form.dataset.sent;
    form.querySelectorAll("button[type=submit]").forEach(function (button) { button.classList.toggle("is-busy", on); });
  }

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post") return;
    if ("sent" in form.dataset) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    /* htmx may still ask for confirmation: its own event marks the form. */
    if (!(window.htmx && (form.dataset.hxPost || form.getAttribute("hx-post")))) busy(form, true);
  }, true);

  window.addEventListener("pageshow", function () {
    each(document, "form[data-sent]", function (form) { busy(form, false); });
  });
  document.addEventListener("htmx:beforeRequest", function (event) {
    var cause = event.detail.requestConfig.triggeringEvent;
    /* What is kept while somebody types on must not lock the buttons. */
    if (event.target.tagName === "FORM" && !(cause && cause.type === "change")) busy(event.target, true);
  });
  document.addEventListener("htmx:afterRequest", function (event) {
    if (event.target.tagName === "FORM") busy(event.target, false);
  });

  /* ---- What went wrong under htmx ---- */

  function tell(text) {
    var region = document.getElementById("messages");
    if (!region) return;
    var notice = document.createElement("div");
    notice.className = "notice notice--bad";
    var paragraph = document.createElement("p");
    paragraph.textContent = text;
    notice.append(paragraph);
    region.replaceChildren(notice);
    region.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("htmx:responseError", function (event) {
    var status = event.detail.xhr.status;
    if ((status === 401 || status === 400) && document.getElementById("sign-in-again")) return; /* work/session.js asks */
    tell(status === 429 ? document.body.dataset.textBusy : document.body.dataset.textFailed);
  });
  document.addEventListener("htmx:sendError", function () { tell(document.body.dataset.textOffline); });

  /* ---- Focus ---- */

  document.addEventListener("click", function (event) {
    var link = event.target.closest(".error-summary a[href^='#']");
    if (link) {
      var target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
      if (!target) return;
      for (var node = target.closest("details"); node; node = node.parentElement.closest("details")) node.open = true;
      event.preventDefault();
      var label = document.querySelector("label[for='" + CSS.escape(target.id) + "']");
      (target.closest(".field") || label || target).scrollIntoView({ block: "start" });
      target.focus({ preventScroll: true });
    }
    each(document, "details.person[open]", function (menu) { if (!menu.contains(event.target)) menu.open = false; });
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    each(document, "details.person[open]", function (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  /* ---- Start ---- */

  function start(root) {
    each(root, "textarea[data-words], textarea[data-characters]", watchLength);
    each(root, "[data-words-within]", watchWithin);
    each(root, "[data-local-row]", showLocalRow);
    each(root, "time[data-clock]", showClock);
    each(root, "time[data-local-title]", titleLocal);
    each(root, "[data-repeat]", watchRepeat);
    each(root, "[data-take-focus]", function (summary) { summary.focus(); });
  }

  start(document.body);
  document.addEventListener("htmx:load", function (event) {
    if (event.target !== document.body) start(event.target);
  });

  window.rvc = { countWords: countWords, start: start, tell: tell, busy: busy };
})();
