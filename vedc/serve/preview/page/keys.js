// Keys, as editors know them.

/** What a key does, by the names of the actions in main.js. */
const KEYS = {
  " ": "toggle", k: "stop", l: "faster", j: "backwards",
  ArrowLeft: "back", ArrowRight: "forward", ",": "back", ".": "forward",
  "<": "second-back", ">": "second-forward",
  ArrowUp: "cut-before", ArrowDown: "cut-after", Home: "home", End: "end",
  i: "mark-in", o: "mark-out", x: "clear", p: "next-problem", m: "mute",
  "+": "zoom-in", "=": "zoom-in", "-": "zoom-out", 0: "zoom-fit",
  "?": "help", Escape: "unselect",
};
const SHIFTED = { ArrowLeft: "second-back", ArrowRight: "second-forward" };

/** Call `act(name)` for the keys pressed anywhere but in fields and dialogs. */
export function listen(act) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const { target } = event;
    if (target.closest("input, textarea, select, dialog")) return;
    // A button that was reached by Tab is pressed by Space, as everywhere; items are by Enter.
    if (event.key === " " && target.matches("button:focus-visible:not([data-id])")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const name = (event.shiftKey && SHIFTED[key]) || KEYS[key];
    if (!name) return;
    event.preventDefault();
    act(name);
  });
}
