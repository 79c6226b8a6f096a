/* What is typed, kept in this browser until the portal has confirmed it: one entry for each question and open page.

   An entry: {account, dossier, question, tab, seq, base, fields, section, number, at}; `fields` as rvc.fields reads them. */
(function () {
  "use strict";

  const NAME = "rvc", STORE = "unsaved";
  let opening = null;

  function open() {
    opening = opening || new Promise(function (resolve, reject) {
      const request = window.indexedDB.open(NAME, 1);
      request.onupgradeneeded = function () {
        request.result.createObjectStore(STORE, { keyPath: ["account", "dossier", "question", "tab"] });
      };
      request.onsuccess = function () { resolve(request.result); };
      request.onerror = function () { reject(request.error); };
    });
    return opening;
  }

  /* Resolves when what was written has reached the disk: a browser that is killed afterwards has it still. */
  async function act(mode, work) {
    const database = await open();
    return new Promise(function (resolve, reject) {
      const transaction = database.transaction(STORE, mode, { durability: "strict" });
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = function () { resolve(request.result); };
      transaction.onerror = transaction.onabort = function () { reject(transaction.error); };
    });
  }

  function put(entry) {
    return act("readwrite", function (store) { return store.put(entry); });
  }

  function remove(entry) {
    return act("readwrite", function (store) {
      return store.delete([entry.account, entry.dossier, entry.question, entry.tab]);
    });
  }

  function of(account, dossier) {
    return act("readonly", function (store) {
      return store.getAll(IDBKeyRange.bound([account, dossier], [account, dossier, []]));
    });
  }

  /* A page holds a lock in its name as long as it is open; who gets the lock of another knows that it is closed. */
  function claim(tab) {
    if (!navigator.locks) return Promise.resolve(true);
    return new Promise(function (resolve) {
      navigator.locks.request("rvc-tab-" + tab, { ifAvailable: true }, function (lock) {
        resolve(lock !== null);
        return lock === null ? undefined : new Promise(function () {});
      });
    });
  }

  window.rvc.journal = { put: put, remove: remove, of: of, claim: claim };
})();
