/** What a sweep found: for each of its settings the results over seeds, and how they differ from the first, seed by seed. */
import { mean, standardDeviation } from "../runtime/numbers.js";
import { metricsOf, minutesOf } from "./member.js";
import type { Member, Plan, Variant } from "./plan.js";
import type { Outcome } from "./queue.js";

/** Of one variant and one metric, over the seeds that have it. */
export interface Cell {
  readonly mean: number;
  /** Standard deviation over seeds; null of one. */
  readonly deviation: number | null;
  /** Mean over seeds of the difference from the first variant with the same seed, and its standard error; null of the first itself, or without pairs. */
  readonly difference: { readonly mean: number; readonly error: number | null } | null;
}

export interface Row {
  readonly variant: Variant;
  readonly seeds: number;
  /** By metric of the test split; absent where no seed has it. */
  readonly cells: Readonly<Record<string, Cell>>;
  /** Why seeds are missing: left at a rung, failed, not trained. */
  readonly missing: string | null;
}

export interface Results {
  readonly metrics: readonly string[];
  readonly rows: readonly Row[];
}

export type Values = Readonly<Record<string, number>>;

/**
 * @param only these metrics; empty for all that tests report, and `minutes` that training took
 * @param beside what else was measured of a finished member
 */
export async function resultsOf(
  { variants, members }: Plan,
  only: readonly string[],
  { failed, leftAt }: Outcome,
  beside: (member: Member) => Promise<Values> = async () => ({}),
): Promise<Results> {
  const tested = new Map<Variant, Map<number, Values>>(variants.map((variant) => [variant, new Map()]));
  const failures = new Map<Variant, number>();
  for (const member of members) {
    const lines = await metricsOf(member.config).catch(() => []);
    const test = lines.findLast(({ kind }) => kind === "test");
    if (test !== undefined) {
      const minutes = await minutesOf(member.config);
      const all = { ...numbersOf(test), ...(minutes !== null && { minutes }), ...(await beside(member)) };
      tested.get(member.variant)!.set(member.seed, all);
    } else if (failed.has(member)) failures.set(member.variant, (failures.get(member.variant) ?? 0) + 1);
  }
  const found = [...new Set([...tested.values()].flatMap((seeds) => [...seeds.values()].flatMap(Object.keys)))];
  const metrics = only.length > 0 ? only : found;
  const first = tested.get(variants[0]!)!;
  const rows = variants.map((variant): Row => {
    const own = tested.get(variant)!;
    const cells = metrics.flatMap((metric) => {
      const cell = cellOf(metric, own, variant === variants[0] ? null : first);
      return cell === null ? [] : [[metric, cell] as const];
    });
    const rung = leftAt.get(variant);
    const of = members.filter((member) => member.variant === variant).length;
    const missing =
      own.size === of
        ? null
        : rung !== undefined
          ? `left after ${rung} iterations`
          : failures.has(variant)
            ? `${failures.get(variant)} failed`
            : `${of - own.size} not trained`;
    return { variant, seeds: own.size, cells: Object.fromEntries(cells), missing };
  });
  return { metrics, rows };
}

const numbersOf = ({ iteration: _, ...values }: Readonly<Record<string, number | string>>): Values =>
  Object.fromEntries(Object.entries(values).filter((entry): entry is [string, number] => typeof entry[1] === "number"));

function cellOf(
  metric: string,
  own: ReadonlyMap<number, Values>,
  first: ReadonlyMap<number, Values> | null,
): Cell | null {
  const values = [...own.values()].map((seed) => seed[metric]).filter((v) => v !== undefined);
  if (values.length === 0) return null;
  const pairs = [...own].flatMap(([seed, { [metric]: value }]) => {
    const other = first?.get(seed)?.[metric];
    return value === undefined || other === undefined ? [] : [value - other];
  });
  const deviation = sampleDeviation(pairs);
  return {
    mean: mean(values),
    deviation: sampleDeviation(values),
    difference:
      pairs.length === 0
        ? null
        : { mean: mean(pairs), error: deviation === null ? null : deviation / Math.sqrt(pairs.length) },
  };
}

/** Of what the values are a sample of; null of fewer than two. */
const sampleDeviation = (values: readonly number[]): number | null =>
  values.length < 2 ? null : standardDeviation(values) * Math.sqrt(values.length / (values.length - 1));
