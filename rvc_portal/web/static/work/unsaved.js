/* On the other pages of a file: what this browser still keeps of it and the portal does not have, with the way there. */
(function () {
  "use strict";

  const notice = document.getElementById("unsaved");
  if (!notice) return;
  const FIRST_MS = 300, AGAIN_MS = 2000; /* what a section that was just left is sending is soon no longer to be told */
  let told = "";

  function link(entry) {
    const item = document.createElement("li");
    const anchor = document.createElement("a");
    anchor.href = notice.dataset.url.replace("SECTION", encodeURIComponent(entry.section)) + "#" + (notice.dataset.anchor || "ask-") + entry.question;
    anchor.textContent = notice.dataset.textQuestion.replace("{number}", entry.number);
    item.append(anchor);
    return item;
  }

  async function look() {
    const entries = await window.rvc.journal.of(notice.dataset.account, notice.dataset.dossier);
    const byQuestion = new Map(entries.map(function (entry) { return [entry.question, entry]; }));
    tell(byQuestion);
    if (byQuestion.size) later(AGAIN_MS);
  }

  /* A list that is as it was stays where it is, and the keyboard in it. */
  function tell(byQuestion) {
    const questions = Array.from(byQuestion.keys()).join();
    if (questions === told) return;
    told = questions;
    notice.querySelector("ul").replaceChildren.apply(notice.querySelector("ul"), Array.from(byQuestion.values(), link));
    notice.hidden = byQuestion.size === 0;
  }

  function later(delay) {
    setTimeout(function () { look().catch(function () {}); }, delay);
  }

  later(FIRST_MS);
})();
