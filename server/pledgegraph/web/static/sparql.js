// Puts the editor in place of the plain form. Without JavaScript the form stays and works.
"use strict";

(() => {
  const root = document.getElementById("editor");
  const form = document.getElementById("query-form");
  const field = document.getElementById("query");
  if (!root || !form || !window.Yasgui) return;

  root.hidden = false;
  form.hidden = true;
  const yasgui = new window.Yasgui(root, {
    requestConfig: { endpoint: new URL(root.dataset.endpoint, location.href).href, method: "POST" },
    endpointCatalogueOptions: { getData: () => [] },
    copyEndpointOnNewTab: false,
    populateFromUrl: false,
    persistenceId: "pledgegraph",
    yasqe: { value: field.value, createShareableLink: share },
  });

  // A link to a query opens that query, whatever the browser remembers of the last visit.
  if (root.dataset.given === "yes") show(field.value);

  function show(query) {
    const tab = yasgui.getTab() || yasgui.addTab(true);
    tab.setQuery(query);
    tab.getYasqe()?.focus();
  }

  function share(yasqe) {
    return `${location.origin}${location.pathname}?${new URLSearchParams({ query: yasqe.getValue() })}`;
  }

  for (const link of document.querySelectorAll("[data-query]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      show(new URL(link.href).searchParams.get("query"));
      root.scrollIntoView();
    });
  }

  // Keyboard: Tab leaves the editor instead of being caught in it, and what scrolls can be reached and scrolled.
  const mended = new WeakSet();
  function mend() {
    const tab = yasgui.getTab();
    const yasqe = tab && tab.getYasqe();
    if (yasqe && !mended.has(yasqe)) {
      mended.add(yasqe);
      yasqe.setOption("extraKeys", { ...yasqe.getOption("extraKeys"), Tab: false, "Shift-Tab": false });
      yasqe.getInputField().setAttribute("aria-label", "SPARQL query");
    }
    for (const box of root.querySelectorAll(".yasr_results, .yasr_results .CodeMirror-scroll, .errorMessage")) {
      if (mended.has(box)) continue;
      mended.add(box);
      box.tabIndex = 0;
      box.setAttribute("role", "region");
      box.setAttribute("aria-label", "Results");
    }
  }
  new MutationObserver(() => requestAnimationFrame(mend)).observe(root, { childList: true, subtree: true });
  mend();
})();
