/** A model that is held ready to be asked: its probe, what it is compared with, and what is missing of that. */
import { DataError, type Preprocessing, type TablePreprocessing } from "../../data/index.js";
import type { TrainedRun } from "../../runs/index.js";
import { type NdArray, Programs } from "../../runtime/index.js";
import { type Calibration, calibrationFor, operatingPoint } from "../../score/calibration.js";
import { explain } from "../../score/explain.js";
import { Probe } from "../../score/probe.js";
import { referenceRows } from "../../score/reference-rows.js";
import type { ScoreOptions } from "../../score/score.js";

/** Of data like the training data, so much is flagged: as of `vera score`. */
export const RATE = 0.05;

export class HeldModel {
  private readonly programs = new Programs();

  private constructor(
    readonly probe: Probe,
    readonly calibration: Calibration | null,
    /** Training rows to compare with `[N, …event]`. */
    readonly reference: NdArray | null,
    readonly notes: readonly string[],
  ) {
    this.programs.own(probe);
  }

  /** Takes what the run's data tells; where that is not there any more, a note says so. */
  static async of(run: TrainedRun): Promise<HeldModel> {
    const probe = new Probe(run);
    const notes: string[] = [];
    const onNote = (text: string) => notes.push(text);
    const withoutData = async <T>(what: string, made: Promise<T>): Promise<T | null> =>
      made.catch((cause: Error) => {
        if (!(cause instanceof DataError)) throw cause;
        notes.push(`${what}: ${cause.message}`);
        return null;
      });
    const calibration = await withoutData("no surprise, no flag", calibrationFor(probe, RATE, { onNote }));
    const reference = await withoutData("no training rows to compare with", referenceRows(run, { onNote }));
    return new HeldModel(probe, calibration, reference, notes);
  }

  get run(): TrainedRun {
    return this.probe.run;
  }

  get kind(): "table" | "points" | "image" {
    return kindOf(this.run.info.data.preprocessing);
  }

  /** Columns and levels; points are plain numbers under the names of their axes. @throws TypeError for pictures */
  get table(): TablePreprocessing {
    const { preprocessing, shape } = this.run.info.data;
    if (preprocessing.kind === "table") return preprocessing;
    if (preprocessing.kind === "image") throw new TypeError("the model takes pictures, which have no columns");
    const names = shape[0] === 2 ? ["x", "y"] : Array.from({ length: shape[0]! }, (_, j) => `x${j + 1}`);
    const columns = names.map((name) => ({ kind: "numeric", name, mean: 0, std: 1, missing: 0 }) as const);
    return { kind: "table", columns, dropped: [], label: null };
  }

  /** How it scores. @param reasons with columns, of models of tables */
  scoring({ reasons }: { readonly reasons: boolean }): ScoreOptions {
    const { calibration, reference, probe, run } = this;
    const explains = reasons && reference !== null && run.info.data.preprocessing.kind === "table";
    return {
      ...(calibration !== null && operatingPoint(calibration, RATE)),
      ...(explains && { explain: (x: NdArray) => explain(probe, x, reference) }),
    };
  }

  release(): Promise<void> {
    return this.programs.release();
  }
}

const kindOf = ({ kind }: Preprocessing): "table" | "points" | "image" => (kind === "none" ? "points" : kind);
