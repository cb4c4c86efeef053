/** Trains the members of a sweep, a few at a time, and goes on where it was left. Other processes may train others meanwhile. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { FolderLock } from "../files/index.js";
import { Claims } from "./claims.js";
import { metricsOf, type Standing, standingOf, stoppedAt, type Training, trainMember } from "./member.js";
import type { Halving, Member, Plan, Variant } from "./plan.js";

export interface QueueOptions extends Omit<Training, "until" | "logs"> {
  /** Of the sweep. */
  readonly folder: string;
  /** Members at a time. */
  readonly jobs: number;
  readonly onMessage: (text: string) => void;
  /** It tells what all processes of the sweep know, too. */
  readonly leads: boolean;
}

/** What became of members that were not trained to the end. */
export interface Outcome {
  readonly failed: ReadonlyMap<Member, string>;
  /** By the rung at which they were left. */
  readonly leftAt: ReadonlyMap<Variant, number>;
}

/** Milliseconds between looks at what other processes have left. */
const LOOK = 1000;

/**
 * Returns when all are trained, or left, or have failed, whichever process did it.
 * @throws ConfigError before anything is trained where a member's folder holds another run
 */
export async function runSweep(plan: Plan, options: QueueOptions): Promise<Outcome> {
  for (const member of plan.members) await standingOf(member);
  const claims = await Claims.open(join(options.folder, "queue"));
  const failed = new Map<Member, string>();
  const leftAt = new Map<Variant, number>();
  const { halving } = plan;
  for (const until of [...(halving?.rungs ?? []), null]) {
    const going = plan.members.filter((member) => !failed.has(member) && !leftAt.has(member.variant));
    await trainAll(going, until, claims, failed, options);
    if (options.signal.aborted) break;
    if (halving === null || until === null) continue;
    const left = await behind(plan, halving, until, leftAt);
    for (const variant of left) leftAt.set(variant, until);
    if (left.length > 0 && options.leads)
      options.onMessage(
        `after ${until} iterations, by ${halving.metric}: left are ${left.map(({ name }) => name).join("; ")}`,
      );
  }
  return { failed, leftAt };
}

/** Until each member has come to `until`, or to its end; those that fail are added to `failed`. */
async function trainAll(
  members: readonly Member[],
  until: number | null,
  claims: Claims,
  failed: Map<Member, string>,
  options: QueueOptions,
): Promise<void> {
  const { signal, jobs, folder, onMessage } = options;
  const waiting = new Set(members);
  const running = new Set<Promise<void>>();
  let told = false;

  const train = async ({ member, standing, claim }: Taken): Promise<void> => {
    await claims.clear(member);
    const ending = await trainMember(member, standing, { ...options, logs: join(folder, "logs"), until });
    if (ending.kind === "failed") {
      failed.set(member, ending.why);
      await claims.fail(member, ending.why);
    }
    await claim.release();
    const text = ending.kind === "failed" ? `failed: ${ending.why}` : ending.kind;
    if (until === null || ending.kind !== "paused") onMessage(`${member.name}: ${text}`);
  };
  try {
    while (waiting.size > 0 && !signal.aborted) {
      if (running.size >= jobs) {
        await Promise.race(running);
        continue;
      }
      const next = await nextOf(waiting, until, claims, failed);
      if (next !== null) {
        const work = train(next).finally(() => running.delete(work));
        running.add(work);
      } else if (waiting.size > 0) {
        if (running.size === 0 && options.leads && !told) {
          onMessage("other processes train what is left: waiting for them");
          told = true;
        }
        await Promise.race([...running, sleep(LOOK, undefined, { signal }).catch(() => {})]);
      }
    }
  } finally {
    await Promise.all(running);
  }
}

interface Taken {
  readonly member: Member;
  readonly standing: Standing;
  readonly claim: FolderLock;
}

/** Takes the first that is nobody's, and takes it and those that need no more training from those that wait; null where others have them all. */
async function nextOf(
  waiting: Set<Member>,
  until: number | null,
  claims: Claims,
  failed: Map<Member, string>,
): Promise<Taken | null> {
  /** Where it stands if it is to be trained. */
  const look = async (member: Member): Promise<Standing | null> => {
    const why = await claims.failure(member);
    if (why !== null) failed.set(member, why);
    const standing = await standingOf(member);
    const reached = until !== null && standing === "begun" && (await stoppedAt(member.config)) >= until;
    return why !== null || standing === "done" || reached ? null : standing;
  };
  for (const member of waiting) {
    if (await claims.isHeld(member)) continue;
    if ((await look(member)) === null) {
      waiting.delete(member);
      continue;
    }
    const claim = await claims.take(member);
    if (claim === null) continue;
    const standing = await look(member); // another may have had it in between
    waiting.delete(member);
    if (standing !== null) return { member, standing, claim };
    await claim.release();
  }
  return null;
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
