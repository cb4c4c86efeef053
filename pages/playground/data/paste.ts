/** Two columns of numbers from text that was pasted, brought to the plane that is shown. */
import { MOST_POINTS, RADIUS, rounded } from "../settings/points.js";

export interface Pasted {
  /** Flat `[x, y, …]`, scaled. */
  readonly points: readonly number[];
  /** What was done, in words. */
  readonly said: string;
}

/** Standard deviations of a column become so much: about three of them are then inside the plane. */
const SPREAD = 1.5;

const shown = (v: number): string => Number(v.toPrecision(4)).toString();

/** Numbers of each line's first two fields; a first line without numbers is a header. */
function rowsOf(text: string): { rows: [number, number][]; unread: number } {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const rows: [number, number][] = [];
  let unread = 0;
  lines.forEach((line, i) => {
    const decimalComma = !line.includes(".") && line.includes(";");
    const fields = line.trim().split(line.includes(";") ? /\s*;\s*/ : /[\s,]+/);
    const [x, y] = fields.map((f) => (f === "" ? Number.NaN : Number(decimalComma ? f.replace(",", ".") : f)));
    if (x !== undefined && y !== undefined && Number.isFinite(x) && Number.isFinite(y)) rows.push([x, y]);
    else if (i > 0) unread++;
  });
  return { rows, unread };
}

/** Every so manieth row, spread evenly over all, so that there are at most as many as an address holds. */
const thinned = <T>(rows: readonly T[]): readonly T[] =>
  rows.length <= MOST_POINTS
    ? rows
    : Array.from({ length: MOST_POINTS }, (_, i) => rows[Math.floor((i * rows.length) / MOST_POINTS)]!);

/**
 * Each column less its mean, divided by its standard deviation, times 1.5; rows that are then outside of the plane are left out.
 * @throws RangeError with what is wrong, for people
 */
export function pasted(text: string): Pasted {
  const { rows, unread } = rowsOf(text);
  if (rows.length < 10) throw new RangeError(`Found ${rows.length} rows of two numbers; give 10 or more.`);
  const moments = ([0, 1] as const).map((c) => {
    const mean = rows.reduce((a, r) => a + r[c], 0) / rows.length;
    const std = Math.sqrt(rows.reduce((a, r) => a + (r[c] - mean) ** 2, 0) / rows.length);
    return { mean, std };
  });
  if (moments.some(({ std }) => !(std > 0)))
    throw new RangeError("A column is the same everywhere: it has no density.");
  const scaled = thinned(rows).map((row) => row.map((v, c) => (SPREAD * (v - moments[c]!.mean)) / moments[c]!.std));
  const inside = scaled.filter((row) => row.every((v) => Math.abs(v) <= RADIUS));
  const left = scaled.length - inside.length;
  const columns = moments.map(
    ({ mean, std }, c) => `${"xy"[c]} = ${SPREAD} · (column ${c + 1} − ${shown(mean)}) / ${shown(std)}`,
  );
  const notes = [
    `${inside.length} points; ${columns.join(", ")} (mean and standard deviation)`,
    ...(rows.length > MOST_POINTS
      ? [`every ${shown(rows.length / MOST_POINTS)}th of ${rows.length} rows was taken`]
      : []),
    ...(left > 0 ? [`${left} rows beyond ±${RADIUS} were left out`] : []),
    ...(unread > 0 ? [`${unread} lines had no two numbers`] : []),
  ];
  return { points: rounded(inside.flat()), said: `${notes.join("; ")}.` };
}
