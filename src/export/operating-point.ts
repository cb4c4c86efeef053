/** Where decisions are made: the temperature of probabilities, and the log-density below which an input is not from the data. */
import { DataError } from "../data/index.js";
import type { TrainedRun } from "../runs/index.js";
import { calibrationFor, readCalibration, thresholdAt } from "../score/calibration.js";
import { Probe } from "../score/probe.js";

export interface OperatingPoint {
  /** Probabilities are softmax(logits / temperature). 1 where none was fitted. */
  readonly temperature: number;
  /** Inputs with a log-density below it are out of distribution; null where there was nothing to fit it on. */
  readonly oodThreshold: number | null;
}

/** Share of data like the validation split that the threshold takes for something else. */
const FALSE_ALARM_RATE = 0.05;

/**
 * The run's calibration (`calibration.json`), made and stored where there is none yet. Without the run's data the model keeps its
 * own probabilities and has no threshold, and `note` is told why.
 * @throws DataError where there is a calibration of the checkpoint that is not as it was written
 */
export async function operatingPoint(run: TrainedRun, note: (text: string) => void): Promise<OperatingPoint> {
  await readCalibration(run); // a wrong one is not to be passed over like data that is missing
  try {
    const calibration = await calibrationFor(new Probe(run), FALSE_ALARM_RATE, { onNote: note });
    const oodThreshold = thresholdAt(calibration, FALSE_ALARM_RATE) ?? null;
    if (oodThreshold === null) note("no threshold for out-of-distribution inputs: the validation split is too small");
    return { temperature: calibration.temperature ?? 1, oodThreshold };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    note(`not calibrated, and no threshold for out-of-distribution inputs: ${error.message}`);
    return { temperature: 1, oodThreshold: null };
  }
}
