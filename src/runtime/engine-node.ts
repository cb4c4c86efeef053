/** Running models on Node, with the native ONNX Runtime. */
import { AsyncLocalStorage } from "node:async_hooks";
import { availableParallelism } from "node:os";
import { conv2d } from "../graph/primitives/conv.js";
import { input } from "../graph/tensor.js";
import type { NdArray } from "./array.js";
import { type Engine, EngineError, findEngineBy, type Session } from "./engine.js";
import { type CreateSession, loadLoop } from "./loop.js";
import { lower } from "./lower/index.js";
import { encodeModel } from "./onnx.js";
import { message, type TensorConstructor, wrapSession } from "./session.js";
import { FIXED } from "./streams.js";

/** Where models run: the CPU, or a graphics card by WebGPU or CUDA. */
export type NodeProvider = "cpu" | "webgpu" | "cuda";

export interface NodeEngineOptions {
  /** Default `cpu`. */
  readonly provider?: NodeProvider;
  /** Threads that one operation may use. Default: one per core. */
  readonly threads?: number;
}

const scopes = new AsyncLocalStorage<Engine>();
findEngineBy(() => scopes.getStore());

/** Calls `body`; all that is compiled and loaded meanwhile, by it and by what it calls, runs on the engine. Others, side by side, keep theirs. */
export const onEngine = <T>(engine: Engine, body: () => T): T => scopes.run(engine, body);

const WAY_OUT: Readonly<Record<NodeProvider, string>> = {
  cpu: "",
  webgpu: "it needs a graphics card with a Vulkan, Metal or DirectX 12 driver; use the cpu provider otherwise",
  cuda: "it needs an NVIDIA card, its driver, CUDA 12 with cuDNN 9, and onnxruntime-node's CUDA add-on (`ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node --ignore-scripts=false`); use the cpu provider otherwise",
};

/** An engine on this machine. A provider that the machine lacks is reported when the first model is loaded. */
export function nodeEngine({ provider = "cpu", threads = availableParallelism() }: NodeEngineOptions = {}): Engine {
  const create: CreateSession = async (model, options) => {
    // Not before it is needed: a program that imports the package may never run a model.
    const { InferenceSession, Tensor } = await import("onnxruntime-node");
    try {
      const session = await InferenceSession.create(model, {
        executionProviders: [provider],
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        logSeverityLevel: 3,
        ...options,
      });
      // ONNX Runtime overloads its constructor by type; here the type goes with the data at run time.
      return [session, Tensor as unknown as TensorConstructor] as const;
    } catch (cause) {
      const why =
        provider === "cpu"
          ? "the model was refused"
          : `the ${provider} provider is not available on this machine: ${WAY_OUT[provider]}`;
      throw new EngineError(`${why} (${message(cause)})`, { cause });
    }
  };
  const load = async (model: Uint8Array): Promise<Session> => wrapSession(...(await create(model, {})));
  return {
    description: `onnxruntime-node ${provider}, ${threads} thread${threads === 1 ? "" : "s"}`,
    lowering: async () => (provider === "cpu" ? { block: await blockSize(load) } : { card: provider === "webgpu" }),
    load,
    ...(provider === "webgpu" && { loadLoop: (loop) => loadLoop(create, loop) }),
  };
}

let knownBlock: Promise<number | undefined> | undefined;

/**
 * Channels per block of this processor's convolution kernels: the size with which a blocked convolution gives the
 * values of a plain one. Tried once per process.
 */
function blockSize(load: Engine["load"]): Promise<number | undefined> {
  knownBlock ??= (async () => {
    for (const block of [16, 8]) {
      try {
        if (await blockWorks(load, block)) return block;
      } catch {
        // Kernels that are not there are no fault: the plain ones do the same.
      }
    }
    return undefined;
  })();
  return knownBlock;
}

async function blockWorks(load: Engine["load"], block: number): Promise<boolean> {
  const rng = FIXED.for("trial of blocked kernels");
  const [x, w] = [rng.normal([1, 32, 8, 8]), rng.normal([32, 32, 3, 3])];
  const run = async (size: number | undefined): Promise<NdArray> => {
    const inputs = [input("x", x), input("w", w)] as const;
    const y = conv2d(...inputs, { padding: 1 });
    const session = await load(encodeModel(lower({ name: "probe", inputs, outputs: [["y", y]] }, { block: size })));
    const { y: value } = await session.run({ x, w });
    await session.release();
    return value!;
  };
  const [plain, blocked] = [await run(undefined), await run(block)];
  return plain.data.every((v, i) => Math.abs(v - blocked.data[i]!) <= 1e-3);
}
