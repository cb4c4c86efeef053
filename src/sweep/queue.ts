/** Trains the members of a sweep, a few at a time, and goes on where it was left. */
import { metricsOf, type Standing, standingOf, type Training, trainMember } from "./member.js";
import type { Halving, Member, Plan, Variant } from "./plan.js";

export interface QueueOptions extends Omit<Training, "until"> {
  /** Members at a time. */
  readonly jobs: number;
  readonly onMessage: (text: string) => void;
}

/** What became of members that were not trained to the end. */
export interface Outcome {
  readonly failed: ReadonlyMap<Member, string>;
  /** By the rung at which they were left. */
  readonly leftAt: ReadonlyMap<Variant, number>;
}

/** @throws ConfigError before anything is trained where a member's folder holds another run */
export async function runSweep(plan: Plan, options: QueueOptions): Promise<Outcome> {
  const standings = new Map<Member, Standing>();
  for (const member of plan.members) standings.set(member, await standingOf(member));
  const failed = new Map<Member, string>();
  const leftAt = new Map<Variant, number>();
  const { halving } = plan;
  for (const until of [...(halving?.rungs ?? []), null]) {
    const going = plan.members.filter(
      (member) => standings.get(member) !== "done" && !failed.has(member) && !leftAt.has(member.variant),
    );
    await inParallel(going, options.jobs, async (member) => {
      if (options.signal.aborted) return;
      const ending = await trainMember(member, standings.get(member)!, { ...options, until });
      standings.set(member, ending.kind === "done" ? "done" : await standingOf(member));
      if (ending.kind === "failed") failed.set(member, ending.why);
      const text = ending.kind === "failed" ? `failed: ${ending.why}` : ending.kind;
      if (until === null || ending.kind !== "paused") options.onMessage(`${member.name}: ${text}`);
    });
    if (options.signal.aborted) break;
    if (halving === null || until === null) continue;
    const left = await behind(plan, halving, until, leftAt);
    for (const variant of left) leftAt.set(variant, until);
    if (left.length > 0)
      options.onMessage(
        `after ${until} iterations, by ${halving.metric}: left are ${left.map(({ name }) => name).join("; ")}`,
      );
  }
  return { failed, leftAt };
}

/** Does something for each, so many at a time. */
async function inParallel<T>(items: readonly T[], most: number, work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker));
}

/** Variants that are not among the best at this rung. One without any value is behind all. */
async function behind(
  { variants, members }: Plan,
  { metric, best, keep }: Halving,
  rung: number,
  leftAt: ReadonlyMap<Variant, number>,
): Promise<Variant[]> {
  const going = variants.filter((variant) => !leftAt.has(variant));
  const worth = new Map<Variant, number>();
  for (const variant of going) {
    const values: number[] = [];
    for (const { config } of members.filter((member) => member.variant === variant)) {
      const lines = await metricsOf(config).catch(() => []);
      const value = lines.findLast((line) => line.kind === "validation" && line.iteration <= rung)?.[metric];
      if (typeof value === "number" && Number.isFinite(value)) values.push(best === "highest" ? value : -value);
    }
    worth.set(
      variant,
      values.length === 0 ? Number.NEGATIVE_INFINITY : values.reduce((a, b) => a + b, 0) / values.length,
    );
  }
  const ranked = [...going].sort((a, b) => worth.get(b)! - worth.get(a)!);
  return ranked.slice(Math.ceil(keep * going.length));
}
