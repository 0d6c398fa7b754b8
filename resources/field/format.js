// Times, ages and distances in words.

import { say } from "./words.js";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** The clock's hours and minutes; the day too when it is not today. */
export function timeOf(ms, now) {
  const at = new Date(ms);
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}`;
  const isToday = new Date(now).toDateString() === at.toDateString();
  return isToday ? clock : `${at.getMonth() + 1}-${two(at.getDate())} ${clock}`;
}

/** How long ago. */
export function ageOf(ms, now) {
  const age = Math.max(0, now - ms);
  if (age < MINUTE_MS) return say("age.now");
  if (age < 60 * MINUTE_MS) return say("age.minutes", { count: Math.floor(age / MINUTE_MS) });
  if (age < DAY_MS) return say("age.hours", { count: Math.floor(age / (60 * MINUTE_MS)) });
  return say("age.days", { count: Math.floor(age / DAY_MS) });
}

/** "460 m", "3.4 km". */
export function distanceOf(metres) {
  if (metres < 1000) return say("way.metres", { count: metres < 100 ? Math.round(metres) : Math.round(metres / 10) * 10 });
  return say("way.kilometres", { count: (metres / 1000).toFixed(metres < 10_000 ? 1 : 0) });
}

function two(number) {
  return String(number).padStart(2, "0");
}
