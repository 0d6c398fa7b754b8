// Symbols: the desk's own, on a grid of 16.

import { s } from "./dom.js";

const PATHS = {
  back: ["M9.5 3.5L5 8L9.5 12.5"],
  check: ["M3 8.5L6.5 12L13 4.5"],
  clock: ["M8 2.2A5.8 5.8 0 1 0 8 13.8A5.8 5.8 0 1 0 8 2.2", "M8 4.6V8L10.4 9.6"],
  close: ["M3.5 3.5L12.5 12.5M12.5 3.5L3.5 12.5"],
  flag: ["M4 14V2.5H12L10.2 5.5L12 8.5H4"],
  go: ["M2.5 8H13M8.5 3.5L13 8L8.5 12.5"],
  note: ["M2.5 3H13.5V10.5H8L5 13.5V10.5H2.5Z"],
  pin: ["M8 14.2C5 10.6 3.5 8.5 3.5 6.3A4.5 4.5 0 0 1 12.5 6.3C12.5 8.5 11 10.6 8 14.2Z", "M8 4.8A1.6 1.6 0 1 0 8 8A1.6 1.6 0 1 0 8 4.8"],
  recall: ["M5.5 3L2.5 6L5.5 9M2.5 6H10A3.5 3.5 0 0 1 10 13H7"],
  send: ["M2.5 8L13.5 3L10.5 13.5L7.5 9Z"],
  user: ["M8 2.5A2.7 2.7 0 1 0 8 7.9A2.7 2.7 0 1 0 8 2.5", "M2.8 14A5.2 5.2 0 0 1 13.2 14"],
  warn: ["M8 2.2L14.5 13.5H1.5ZM8 6.5V9.7M8 11V12"],
};

/** A symbol of `side` pixels, in the colour of the text round it. */
export function icon(name, side = 20) {
  const paths = PATHS[name].map((d) => s("path", { d }));
  return s("svg.icon", { viewBox: "0 0 16 16", width: side, height: side, "aria-hidden": "true" }, paths);
}

/** An incident's ring: filled, thick, thin or broken by its priority, with the digit. */
export function ring(priority, side = 44) {
  const circle = s("circle", { cx: 16, cy: 16, r: priority === 1 ? 14 : 13 });
  const digit = s("text", { x: 16, y: 21, "text-anchor": "middle" }, String(priority));
  return s(`svg.ring.p${priority}`, { viewBox: "0 0 32 32", width: side, height: side, "aria-hidden": "true" }, circle, digit);
}

/** A compass: north up, and an arrow towards the place. */
export function dial(bearing, north) {
  const arrow = s("path.needle", { d: "M24 15L31 36L24 32L17 36Z", transform: `rotate(${Math.round(bearing)} 24 28)` });
  return s("svg.dial", { viewBox: "0 0 48 48", width: 64, height: 64, "aria-hidden": "true" },
    s("circle", { cx: 24, cy: 28, r: 18.5 }),
    s("path.mark", { d: "M24 9.5V13M42.5 28H39M24 46.5V43M5.5 28H9" }),
    arrow,
    s("text", { x: 24, y: 7.5, "text-anchor": "middle" }, north));
}
