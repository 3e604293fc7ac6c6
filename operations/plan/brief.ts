/**
 * Two texts in so much room that what differs is seen: of long ones that begin alike, the beginning goes. Each keeps its end mark, so that `→ nothing`
 * is never lost behind a long value. Pure.
 */
export function brief(from: string, to: string, room = 90): [string, string] {
  const shared = commonStart(from, to);
  const start = Math.max(from.length, to.length) > room && shared > 30 ? shared - 20 : 0;
  const shown = (text: string): string => {
    const rest = start === 0 ? text : `…${text.slice(start)}`;
    return rest.length <= room ? rest : `${rest.slice(0, room - 1)}…`;
  };
  return [shown(from), shown(to)];
}

function commonStart(a: string, b: string): number {
  let at = 0;
  while (at < Math.min(a.length, b.length) && a[at] === b[at]) at += 1;
  return at;
}
