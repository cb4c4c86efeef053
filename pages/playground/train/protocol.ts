/** What passes between the page and the worker of one method. */
import type { Method, Settings } from "../settings/settings.js";

/** Points along each side of the grid that densities are normalised and drawn on. */
export const SIDE = 96;

/** Lines of z, each way, and points along one. */
export const WARP = { lines: 13, points: 41 } as const;

/** A state of training, as it is shown. Arrays are flat; points are `[x, y, …]`. */
export interface Frame {
  readonly iteration: number;
  /** log p on the grid, normalised over it: row by row from the bottom. */
  readonly logDensity: Float32Array;
  /** Mean of -log p over test points. */
  readonly nll: number;
  readonly samples: Float32Array;
  /** g on lines of constant z₁, then of constant z₂; null without a generator. */
  readonly warp: Float32Array | null;
  /** ∇f at places of a coarse grid: `[x, y, dx, dy, …]`. */
  readonly score: Float32Array;
  /** c ≈ -∇ log q at some samples: `[x, y, dx, dy, …]`; null without a generator. */
  readonly entropy: Float32Array | null;
  /** Milliseconds of an iteration, of late. */
  readonly pace: number;
}

/** Marks of a phase: points, or lines from where to where `[x, y, x', y', …]`. */
export interface Mark {
  readonly kind: "data" | "sample" | "draw" | "weight" | "uphill" | "spread";
  readonly shape: "points" | "lines" | "arrows";
  readonly at: Float32Array;
  /** Of points: their areas, from 0 to 1. */
  readonly weights?: Float32Array;
  readonly label: string;
}

export interface Phase {
  readonly marks: readonly Mark[];
  /** What is known of it, by names of quantities. */
  readonly numbers: readonly (readonly [name: string, value: number])[];
  /** By how much log p changed, on the grid. */
  readonly change?: Float32Array;
}

/** One iteration, taken apart: draw, weigh, move. */
export interface Parts {
  readonly iteration: number;
  readonly phases: readonly [draw: Phase, weigh: Phase, move: Phase];
}

export type Order =
  | { readonly kind: "begin"; readonly method: Method; readonly settings: Settings; readonly engine: EngineChoice }
  | { readonly kind: "run" }
  | { readonly kind: "pause" }
  /** One iteration, taken apart. */
  | { readonly kind: "step" };

export interface EngineChoice {
  readonly provider: "wasm" | "webgpu";
  readonly threads: number;
  /** Folder of the engine's files. */
  readonly files: string;
}

export type News =
  | { readonly kind: "ready"; readonly engine: string; readonly data: Float32Array }
  | { readonly kind: "frame"; readonly frame: Frame }
  | { readonly kind: "parts"; readonly parts: Parts }
  | { readonly kind: "failed"; readonly why: string };
