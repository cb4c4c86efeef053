/** The rows of scaling.ts, and what is measured of each. */
import type { ConfigSources } from "../src/runs/index.js";

export interface Row {
  readonly title: string;
  readonly settings: ConfigSources;
}

/** Batches are those of each rank. */
export const ROWS: Readonly<Record<string, Row>> = {
  mnist: { title: "`mnist` (batch 64)", settings: { preset: "mnist", flags: {} } },
  dcgan: { title: "DCGAN 32×32 (batch 64)", settings: { flags: { dataset: "cifar10", batchSize: 64 } } },
};

export type Norm = "synchronised" | "local";

/** Of one iteration, by the first rank. */
export interface Measured {
  readonly milliseconds: number;
  /** Of these, in exchanges: also until the other ranks are there. */
  readonly waited: number;
  readonly exchanges: number;
  /** That a rank gives, and gets as many. */
  readonly bytes: number;
}
