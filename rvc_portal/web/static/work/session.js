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
    if (state.account === null) return false;
    if (state.account !== dialog.dataset.account) {
      say(dialog.dataset.textOtherPerson);
      return false;
    }
    useToken(state.token);
    return true;
  }

  function say(text) {
    const paragraph = document.createElement("p");
    paragraph.className = "error";
    paragraph.setAttribute("role", "alert");
    paragraph.textContent = text;
    place.prepend(paragraph);
  }

  /* The portal's own sign-in form, with what it says is wrong. */
  async function load(response) {
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const found = page.querySelector("main form[method=post]");
    const wrong = page.querySelector("main .error-summary, main .notice");
    place.replaceChildren.apply(place, [wrong, found].filter(Boolean));
    if (!found) return;
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
      const response = await fetch(dialog.dataset.signInUrl, { headers: LANGUAGE, cache: "no-store" });
      if (!response.redirected) await load(response); /* somebody else is signed in: that is said already */
      dialog.showModal();
    } catch (error) {
      asking = null; /* the line is down: whoever saves next asks again */
    }
  }

  dialog.addEventListener("submit", submit);
  dialog.querySelector("[data-later]").addEventListener("click", function () { dialog.close(); });
  dialog.addEventListener("close", function () { asking = null; });
  document.addEventListener("rvc:signed-out", ask);

  window.rvc.session = { token: token, renew: renew };
})();
