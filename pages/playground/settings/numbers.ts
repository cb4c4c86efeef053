/** The numbers that can be set: their ranges, their defaults, and what they are called in the text. */
import type { Method } from "./settings.js";

export interface NumberSetting {
  readonly label: string;
  /** What it is in the equations. */
  readonly symbol?: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** The method that has it; absent: all. */
  readonly of?: Method;
}

/** The defaults bring VERA within 0.1 nats of the entropy of 8gaussians in a few hundred iterations (bench/playground.ts). */
export const NUMBERS = {
  seed: { label: "Seed", value: 1, min: 0, max: 999_999, step: 1 },
  batch: { label: "Batch size", symbol: "B", value: 200, min: 20, max: 500, step: 20 },
  rate: { label: "Learning rate of f", value: 0.003, min: 0.0001, max: 0.02, step: 0.0001 },
  width: { label: "Width of f", value: 64, min: 8, max: 128, step: 8 },
  depth: { label: "Hidden layers of f", value: 3, min: 1, max: 5, step: 1 },
  entropy: { label: "Weight of the entropy", symbol: "λ", value: 1, min: 0, max: 2, step: 0.1, of: "vera" },
  generatorRate: { label: "Learning rate of g", value: 0.001, min: 0.0001, max: 0.01, step: 0.0001, of: "vera" },
  posterior: { label: "Posterior draws", symbol: "J", value: 10, min: 2, max: 40, step: 1, of: "vera" },
  draws: { label: "Draws for the weights (0: none)", symbol: "M", value: 200, min: 0, max: 500, step: 50, of: "vera" },
  chain: { label: "Langevin steps", symbol: "K", value: 10, min: 1, max: 40, step: 1, of: "sgld" },
  noise: { label: "Noise of a step", symbol: "s", value: 0.3, min: 0.01, max: 0.5, step: 0.01, of: "sgld" },
  restart: { label: "Chains begun anew", value: 0.05, min: 0, max: 0.5, step: 0.01, of: "sgld" },
  scale: { label: "Scale of the walk", symbol: "t", value: 0.3, min: 0.05, max: 2, step: 0.05, of: "ed" },
  negatives: { label: "Negatives", symbol: "M", value: 8, min: 1, max: 32, step: 1, of: "ed" },
} as const satisfies Record<string, NumberSetting>;

export type NumberName = keyof typeof NUMBERS;
export const NUMBER_NAMES = Object.keys(NUMBERS).filter((name): name is NumberName => Object.hasOwn(NUMBERS, name));

export const rangeOf = (name: NumberName): NumberSetting => NUMBERS[name];

/** The value of the range that is nearest; the default where it is no number. */
export function inRange(name: NumberName, value: number): number {
  const { min, max, step, value: usual } = rangeOf(name);
  if (!Number.isFinite(value)) return usual;
  const steps = Math.round((Math.min(max, Math.max(min, value)) - min) / step);
  return Math.min(max, Number((min + steps * step).toPrecision(6)));
}
