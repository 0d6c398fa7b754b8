// What is asked before a step that takes words: how it ended, or why it cannot be done.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { say } from "./words.js";

const REASONS = ["busy", "far", "gear", "unwell"];

export function finishSheet(id) {
  return h("form", { id: "finish", "data-id": id, novalidate: true },
    h("h2", {}, say("sheet.finish")),
    h("p.hint", {}, say("sheet.finish_how")),
    h("textarea", { name: "text", rows: 4, maxlength: 2000, "aria-label": say("sheet.finish"), placeholder: say("sheet.finish_hint") }),
    h("button.primary", { type: "submit" }, icon("check", 24), say("do.done")),
    h("button", { type: "button", "data-act": "cancel" }, say("sheet.cancel")));
}

export function helpSheet() {
  return h("form", { id: "help", novalidate: true },
    h("h2", {}, say("help.title")),
    h("p.hint", {}, say("help.how")),
    h("button.primary.danger", { type: "submit" }, icon("warn", 24), say("help.go")),
    h("button", { type: "button", "data-act": "cancel" }, say("sheet.cancel")));
}

export function refuseSheet(id) {
  return h("form", { id: "refuse", "data-id": id, novalidate: true },
    h("h2", {}, say("sheet.refuse")),
    h("p.hint", {}, say("sheet.refuse_how")),
    h("div.choices", {}, REASONS.map((reason) => (
      h("button", { type: "button", "data-act": "reason", "data-words": say(`reason.${reason}`) }, say(`reason.${reason}`))))),
    h("textarea", { name: "text", rows: 2, maxlength: 2000, "aria-label": say("sheet.refuse"), placeholder: say("sheet.refuse_hint") }),
    h("p.fault", { id: "refuse-fault", hidden: true }, icon("warn", 20), h("span", {}, say("sheet.refuse_empty"))),
    h("button.primary", { type: "submit" }, icon("send", 22), say("sheet.refuse_go")),
    h("button", { type: "button", "data-act": "cancel" }, say("sheet.cancel")));
}
