/** How near two computations of the same training are, and how near they must be. */
import { expect } from "vitest";
import { distance } from "./named-numbers.js";
import type { Computed, Recorded } from "./step.js";

const relative = (a: number, b: number): number => (a === b ? 0 : Math.abs(a - b) / Math.abs(b));

export interface Differences {
  /** Largest relative difference of a loss: in the first iteration, and in those that follow. */
  readonly losses: readonly [first: number, later: number];
  /** Of the gradients' squares, as Adam's second moments have them: the worst tensor's. */
  readonly squares: number;
  /** Of the updates: a whole network's. */
  readonly updates: number;
  /** Of batch norm's buffers: the worst tensor's. */
  readonly buffers: number;
}

/** Biases before batch norm have no gradient but rounding errors, of which Adam's first step makes a whole step in a random direction. */
const ROUNDING = 1e-10;

export function differences(computed: Computed, recorded: Recorded): Differences {
  const losses = recorded.losses.map((each, i) =>
    Math.max(
      0,
      ...Object.entries(each).map(([name, value]) => relative(computed.losses[i]![name as keyof typeof each]!, value)),
    ),
  );
  /** Relative differences of the tensors of a network that `chosen` takes; norms count as a hundredth of all together at least. */
  const tensors = (prefix: string, chosen: (name: string) => boolean = () => true) => {
    const names = Object.keys(recorded.sketches).filter(
      (name) => name.startsWith(prefix) && computed.sketches.has(name) && chosen(name),
    );
    const norm = (name: string) => recorded.sketches[name]![0]!;
    const all = Math.hypot(...names.map(norm));
    const gap = (name: string) => distance(computed.sketches.get(name)!, recorded.sketches[name]!);
    return {
      worst: Math.max(0, ...names.map((name) => gap(name) / (Math.max(norm(name), 0.01 * all) || 1))),
      together: Math.hypot(...names.map(gap)) / (all || 1),
    };
  };
  const trained = ["energy", "generator"] as const;
  const squareOf = (name: string) => recorded.sketches[name.replace("update", "square")]?.[0] ?? 0;
  const greatest = (part: string) =>
    Math.max(
      ...Object.keys(recorded.sketches)
        .filter((n) => n.startsWith(`square|${part}`))
        .map(squareOf),
    );
  return {
    losses: [losses[0]!, Math.max(...losses.slice(1))],
    squares: Math.max(...trained.map((part) => tensors(`square|${part}`).worst)),
    updates: Math.max(
      ...trained.map(
        (part) => tensors(`update|${part}`, (name) => squareOf(name) > ROUNDING * greatest(part)).together,
      ),
    ),
    buffers: Math.max(...trained.map((part) => tensors(`buffer|${part}`).worst)),
  };
}

/**
 * - Losses of the first iteration: networks agree to 1e-6, and a generator's loss is the difference of terms up to a hundred times its size.
 * - Gradients, squared: through many layers, some behind batch norm, whose gradients are differences, too. The generator's come after the
 *   model's step.
 * - Updates: with β₁ = 0 Adam's first step is lr · sign(gradient): an entry whose gradient is of the size of its rounding error goes the
 *   other way, and one in 10⁵ makes 2 · √10⁻⁵ = 0.006 of the update's norm.
 * - Later losses, and batch norm's buffers after the model's step, see that difference.
 */
const TOLERANCES: Differences = { losses: [1e-4, 5e-4], squares: 2e-3, updates: 3e-2, buffers: 2e-3 };

/** All that moved there is here, and differences are within {@link TOLERANCES}. */
export function expectAgreement(computed: Computed, recorded: Recorded): void {
  const moved = Object.entries(recorded.sketches).filter(([, [norm]]) => norm !== 0);
  expect(moved.map(([name]) => name).filter((name) => !computed.sketches.has(name))).toEqual([]);
  const found = differences(computed, recorded);
  expect(found.losses[0], "losses of the first iteration").toBeLessThan(TOLERANCES.losses[0]);
  expect(found.losses[1], "losses of the later iterations").toBeLessThan(TOLERANCES.losses[1]);
  for (const what of ["squares", "updates", "buffers"] as const)
    expect(found[what], what).toBeLessThan(TOLERANCES[what]);
}
