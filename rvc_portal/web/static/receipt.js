/* Instants of a receipt in the reader's own zone, to the second, where that is another than the call's. */
(function () {
  "use strict";
  var zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  var how = { dateStyle: "long", timeStyle: "medium", timeZone: zone };
  var written = new Intl.DateTimeFormat(document.documentElement.lang, how);
  document.querySelectorAll("[data-local-second]").forEach(function (row) {
    if (zone === row.dataset.localSecond || zone === "UTC" || zone === "Etc/UTC") return;
    var time = row.querySelector("time");
    time.textContent = written.format(new Date(time.dateTime)) + " (" + zone + ")";
    row.hidden = false;
  });
})();
