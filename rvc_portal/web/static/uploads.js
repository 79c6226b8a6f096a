/* Pieces: a file goes up as soon as it is chosen, shows how far it is, and tries again by itself when the line is cut. Where
   the session has ended or the token was refused, it waits for whoever chose it to sign in again (work/session.js). */
(function () {
  "use strict";

  const AGAIN_MS = [1000, 2000, 4000, 8000, 15000];
  const SIGNED_OUT = new Set([400, 401]);

  function plainButton(text) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button--plain";
    button.textContent = text;
    button.hidden = true;
    return button;
  }

  function prepare(form) {
    const input = form.querySelector("input[type=file]"), button = form.querySelector("button[type=submit]");
    if (!input || "ready" in form.dataset) return;
    form.dataset.ready = "";
    button.hidden = true;
    const told = document.createElement("p"), bar = document.createElement("progress");
    const signIn = plainButton(form.dataset.textSignIn), stop = plainButton(form.dataset.textCancel);
    told.className = "saved";
    told.setAttribute("role", "status");
    bar.max = 1;
    bar.setAttribute("aria-label", form.dataset.textProgress);
    bar.hidden = true;
    form.append(bar, told, signIn, stop);
    let request = null, timer = 0, tries = 0, waiting = null, renewed = false;

    function say(text) { told.textContent = text; }

    function busy(on) { bar.hidden = stop.hidden = !on; input.disabled = on; }

    function send(file) {
      const body = new FormData(form);
      body.set("file", file, file.name);
      request = new XMLHttpRequest();
      request.open("POST", form.action);
      request.setRequestHeader("HX-Request", "true");
      request.upload.onprogress = function (event) { bar.value = event.loaded / event.total; };
      request.onload = function () { answered(file); };
      request.onerror = request.ontimeout = function () { again(file); };
      busy(true);
      say(form.dataset.textSending);
      request.send(body);
    }

    function answered(file) {
      const status = request.status;
      if (status >= 500) return again(file);
      if (SIGNED_OUT.has(status) && !renewed) return wait(file);
      busy(false);
      if (status === 200 || status === 422 || status === 409) return place(request.responseText);
      input.value = "";
      say(status === 413 ? form.dataset.textTooLarge : document.body.dataset.textFailed);
    }

    function again(file) {
      bar.value = 0;
      say(form.dataset.textWaiting);
      timer = setTimeout(function () { send(file); }, AGAIN_MS[Math.min(tries, AGAIN_MS.length - 1)]);
      tries += 1;
    }

    function wait(file) {
      waiting = file;
      bar.hidden = true;
      signIn.hidden = false;
      say(form.dataset.textSignedOut);
      ask();
    }

    function ask() { document.dispatchEvent(new CustomEvent("rvc:signed-out")); }

    signIn.addEventListener("click", ask);
    document.addEventListener("rvc:signed-in", function () {
      if (!waiting || !form.isConnected) return;
      const file = waiting;
      waiting = null;
      signIn.hidden = true;
      renewed = true; /* once: what is refused with a fresh token, too, is refused for another reason */
      send(file);
    });

    /* The piece as it stands now; what else the portal says goes to its own place. */
    function place(html) {
      const holder = document.createElement("template");
      holder.innerHTML = html;
      Array.from(holder.content.children).forEach(function (fresh) {
        const old = document.getElementById(fresh.id);
        if (!old) return;
        old.replaceWith(fresh);
        window.rvc.start(fresh);
        if (window.htmx) window.htmx.process(fresh);
        fresh.querySelectorAll("form.piece__upload").forEach(prepare);
        const next = fresh.querySelector(".field--wrong input, .file-row a");
        if (next) next.focus();
      });
    }

    stop.addEventListener("click", function () {
      clearTimeout(timer);
      request.abort();
      waiting = null;
      signIn.hidden = true;
      busy(false);
      input.value = "";
      say("");
    });

    input.addEventListener("change", function () {
      const file = input.files[0];
      if (!file) return;
      tries = 0;
      renewed = false;
      if (file.size > Number(form.dataset.most)) {
        input.value = "";
        return say(form.dataset.textTooLarge);
      }
      send(file);
    });
  }

  document.querySelectorAll("form.piece__upload").forEach(prepare);
  document.addEventListener("htmx:load", function (event) { event.target.querySelectorAll("form.piece__upload").forEach(prepare); });
})();
