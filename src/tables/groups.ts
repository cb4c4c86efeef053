/** Columns that one statement works on: the database keeps some vectors for each, and of thousands it would need gigabytes. */
const TOGETHER = 400;

export function groupsOf<T>(list: readonly T[]): (readonly T[])[] {
  const groups: (readonly T[])[] = [];
  for (let at = 0; at < list.length; at += TOGETHER) groups.push(list.slice(at, at + TOGETHER));
  return groups;
}
