/* The address of a clause: its link leads to it, and with a script lays it on the clipboard as well. */
"use strict";

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-copy]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !navigator.clipboard) return;
  try {
    await navigator.clipboard.writeText(link.href);
  } catch {
    return; // not allowed: the link has led there, and its address stands in the browser
  }
  const words = link.dataset.copied;
  document.getElementById("copied").textContent = words;
  const label = link.querySelector("span");
  if (link.dataset.was) return;
  link.dataset.was = "told";
  const told = document.createElement("span");
  told.className = "agreed__told";
  told.setAttribute("aria-hidden", "true");
  told.textContent = words;
  label.after(told);
  setTimeout(() => {
    told.remove();
    delete link.dataset.was;
    document.getElementById("copied").textContent = "";
  }, 2500);
});
