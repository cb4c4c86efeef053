/**
 * One rank leads, which keeps the run; the others follow: they take its state, and train in step with it.
 *
 * Before each call of the trainer the leader says what comes. That the weights are the same on all ranks, bit for bit, is looked at
 * as training goes: where they are not, the ranks would no longer train one model.
 */
import { leaves, mapTree } from "../graph/index.js";
import { hash128 } from "../runtime/hash.js";
import { isArray, NdArray, type Ranks } from "../runtime/index.js";
import { type MetricTraces, type Snapshot, Trainer, type TrainerArrays, type TrainerOptions } from "./trainer.js";

/** The ranks no longer agree. */
export class RanksError extends Error {
  override readonly name = "RanksError";
}

/** What the leader says. */
type Order =
  | { readonly kind: "advance"; readonly count: number; readonly rateFactor: number }
  | { readonly kind: "restore"; readonly counters: Snapshot["counters"] }
  | { readonly kind: "end" };

/** Iterations after which weights are compared. */
const COMPARED = 100;

const bytesOf = ({ data }: NdArray): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** The trainer of rank 0: what it does the others do, too. */
export class LeadingTrainer extends Trainer {
  constructor(
    options: TrainerOptions,
    private readonly ranks: Ranks,
  ) {
    super({ ...options, ranks });
  }

  override async advance(count: number): Promise<MetricTraces> {
    this.say({ kind: "advance", count, rateFactor: this.rateFactor });
    const traces = await super.advance(count);
    await compare(this, count, this.ranks);
    return traces;
  }

  override restore(snapshot: Snapshot): void {
    super.restore(snapshot);
    this.say({ kind: "restore", counters: snapshot.counters });
    for (const [, x] of leaves(snapshot.arrays, isArray)) this.ranks.broadcast(bytesOf(x));
  }

  override async release(): Promise<void> {
    this.say({ kind: "end" });
    await super.release();
  }

  private say(order: Order): void {
    this.ranks.broadcast(new TextEncoder().encode(JSON.stringify(order)));
  }
}

/** Trains along with the leader until it ends. @param trainer made as the leader's, of the same configuration and data */
export async function follow(trainer: Trainer, ranks: Ranks): Promise<void> {
  for (;;) {
    const order = JSON.parse(new TextDecoder().decode(ranks.broadcast(null))) as Order; // which the leader wrote
    if (order.kind === "end") return;
    if (order.kind === "restore")
      trainer.restore({ counters: order.counters, arrays: received(trainer.snapshot.arrays, ranks) });
    else {
      trainer.rateFactor = order.rateFactor;
      await trainer.advance(order.count);
      await compare(trainer, order.count, ranks);
    }
  }
}

/** Arrays in the structure of these, from the leader. */
const received = (arrays: TrainerArrays, ranks: Ranks): TrainerArrays =>
  mapTree<TrainerArrays, NdArray, NdArray>(arrays, isArray, (x) => {
    const bytes = ranks.broadcast(null).slice();
    const data = new (x.data.constructor as new (buffer: ArrayBuffer) => typeof x.data)(bytes.buffer);
    return new NdArray(data, x.shape, x.dtype);
  }) as TrainerArrays;

/** @throws RanksError, on all ranks, where weights differ from the leader's. Looks only where a multiple of {@link COMPARED} was passed. */
async function compare({ iteration, state }: Trainer, count: number, ranks: Ranks): Promise<void> {
  if (Math.floor(iteration / COMPARED) === Math.floor((iteration - count) / COMPARED)) return;
  const own = fingerprint(state);
  const leaders = ranks.broadcast(ranks.rank === 0 ? own : null);
  const differs = Float32Array.of(own.every((byte, i) => byte === leaders[i]) ? 0 : 1);
  await ranks.allMean(differs);
  if (differs[0]! > 0)
    throw new RanksError(
      `at iteration ${iteration} the weights of ${Math.round(differs[0]! * ranks.size)} of ${ranks.size} ranks are not the leader's: ` +
        "are all of one version, on processors of one kind? Continue from the last checkpoint with --resume",
    );
}

/** Of all weights. */
function fingerprint({ energy, generator }: Trainer["state"]): Uint8Array {
  const parts = leaves([energy.params, generator?.params ?? {}], isArray).map(([, x]) => bytesOf(x));
  const all = new Uint8Array(parts.reduce((n, { length }) => n + length, 0));
  let at = 0;
  for (const bytes of parts) {
    all.set(bytes, at);
    at += bytes.length;
  }
  return new Uint8Array(Uint32Array.from(hash128(all)).buffer);
}
