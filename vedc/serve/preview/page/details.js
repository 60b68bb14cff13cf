// The panel beside the picture: what is wrong, and what is known of what is selected.

import { byId, make } from "./dom.js";

const WORDS = { error: "Error", warning: "Warning", note: "Note" };

const placeOf = (problem) => (problem.file ? `${problem.file}:${problem.line}:${problem.column}` : "");

/** List all problems; `go(problem)` is called for a click on one that concerns an item. */
export function showProblems(problems, go) {
  const counted = problems.filter((problem) => problem.severity !== "note");
  byId("problem-count").textContent = counted.length;
  byId("problem-count").dataset.kind = worstOf(counted) ?? "";
  const list = byId("problems");
  if (!problems.length) {
    list.replaceChildren(make("li", "none", {}, "The spec is valid."));
    return;
  }
  list.replaceChildren(
    ...problems.map((problem) => {
      const known = problem.items.length > 0;
      const body = make(known ? "button" : "div", "problem", known ? { type: "button" } : {}, ...told(problem));
      if (known) body.addEventListener("click", () => go(problem));
      return make("li", "", { "data-severity": problem.severity }, body);
    }),
  );
}

function told(problem) {
  const { text } = problem;
  return [
    make("span", "head", {}, make("b", "", {}, WORDS[problem.severity]), " ", make("span", "place", {}, placeOf(problem))),
    make("span", "message", {}, problem.message),
    text && make("code", "source", {}, text.before.trimStart(), make("mark", "", {}, text.at || " "), text.after),
    problem.hint && make("span", "hint", {}, problem.hint),
  ];
}

/** The errors over the picture, while it shows an older film or none. */
export function showOver(problems, film) {
  const errors = problems.filter((problem) => problem.severity === "error");
  const over = byId("over");
  over.hidden = !errors.length;
  if (!errors.length) return;
  const lead = film ? "This is the film as it was last valid." : "There is no film to show yet.";
  over.replaceChildren(
    make("p", "lead", {}, lead),
    ...errors.slice(0, 2).map((problem) => make("p", "", {}, make("span", "place", {}, placeOf(problem)), " ", problem.message)),
    ...(errors.length > 2 ? [make("p", "more", {}, `and ${errors.length - 2} more`)] : []),
  );
}

export const worstOf = (problems) =>
  ["error", "warning"].find((severity) => problems.some((problem) => problem.severity === severity));

/** Show what is known of an item, a join, a sound, a caption or a decision. */
export function showDetails(thing, film, select) {
  const panel = byId("details");
  if (!thing || !film) {
    panel.replaceChildren(make("p", "none", {}, "Select an item on the timeline."));
    return;
  }
  const parts = [make("h3", "", {}, make("span", "kind", { "data-kind": thing.kind }, thing.kind), " ", thing.label)];
  if (thing.place) parts.push(make("p", "place", {}, `${thing.place.file}:${thing.place.line}:${thing.place.column}`));
  if (thing.facts?.length) {
    parts.push(make("dl", "", {}, ...thing.facts.flatMap(([name, value]) => [make("dt", "", {}, name), make("dd", "", {}, value)])));
  }
  if ("reasons" in thing) parts.push(...decision(thing, film));
  else parts.push(...decisionsAt(thing, film, select));
  panel.replaceChildren(...parts);
}

/** The decisions about what is seen while an item is. */
function decisionsAt(thing, film, select) {
  const found = film.decisions.filter((each) => each.start < thing.end && each.end > thing.start);
  if (!found.length) return [];
  const list = found.map((each) => {
    const button = make("button", "link", { type: "button" }, each.label);
    button.addEventListener("click", () => select(each));
    return make("li", "", {}, button);
  });
  return [make("h4", "", {}, "Decided here"), make("ul", "decisions", {}, ...list)];
}

/** Why something was decided: the reasons for and against, which add up to the score. */
function decision(thing, film) {
  const parts = [make("p", "asked", {}, `asked by ${thing.asked_by}`)];
  if (thing.edited) {
    parts.push(make("p", "edited", {}, "Edited by hand: score and reasons are those of vedc's own choice."));
  }
  const counted = thing.reasons.filter((reason) => reason.points).sort((a, b) => Math.abs(b.points) - Math.abs(a.points));
  const most = Math.max(...counted.map((reason) => Math.abs(reason.points)), 0.01);
  if (counted.length) {
    parts.push(
      make(
        "table",
        "reasons",
        {},
        make(
          "tbody",
          "",
          {},
          ...counted.map((reason) => {
            const bar = make("i", "", { "data-sign": reason.points < 0 ? "against" : "for" });
            bar.style.width = `${(Math.abs(reason.points) / most) * 100}%`;
            return make(
              "tr",
              "",
              {},
              make("th", "", { scope: "row" }, reason.name),
              make("td", "points", {}, `${reason.points < 0 ? "−" : "+"}${Math.abs(reason.points).toFixed(2)}`),
              make("td", "bar", { "aria-hidden": "true" }, bar),
              make("td", "value", {}, reason.value),
            );
          }),
        ),
      ),
    );
  }
  const plain = thing.reasons.filter((reason) => !reason.points);
  if (plain.length) parts.push(make("ul", "plain", {}, ...plain.map((reason) => make("li", "", {}, reason.name))));
  parts.push(make("p", "score", {}, thing.score === null ? "No score: there were no alternatives." : `score ${thing.score.toFixed(2)}`));
  if (thing.instead.length) {
    parts.push(make("h4", "", {}, "Alternatives"), make("ul", "plain", {}, ...thing.instead.map((text) => make("li", "", {}, text))));
  }
  const made = Object.entries(thing.by).map(([name, version]) => `${name} ${version}`.trim());
  if (made.length) parts.push(make("p", "by", {}, `found by ${made.join(", ")}`));
  if (!film.locked) parts.push(make("p", "by", {}, "Not in vedc.lock yet: vedc lock writes it."));
  return parts;
}
