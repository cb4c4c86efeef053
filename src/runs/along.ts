/** A run that several ranks train: rank 0 keeps it, and tells the others what it is; they load the data, each for itself. */
import * as v from "valibot";
import { checkedJson } from "../files/read-back.js";
import type { Ranks } from "../runtime/index.js";
import { follow } from "../train/lead.js";
import { ConfigError, restoredConfig, type TrainConfig, type TrainResult } from "./config/index.js";
import { readCheckpoint } from "./folder/checkpoint.js";
import { onEngineOf } from "./setup/engine.js";
import { fitAll, storedFits } from "./setup/fits.js";
import { setup } from "./setup/setup.js";
import { refuseToShare } from "./setup/share.js";
import { checkUnchanged, loadData } from "./setup/source.js";

/** What the others must know beside the data. */
interface Begun {
  readonly config: TrainConfig;
  /** Which the run goes on from, null for its beginning. */
  readonly checkpoint: string | null;
  /** Of the leader's data. */
  readonly data: string;
}

/** Says to the others what is trained. @throws ConfigError where ranks cannot share it */
export function lead(ranks: Ranks, begun: Begun): void {
  refuseToShare(begun.config, ranks);
  ranks.broadcast(new TextEncoder().encode(JSON.stringify(begun)));
}

const BEGUN = v.object({
  config: v.record(v.string(), v.unknown()),
  checkpoint: v.nullable(v.string()),
  data: v.string(),
});

/** Trains along with rank 0 until it ends. @throws DataError where the data here is other than there */
export async function trainAlong(ranks: Ranks): Promise<TrainResult> {
  const said = new TextDecoder().decode(ranks.broadcast(null));
  const refuse = (problem: string) =>
    new ConfigError(`what rank 0 says cannot be read (${problem}): start one version of vera on all`);
  const { checkpoint, data, ...begun } = checkedJson(BEGUN, said, refuse);
  const config = restoredConfig(begun.config, "what rank 0 says");
  return onEngineOf(config, async () => {
    const dataset = await loadData(config);
    checkUnchanged(dataset, data, `give rank ${ranks.rank} the files that rank 0 has`);
    const fits =
      checkpoint === null
        ? await fitAll(config, dataset)
        : storedFits(config, (await readCheckpoint(checkpoint)).tensors, dataset, checkpoint);
    const { trainer, iterations } = setup(config, dataset, fits, ranks);
    try {
      await follow(trainer, ranks);
    } finally {
      await trainer.release();
    }
    return { iteration: trainer.iteration, iterations };
  });
}
