/**
 * compile(fn): a function of trees of symbolic tensors, made callable with arrays.
 *
 * At the first call with arguments of given structure, shapes and types the function is traced to a graph, simplified, lowered to
 * one ONNX model and loaded; later calls with the same signature only run it.
 */
import { isTensor, type TensorTree } from "../graph/grad.js";
import { simplify } from "../graph/simplify.js";
import { input, type Tensor, type TensorType } from "../graph/tensor.js";
import { leaves, mapTree, type Tree } from "../graph/tree.js";
import { full, NdArray } from "./array.js";
import { defaultEngine, type Engine, type LoopModel, type Session } from "./engine.js";
import { loopSession } from "./loop.js";
import { type Graph, type LowerOptions, lower } from "./lower/index.js";
import { encodeModel, type OnnxModel } from "./onnx.js";

/** What a compiled function takes for an argument of type `T`: arrays for tensors, or numbers for scalars. (Trees of any structure are not followed.) */
export type Feed<T> = [TensorTree] extends [T]
  ? Tree<NdArray | number>
  : T extends Tensor
    ? NdArray | number
    : { readonly [K in keyof T]: Feed<T[K]> };
/** What a compiled function returns for a result of type `T`. */
export type Fetch<T> = [TensorTree] extends [T]
  ? Tree<NdArray>
  : T extends Tensor
    ? NdArray
    : { -readonly [K in keyof T]: Fetch<T[K]> };
/** The arguments of a compiled function. */
export type Feeds<A extends readonly unknown[]> = { [I in keyof A]: Feed<A[I]> };

export interface CompileOptions {
  /** Name of the function: of the ONNX graph, and in messages. Default: the function's own. */
  readonly name?: string;
  /** Names of the arguments, for the model's inputs. Default `arg0`, `arg1`, … */
  readonly argNames?: readonly string[];
  /** Default: {@link defaultEngine}. */
  readonly engine?: Engine;
}

/** A compiled function: call it, or take its models. */
export interface Compiled<A extends readonly unknown[], R> {
  (...args: Feeds<A>): Promise<Fetch<R>>;
  /** The ONNX model for arguments of this signature; their values do not matter. */
  model(args: Feeds<A>, options?: LowerOptions): OnnxModel;
  /** The same, encoded: the content of an `.onnx` file. */
  onnx(args: Feeds<A>, options?: LowerOptions): Uint8Array<ArrayBuffer>;
  /** Frees all sessions, once their calls are done. The function can be called again and will load anew. */
  release(): Promise<void>;
  /** The same, at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Signatures whose models are kept loaded: the one used longest ago goes first. */
const KEPT = 16;

/**
 * Compiles a function of trees of tensors. Arguments and results are trees: records and lists with tensors at the leaves.
 *
 * @example
 * const step = compile((params: Params, x: Tensor) => sgd(params, grad(loss)(params, x)));
 * params = await step(params, batch);
 */
export function compile<A extends readonly TensorTree[], R extends TensorTree>(
  fn: (...args: A) => R,
  { name = fn.name || "function", argNames, engine }: CompileOptions = {},
): Compiled<A, R> {
  return compiled(
    (args, options) => {
      // Called with symbols in the structure of its arguments, which only the types of `Compiled` promise.
      const { graph, result } = trace(name, fn as unknown as (...args: never[]) => TensorTree, args, "out");
      return one(lower(graph, options), result);
    },
    argNames,
    engine,
  );
}

/** A model, or several, and the structure of the result: trees whose leaves are outputs by their paths below "out". */
export interface Built {
  readonly models: readonly OnnxModel[];
  readonly result: TensorTree;
  /** One session of the models' own. */
  join(sessions: readonly Session[]): Session;
  /** The same as one iteration of a loop, for engines that run it so. */
  readonly loop?: LoopModel;
}

/** Of one model. */
export const one = (model: OnnxModel, result: TensorTree): Built => ({
  models: [model],
  result,
  join: ([session]) => session!,
});

/** Arguments by name, as trees of arrays and numbers. */
export type NamedArgs = readonly (readonly [name: string, arg: unknown])[];

const isFeed = (value: unknown): value is NdArray | number => value instanceof NdArray || typeof value === "number";
const typeOf = (value: NdArray | number): TensorType =>
  typeof value === "number" ? { shape: [], dtype: "f32" } : value;

/** A leaf as far as tracing depends on it. */
const signatureOf = (value: NdArray | number): string => {
  const { dtype, shape } = typeOf(value);
  return `${dtype}${shape}`;
};

/**
 * Calls `fn` with symbolic inputs of the arguments' types. The graph's inputs are named by their paths below the arguments'
 * names, its outputs by theirs below `root`.
 */
export function trace(
  name: string,
  fn: (...args: never[]) => TensorTree,
  args: NamedArgs,
  root: string,
  viewAs: (type: TensorType, arg: string) => TensorType = (type) => type,
): { graph: Graph; result: TensorTree } {
  const inputs: Tensor[] = [];
  const symbolic = args.map(([arg, value]) =>
    mapTree<unknown, NdArray | number, Tensor>(
      value,
      isFeed,
      (x, path) => {
        const { shape, dtype } = viewAs(typeOf(x), arg);
        const t = input(path, { shape, dtype });
        inputs.push(t);
        return t;
      },
      arg,
    ),
  );
  const result = fn(...(symbolic as never[])); // as above
  const named = leaves(result, isTensor, root);
  const simple = simplify(named.map(([, t]) => t));
  return { graph: { name, inputs, outputs: named.map(([path], i) => [path, simple[i]!] as const) }, result };
}

interface Loaded {
  readonly program: Promise<{ readonly session: Session; readonly result: TensorTree }>;
  /** Calls that are not done. */
  running: number;
}

/** Makes a compiled function from what builds its model for arguments of a given signature. */
export function compiled<A extends readonly unknown[], R>(
  build: (args: NamedArgs, options?: LowerOptions) => Built,
  argNames: readonly string[] = [],
  engine?: Engine,
): Compiled<A, R> {
  /** By signature, the one used longest ago first. */
  const programs = new Map<string, Loaded>();
  const name = (args: readonly unknown[]): NamedArgs => args.map((arg, i) => [argNames[i] ?? `arg${i}`, arg]);

  const load = async (args: NamedArgs) => {
    const target = engine ?? defaultEngine();
    const { models, result, join, loop } = build(args, await target.lowering());
    if (loop !== undefined && target.loadLoop !== undefined)
      return { session: loopSession(await target.loadLoop(loop), loop), result };
    const sessions: Session[] = [];
    for (const model of models) sessions.push(await target.load(encodeModel(model)));
    return { session: join(sessions), result };
  };

  const call = async (...args: readonly unknown[]): Promise<unknown> => {
    const named = name(args);
    const feeds = named.flatMap(([arg, value]) => leaves(value, isFeed, arg));
    const signature = JSON.stringify(
      named.map(([, arg]) => mapTree<unknown, NdArray | number, string>(arg, isFeed, signatureOf)),
    );
    const loaded = programs.get(signature) ?? { program: load(named), running: 0 };
    programs.delete(signature);
    programs.set(signature, loaded);
    loaded.program.catch(() => programs.delete(signature));
    loaded.running++;
    try {
      const { session, result } = await loaded.program;
      const arrays = feeds.map(([path, x]) => [path, typeof x === "number" ? full([], x) : x] as const);
      const outputs = await session.run(Object.fromEntries(arrays));
      return mapTree<unknown, Tensor, NdArray>(result, isTensor, (_, path) => outputs[path]!, "out");
    } finally {
      loaded.running--;
      if (programs.get(signature) !== loaded)
        await free(loaded); // let go while it ran
      else await drop([...programs.keys()].slice(0, -KEPT));
    }
  };

  /** A program that runs is freed by the last of its calls. */
  const free = async ({ program, running }: Loaded): Promise<void> => {
    if (running > 0) return;
    const [loaded] = await Promise.allSettled([program]);
    if (loaded.status === "fulfilled") await loaded.value.session.release();
  };

  const drop = async (signatures: readonly string[]): Promise<void> => {
    const dropped = signatures.flatMap((signature) => programs.get(signature) ?? []);
    for (const signature of signatures) programs.delete(signature);
    for (const loaded of dropped) await free(loaded);
  };
  const release = () => drop([...programs.keys()]);

  const model = (args: readonly unknown[], options?: LowerOptions) => build(name(args), options).models[0]!;
  // The boundary: inside, arguments and results are trees of any structure; outside, those that were compiled.
  return Object.assign(call, {
    model,
    onnx: (args: readonly unknown[], options?: LowerOptions) => encodeModel(model(args, options)),
    release,
    [Symbol.asyncDispose]: release,
  }) as unknown as Compiled<A, R>;
}
