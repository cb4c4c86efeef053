/** The rows of steps.ts, and what is reported of them. */
import { readFileSync } from "node:fs";

/** Settings of a row, the same for PyTorch: steps.json. */
export interface Row {
  readonly title: string;
  /** Shape of one example. */
  readonly event: readonly number[];
  /** 0: no labels. */
  readonly classes: number;
  readonly batch: number;
  readonly noise: number;
  readonly lr: number;
  readonly entropyWeight: number;
  readonly pgControl: number;
  /** How many times faster than the original it should be, on the CPU. */
  readonly goal?: number;
  /** Of the Wide ResNet. Default 2. */
  readonly widen?: number;
  /** Too large to be measured on a CPU. */
  readonly cardOnly?: boolean;
}

export const ROWS = JSON.parse(readFileSync(new URL("steps.json", import.meta.url), "utf8")) as Record<string, Row>;

/** What a child process reports. */
export interface Report {
  /** Milliseconds per iteration, of each measurement. */
  readonly times: readonly number[];
  readonly peakMb: number;
  readonly parameters: number;
  readonly engine: string;
  /** Milliseconds of the first call, in which the model is built and loaded. */
  readonly first?: number;
  /** Iterations per call. */
  readonly scan?: number;
  /** Bytes of the state. */
  readonly stateBytes?: number;
  /** Of the first iterations, of the density model and of the generator. */
  readonly losses?: readonly (readonly [number, number])[];
  /** Megabytes of the card's memory at the peak. */
  readonly cardMb?: number;
}
