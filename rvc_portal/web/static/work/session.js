/* Signing in again without leaving the page, and a fresh token where the one in the page has expired.

   Other scripts say `rvc:signed-out` on the document; when somebody has signed in again they hear `rvc:signed-in`, whose
   `detail.token` is the new token. */
(function () {
  "use strict";

  const dialog = document.getElementById("sign-in-again");
  if (!dialog) return;
  const place = dialog.querySelector("[data-sign-in]");
  const LANGUAGE = { "Accept-Language": document.documentElement.lang }; /* the page's: the session that knew it is gone */
  let asking = null;
  let code = null; /* where the sign-in goes on, once its password was right and a second factor is awaited */

  function token() {
    return JSON.parse(document.body.getAttribute("data-hx-headers"))["X-CSRFToken"];
  }

  function useToken(fresh) {
    document.querySelectorAll("input[name=csrf_token]").forEach(function (input) { input.value = fresh; });
    document.body.setAttribute("data-hx-headers", JSON.stringify({ "X-CSRFToken": fresh }));
  }

  /* The session as it is now: true if the person of this page is signed in, and then with a token that holds. */
  async function renew() {
    const response = await fetch(dialog.dataset.sessionUrl, { headers: { "HX-Request": "true" }, cache: "no-store" });
    const state = await response.json();
    code = state.code;
    if (state.account === null) return false;
    if (state.account !== dialog.dataset.account) {
      offerToSwitch(state.token);
      return false;
    }
    useToken(state.token);
    return true;
  }

  /* Somebody else is signed in: a way to sign them out and oneself in, without leaving the page. */
  function offerToSwitch(theirToken) {
    place.replaceChildren();
    say(dialog.dataset.textOtherPerson);
    offer(dialog.dataset.textSwitch, async function () {
      await fetch(dialog.dataset.signOutUrl, { method: "POST", body: new URLSearchParams({ csrf_token: theirToken }), redirect: "manual" });
      await showForm();
    });
  }

  function offer(text, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button--secondary";
    button.textContent = text;
    button.addEventListener("click", function () {
      act().catch(function () { say(document.body.dataset.textOffline); });
    });
    place.append(button);
    button.focus();
  }

  async function showForm() {
    const response = await fetch(code || dialog.dataset.signInUrl, { headers: LANGUAGE, cache: "no-store" });
    if (!response.redirected) await load(response);
  }

  function say(text, last) {
    const paragraph = document.createElement("p");
    paragraph.className = "error";
    paragraph.setAttribute("role", "alert");
    paragraph.textContent = text;
    if (last) place.append(paragraph); else place.prepend(paragraph);
  }

  /* The portal's own sign-in form, with what it says is wrong. */
  async function load(response) {
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const found = page.querySelector("main form[method=post]");
    const wrong = page.querySelector("main .error-summary, main .notice");
    place.replaceChildren.apply(place, [wrong, found].filter(Boolean));
    if (!found) { /* too many attempts, or the portal is busy: its own words, and another try */
      page.querySelectorAll("main p").forEach(function (paragraph) { say(paragraph.textContent, true); });
      return offer(dialog.dataset.textAgain, showForm);
    }
    const next = found.querySelector("[name=next]");
    if (next) next.remove();
    const first = found.querySelector("[aria-invalid] , input:not([type=hidden])");
    if (first) first.focus();
  }

  async function submit(event) {
    event.preventDefault();
    event.stopPropagation();
    const sent = event.target;
    try {
      const response = await fetch(sent.action, { method: "POST", headers: LANGUAGE, body: new FormData(sent), redirect: "manual" });
      if (response.type !== "opaqueredirect") await load(response);
      else if (await renew()) finish();
      else if (code) await showForm();
    } catch (error) {
      say(document.body.dataset.textOffline);
    } finally {
      window.rvc.busy(sent, false);
    }
  }

  function finish() {
    place.replaceChildren();
    dialog.close();
    asking = null;
    document.dispatchEvent(new CustomEvent("rvc:signed-in", { detail: { token: token() } }));
  }

  /* Ask once, however many saves wait for it. */
  async function ask() {
    if (asking) return;
    asking = true;
    try {
      place.replaceChildren();
      if (await renew()) return finish();
      if (!place.childElementCount) await showForm(); /* else somebody else is signed in: that is said already */
      dialog.showModal();
    } catch (error) {
      asking = null; /* the line is down: whoever saves next asks again */
    }
  }

  /* --- forms that do not save themselves: asked before they are sent, or sent again by htmx --- */

  const PLAIN = "main form[method=post]:not([data-work]):not([data-hx-post]):not(.piece__upload)";
  let waiting = null;

  document.addEventListener("submit", async function (event) {
    const form = event.target, button = event.submitter;
    if (dialog.contains(form) || !form.matches(PLAIN) || "asked" in form.dataset) return;
    event.preventDefault();
    let signedIn = true;
    try { signedIn = await renew(); } catch (error) { /* the line is down: the browser says so */ }
    window.rvc.busy(form, false);
    if (signedIn) return send(form, button);
    waiting = function () { send(form, button); };
    ask();
  });

  function send(form, button) {
    form.dataset.asked = "";
    form.requestSubmit(button);
  }

  document.addEventListener("htmx:responseError", function (event) {
    const source = event.detail.elt, status = event.detail.xhr.status;
    if (source.tagName !== "FORM" || (status !== 401 && status !== 400)) return;
    waiting = function () { window.htmx.trigger(source, "submit"); };
    ask();
  });

  document.addEventListener("rvc:signed-in", function () {
    const again = waiting;
    waiting = null;
    if (again) again();
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-asked]").forEach(function (form) { delete form.dataset.asked; });
  });

  dialog.addEventListener("submit", submit);
  dialog.querySelector("[data-later]").addEventListener("click", function () { dialog.close(); });
  dialog.addEventListener("close", function () { asking = null; });
  document.addEventListener("rvc:signed-out", ask);

  window.rvc.session = { token: token, renew: renew };
})();
