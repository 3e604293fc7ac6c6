const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
] as const;

/** `2026-11-21 18:21 (3 h ago)`: when something was, in UTC, and how long ago. */
export function didSo(time: string, now: Date): string {
  return `${time.slice(0, 16).replace("T", " ")} (${ago(now.getTime() - Date.parse(time))})`;
}

/** `3 h ago`. */
export function ago(milliseconds: number): string {
  const unit = units.find(([, length]) => milliseconds >= length);
  return unit === undefined ? "just now" : `${Math.floor(milliseconds / unit[1])} ${unit[0]} ago`;
}
