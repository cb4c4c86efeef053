/** Running models in web pages (and workers), with ONNX Runtime compiled to WebAssembly or on WebGPU. */
import { type Engine, EngineError } from "./engine.js";
import { type CreateSession, loadLoop } from "./loop.js";
import { message, type TensorConstructor, wrapSession } from "./session.js";

/** Where models run: the processor by WebAssembly, or the graphics card by WebGPU. */
export type WebProvider = "wasm" | "webgpu";

export interface WebEngineOptions {
  /** Default `wasm`. */
  readonly provider?: WebProvider;
  /**
   * Threads that one operation may use. Default: one per core, at most four. A page that is not cross-origin isolated
   * (headers COOP `same-origin` and COEP `require-corp`) gets one thread whatever is asked for.
   */
  readonly threads?: number;
  /**
   * URL of the folder with the `.wasm` and `.mjs` files of `onnxruntime-web/dist`, ending in a slash. By default they are
   * looked for beside the script, where most bundlers put them.
   */
  readonly wasmPaths?: string;
}

type Ort = typeof import("onnxruntime-web");

/** ONNX Runtime holds threads and paths for the whole page and reads them once: the first model fixes them. */
interface Settings {
  readonly threads: number;
  readonly wasmPaths: string | undefined;
}
const loaded = new Map<WebProvider, Settings & { readonly ort: Promise<Ort> }>();

/**
 * An engine in this page. What the page lacks is reported when the first model is loaded, except for threads: those fall
 * back to one, and `description` says so.
 */
export function webEngine({ provider = "wasm", threads, wasmPaths }: WebEngineOptions = {}): Engine {
  const wanted = threads ?? Math.min(4, globalThis.navigator?.hardwareConcurrency ?? 1);
  const used = globalThis.crossOriginIsolated ? wanted : 1;
  const fallback =
    threads !== undefined && used < threads ? ` (${threads} need a page that is cross-origin isolated)` : "";
  const create: CreateSession = async (model, options) => {
    if (provider === "webgpu") await requireWebGpu();
    const ort = await runtime(provider, { threads: used, wasmPaths });
    try {
      const asked = { executionProviders: [provider], logSeverityLevel: 3, ...options } as const;
      const session = await ort.InferenceSession.create(model, asked);
      // ONNX Runtime overloads its constructor by type; here the type goes with the data at run time.
      return [session, ort.Tensor as unknown as TensorConstructor] as const;
    } catch (cause) {
      const hint = wasmPaths === undefined ? "; if files were not found, set wasmPaths" : "";
      throw new EngineError(`onnxruntime-web ${provider} did not load the model (${message(cause)})${hint}`, { cause });
    }
  };
  return {
    description: `onnxruntime-web ${provider}, ${used} thread${used === 1 ? "" : "s"}${fallback}`,
    lowering: async () => ({ card: provider === "webgpu" }),
    load: async (model) => wrapSession(...(await create(model, {}))),
    ...(provider === "webgpu" && { loadLoop: (loop) => loadLoop(create, loop) }),
  };
}

/** Each provider has its own build of ONNX Runtime; a page fetches only what it uses. */
function runtime(provider: WebProvider, settings: Settings): Promise<Ort> {
  const known = loaded.get(provider);
  if (known !== undefined) {
    if (known.threads === settings.threads && known.wasmPaths === settings.wasmPaths) return known.ort;
    throw new EngineError(
      `the page already runs ${provider} with ${known.threads} threads and files from ${known.wasmPaths ?? "beside the script"}; ` +
        "other settings need a page or worker of their own",
    );
  }
  const start = async () => {
    const ort: Ort = await (provider === "wasm" ? import("onnxruntime-web/wasm") : import("onnxruntime-web/webgpu"));
    ort.env.wasm.numThreads = settings.threads;
    if (settings.wasmPaths !== undefined) ort.env.wasm.wasmPaths = settings.wasmPaths;
    return ort;
  };
  const entry = { ...settings, ort: start() };
  loaded.set(provider, entry);
  return entry.ort;
}

/** @throws EngineError where the page has no WebGPU or no graphics card that it may use. */
async function requireWebGpu(): Promise<void> {
  const { gpu } = globalThis.navigator ?? {};
  if (gpu === undefined) {
    throw new EngineError(
      "WebGPU is not available in this page: it needs https (or localhost) and a browser that has it; use the wasm provider otherwise",
    );
  }
  if ((await gpu.requestAdapter()) === null) {
    throw new EngineError(
      "WebGPU is not available in this page: the browser offers no graphics adapter; use the wasm provider",
    );
  }
}
