/** What passes between the page and the worker that trains on digits. */
import type { EngineChoice } from "../train/protocol.js";

/** Pixels along a side, and the value of white. */
export const DIGIT_SIDE = 8;
export const WHITE = 16;
export const PIXELS = DIGIT_SIDE ** 2;

/** Iterations until the model is good; further ones help little. */
export const ENOUGH = 1000;

export type DigitsOrder =
  | { readonly kind: "begin"; readonly file: string; readonly seed: number; readonly engine: EngineChoice }
  | { readonly kind: "run" }
  | { readonly kind: "pause" }
  /** What a drawing is: 64 numbers from 0 to 16. */
  | { readonly kind: "ask"; readonly pixels: readonly number[] };

export interface Progress {
  readonly iteration: number;
  /** Of test digits, share told rightly. */
  readonly accuracy: number;
  /** Expected calibration error of the test digits. */
  readonly ece: number;
  /** T of softmax(logits / T), fitted to the validation digits. */
  readonly temperature: number;
  /** f of the validation digits, ascending. */
  readonly heldout: readonly number[];
  /** Digits of the generator, 64 numbers from -1 to 1 each. */
  readonly samples: Float32Array;
  /** Milliseconds of training so far. */
  readonly spent: number;
}

export interface Answer {
  /** p(y | x), calibrated. */
  readonly probabilities: readonly number[];
  readonly logDensity: number;
  /** Share of held-out digits that are more likely. */
  readonly surprise: number;
}

export type DigitsNews =
  /** A few digits of the test split, 64 numbers from 0 to 16 each. */
  | { readonly kind: "ready"; readonly examples: readonly (readonly number[])[] }
  | { readonly kind: "progress"; readonly progress: Progress }
  | { readonly kind: "answer"; readonly answer: Answer }
  | { readonly kind: "failed"; readonly why: string };
