/**
 * compileAcross(fn): a function whose graph averages over the ranks of a job (`allMean`), as a model for each stage between averages.
 * All ranks must call it in step.
 */
import type { TensorTree } from "../graph/grad.js";
import { NdArray } from "./array.js";
import { type Compiled, type CompileOptions, compiled, trace } from "./compile.js";
import type { Session } from "./engine.js";
import { lower } from "./lower/index.js";
import { type Stage, stagesOf } from "./stages.js";

/** The processes that train one model together, as one of them sees them. */
export interface Ranks {
  /** Of this process, from 0. */
  readonly rank: number;
  /** How many there are. */
  readonly size: number;
  /** Replaces the values by their means over all ranks, element by element: the same bits on each. */
  allMean(values: Float32Array): void | Promise<void>;
  /** The leader's bytes, on every rank. @param bytes what rank 0 says; null elsewhere */
  broadcast(bytes: Uint8Array | null): Uint8Array;
}

/** As {@link compile} (`model` is that of the first stage); arrays that enter an average are handed to `ranks`, those of a stage all at once. */
export function compileAcross<A extends readonly TensorTree[], R extends TensorTree>(
  fn: (...args: A) => R,
  ranks: Ranks,
  { name = fn.name || "function", argNames, engine }: CompileOptions = {},
): Compiled<A, R> {
  return compiled<A, R>(
    (args, options) => {
      const { graph, result } = trace(name, fn as unknown as (...args: never[]) => TensorTree, args, "out"); // as in compile
      const stages = stagesOf(graph);
      return {
        models: stages.map((stage) => lower(stage.graph, options)),
        result,
        join: (sessions) => inStages(stages, sessions, ranks),
      };
    },
    argNames,
    engine,
  );
}

const named = (values: Readonly<Record<string, NdArray>>, names: readonly string[]): Record<string, NdArray> =>
  Object.fromEntries(names.map((name) => [name, values[name]!]));

function inStages(stages: readonly Stage[], sessions: readonly Session[], ranks: Ranks): Session {
  const inputs = stages.map(({ graph }) => graph.inputs.map((x) => (x.attrs as { readonly name: string }).name));
  return {
    async run(given) {
      const known = { ...given };
      for (const [i, { averaged }] of stages.entries()) {
        Object.assign(known, await sessions[i]!.run(named(known, inputs[i]!)));
        Object.assign(known, await averages(named(known, averaged), ranks));
      }
      return known;
    },
    async release() {
      for (const session of sessions) await session.release();
    },
  };
}

/** The means of these arrays over all ranks, by one exchange. */
async function averages(values: Readonly<Record<string, NdArray>>, ranks: Ranks): Promise<Record<string, NdArray>> {
  const all = new Float32Array(Object.values(values).reduce((n, { size }) => n + size, 0));
  let at = 0;
  for (const { data } of Object.values(values)) {
    all.set(data, at);
    at += data.length;
  }
  if (at > 0) await ranks.allMean(all);
  at = 0;
  const means: Record<string, NdArray> = {};
  for (const [name, { size, shape }] of Object.entries(values)) {
    means[name] = new NdArray(all.subarray(at, at + size), shape);
    at += size;
  }
  return means;
}
