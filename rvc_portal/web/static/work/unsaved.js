/* On the other pages of a file: what this browser still keeps of it and the portal does not have, with the way there. */
(function () {
  "use strict";

  const notice = document.getElementById("unsaved");
  if (!notice) return;
  const LOOK_AGAIN_MS = [300, 6000]; /* a section that was just left may still be on its way */

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
    notice.querySelector("ul").replaceChildren.apply(notice.querySelector("ul"), Array.from(byQuestion.values(), link));
    notice.hidden = byQuestion.size === 0;
  }

  LOOK_AGAIN_MS.forEach(function (delay) { setTimeout(function () { look().catch(function () {}); }, delay); });
})();
