/* One question while somebody writes: every change goes into the journal at once and to the portal after a pause.

   Saves of a question leave one after the other and carry a number (`seq`) of this page (`tab`), so that the portal knows
   a late one whatever the line does to it (rvc_portal/domain/saving.py). */
(function () {
  "use strict";

  const PAUSE_MS = 1000, LONGEST_MS = 8000, PATIENCE_MS = 30000;
  const AGAIN_MS = [1000, 2000, 4000, 8000, 15000, 30000];
  const MOST_KEPT_ALIVE = 60000; /* bytes that a browser sends for a page that is gone */

  class Question {
    constructor(ask, page) {
      this.ask = ask;
      this.page = page;
      this.key = ask.dataset.question;
      this.number = ask.dataset.number;
      this.tab = page.tab;
      this.seq = this.savedSeq = 0;
      this.revision = Number(this.status.dataset.revision || 0);
      this.state = this.status.dataset.state; /* saved, typing, saving, offline, signed-out, conflict, refused */
      this.text = this.snapshot();
      this.sending = null;
      this.failures = 0;
      this.timer = this.longest = 0;
    }

    get status() { return document.getElementById("status-" + this.key); }
    get saved() { return this.seq === this.savedSeq; }
    get stopped() { return this.state === "conflict" || this.state === "refused"; }

    snapshot() { return JSON.stringify(window.rvc.fields.read(this.ask)); }

    /* Something may have been typed. */
    changed() {
      const text = this.snapshot();
      if (this.showing || text === this.text) return;
      this.text = text;
      this.seq += 1;
      this.note();
      if (this.stopped) return;
      this.say("typing", this.page.words.typing);
      this.soon();
    }

    /* Put a text from elsewhere into the fields: nobody has typed it here. */
    show(pairs) {
      this.showing = true;
      window.rvc.fields.show(this.ask, pairs);
      this.showing = false;
      this.text = this.snapshot();
    }

    soon() {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.send(), PAUSE_MS);
      this.longest = this.longest || setTimeout(() => this.send(), LONGEST_MS);
    }

    /* Into the journal; while one entry is on its way to the disk, only the newest waits behind it. */
    async note() {
      if (this.noting) {
        this.noteAgain = true;
        return this.noting;
      }
      this.noting = this.writeDown();
      await this.noting;
      this.noting = null;
      if (this.noteAgain) {
        this.noteAgain = false;
        return this.note();
      }
    }

    async writeDown() {
      try {
        if (this.saved) await window.rvc.journal.remove(this.entry());
        else await window.rvc.journal.put(this.entry());
      } catch (error) {
        this.page.journalFailed();
      }
    }

    entry() {
      return {
        account: this.page.account, dossier: this.page.dossier, question: this.key, tab: this.tab, seq: this.seq,
        base: this.revision, fields: JSON.parse(this.text), section: this.page.section, number: this.number, at: Date.now()
      };
    }

    /* To the portal, now. Resolves true when everything typed so far is kept there. */
    async send(leaving) {
      clearTimeout(this.timer);
      clearTimeout(this.longest);
      this.longest = 0;
      if (this.sending) {
        await this.sending;
        if (!this.saved && this.failures) return false;
      }
      if (this.saved || this.stopped) return this.saved;
      if (!leaving) this.say("saving", this.page.words.saving);
      this.sending = this.exchange(this.seq, leaving);
      await this.sending;
      this.sending = null;
      if (!this.saved && !this.stopped && !this.failures && this.state !== "signed-out") this.soon();
      return this.saved;
    }

    async exchange(seq, leaving) {
      const body = new URLSearchParams(JSON.parse(this.text));
      body.set("base", this.revision);
      body.set("tab", this.tab);
      body.set("seq", seq);
      try {
        const response = await this.page.post(this.page.saveUrl(this.key), body, PATIENCE_MS, leaving && String(body).length < MOST_KEPT_ALIVE);
        await this.answered(response, seq);
      } catch (error) {
        this.failed();
      }
    }

    async answered(response, seq) {
      if (response.status === 200) return this.kept(await response.text(), seq);
      if (response.status === 409) return this.told(await response.text());
      if (response.status === 401 || response.status === 400) {
        this.failures = 0;
        this.say("signed-out", this.page.words.signedOut);
        document.dispatchEvent(new CustomEvent("rvc:signed-out"));
      } else if (response.status === 403 || response.status === 404) {
        this.say("refused", this.page.words.lost);
      } else {
        this.failed();
      }
    }

    failed() {
      this.failures += 1;
      this.say("offline", this.page.words.offline);
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.send(), AGAIN_MS[Math.min(this.failures, AGAIN_MS.length) - 1]);
    }

    kept(html, seq) {
      this.failures = 0;
      this.savedSeq = Math.max(this.savedSeq, seq);
      const typing = !this.saved;
      this.place(html);
      this.corrected();
      this.revision = Number(this.status.dataset.revision);
      this.ask.querySelector("input[name=seen]").value = this.key + ":" + this.revision;
      this.clean();
      this.note();
      if (typing) this.say("typing", this.page.words.typing);
      this.page.look();
    }

    /* Two texts to choose from, or the reason why nothing is kept any more. */
    told(html) {
      this.failures = 0;
      this.place(html);
      const merge = this.status.querySelector("[data-merge]");
      if (merge) merge.hidden = false;
      this.page.look();
    }

    /* The status, and whatever else the portal sends, in the place of what has the same id. */
    place(html) {
      const holder = document.createElement("template");
      holder.innerHTML = html;
      Array.from(holder.content.children).forEach((fresh) => {
        const old = document.getElementById(fresh.id);
        if (old) old.replaceWith(fresh);
        window.rvc.start(fresh);
      });
      this.state = this.status.dataset.state;
    }

    /* A question that a return names is changed now. */
    corrected() {
      const title = this.ask.querySelector(".correction__title"), mark = title && title.querySelector(".changed");
      if (!mark) return;
      mark.className = "changed changed--yes";
      mark.textContent = title.dataset.textChanged;
    }

    /* What was wrong with the text before; what is wrong with this one stands in the status. */
    clean() {
      this.ask.querySelectorAll(".error").forEach((error) => { if (!this.status.contains(error)) error.remove(); });
      this.ask.querySelectorAll("[aria-invalid]").forEach((field) => {
        field.removeAttribute("aria-invalid");
        field.removeAttribute("aria-describedby");
      });
      this.ask.querySelectorAll(".field--wrong").forEach((field) => field.classList.remove("field--wrong"));
    }

    say(state, text) {
      this.state = state;
      const status = this.status;
      status.dataset.state = state;
      ["role", "aria-labelledby", "tabindex"].forEach((name) => status.removeAttribute(name));
      status.classList.remove("two-texts");
      const paragraph = document.createElement("p");
      paragraph.className = "saved saved--" + state;
      paragraph.textContent = text;
      status.replaceChildren(paragraph);
      this.page.look();
    }

    /* --- two texts --- */

    keep() {
      this.revision = Number(this.status.dataset.revision);
      this.text = this.snapshot();
      this.seq += 1;
      this.note();
      this.say("typing", this.page.words.typing);
      return this.send();
    }

    /* Theirs stands already: sent once more it changes nothing, and the portal says how it stands. */
    async take() {
      const mine = JSON.parse(this.snapshot());
      this.show(JSON.parse(this.status.dataset.fields));
      await this.keep();
      this.offerBack(mine);
    }

    /* The choice can be taken back until somebody writes on. */
    offerBack(mine) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button button--plain";
      button.dataset.putBack = "";
      button.textContent = this.page.words.putBack;
      button.addEventListener("click", () => {
        this.show(mine);
        this.keep();
      });
      this.status.append(button);
    }

    merge(button) {
      const area = this.ask.querySelector("textarea, input[type=text]");
      area.value = button.dataset.merge;
      area.dispatchEvent(new Event("input", { bubbles: true }));
      const hint = document.createElement("p");
      hint.className = "hint";
      hint.setAttribute("role", "status");
      hint.textContent = this.page.words.merged;
      button.replaceWith(hint);
      this.status.querySelector("[name=keep]").textContent = this.page.words.keepMerged;
      area.focus();
    }

    /* --- texts from elsewhere --- */

    /* What another page of this browser could not save before it was closed. */
    recover(entry) {
      this.show(entry.fields);
      this.tab = entry.tab;
      this.seq = Math.max(entry.seq, 1);
      this.savedSeq = 0;
      this.revision = entry.base;
      this.say("typing", this.page.words.recovered);
      return this.send();
    }

    /* What somebody else has saved, where nobody is writing here. */
    renew(ask) {
      this.show(window.rvc.fields.read(ask));
      this.place(ask.querySelector(".ask__status").outerHTML);
      this.revision = Number(this.status.dataset.revision);
      this.ask.querySelector("input[name=seen]").value = this.key + ":" + this.revision;
      this.clean();
    }
  }

  window.rvc.Question = Question;
})();
