// Pages work without this file. It makes them pleasant: pickers, keyboard, one click once.

// A form is sent once: the second click finds the button disabled. Coming back to the page enables it again.
addEventListener("submit", (event) => {
  for (const button of event.target.querySelectorAll("button:not([type=button])")) {
    setTimeout(() => { button.disabled = true; });
  }
});
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button[disabled]:not([data-off])")) button.disabled = false;
});

// data-shortcut="n" on a link or button: that key alone, where nobody is typing.
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
  const target = document.querySelector(`[data-shortcut="${CSS.escape(event.key.toLowerCase())}"]`);
  if (target) { event.preventDefault(); target.focus(); target.click(); }
});

// A filter applies when it is chosen; a form that does something waits for its button.
for (const select of document.querySelectorAll("form.filters[method=get] select")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}

// Print buttons.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// data-picker="/divisions/search" on a text input: suggestions below it; the chosen one's code goes to the hidden
// input named by data-picks. The server understands the text alone as well.
for (const input of document.querySelectorAll("input[data-picker]")) {
  const hidden = input.form.elements[input.dataset.picks];
  const list = document.createElement("ul");
  list.className = "pick";
  list.id = `${input.name}-options`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "候选");
  list.hidden = true;
  input.after(list);
  input.setAttribute("role", "combobox");
  input.setAttribute("autocomplete", "off");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);
  let asked = 0, at = -1;
  const close = () => { list.hidden = true; at = -1; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };
  const choose = (option) => { input.value = option.dataset.label; hidden.value = option.dataset.value; close(); };
  const mark = (next) => {
    const options = [...list.children];
    if (!options.length) return;
    at = (next + options.length) % options.length;
    options.forEach((option, index) => option.setAttribute("aria-selected", String(index === at)));
    input.setAttribute("aria-activedescendant", options[at].id);
  };
  input.addEventListener("input", async () => {
    hidden.value = "";
    const text = input.value.trim(), turn = ++asked;
    if (!text) return close();
    let found;
    try {
      const answer = await fetch(`${input.dataset.picker}?q=${encodeURIComponent(text)}`, { headers: { accept: "application/json" } });
      if (!answer.ok) return close();
      found = await answer.json();
    } catch { return close(); }
    if (turn !== asked) return;
    list.replaceChildren(...found.map((one, index) => {
      const option = document.createElement("li");
      option.id = `${list.id}-${index}`;
      option.setAttribute("role", "option");
      option.dataset.value = one.value;
      option.dataset.label = one.label;
      const button = document.createElement("button");
      button.type = "button";
      button.tabIndex = -1;
      const strong = document.createElement("b");
      strong.textContent = one.label;
      button.append(strong, one.note ? ` ${one.note}` : "");
      option.append(button);
      option.addEventListener("mousedown", (event) => { event.preventDefault(); choose(option); });
      return option;
    }));
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    at = -1;
  });
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown") { event.preventDefault(); mark(at + 1); }
    else if (event.key === "ArrowUp") { event.preventDefault(); mark(at - 1); }
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && at >= 0) { event.preventDefault(); choose(list.children[at]); }
  });
  input.addEventListener("blur", () => setTimeout(close, 100));
}
