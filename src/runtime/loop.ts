/**
 * Loops whose state stays on the graphics card.
 *
 * ONNX's Scan on WebGPU takes its state to the host and back in every iteration. Here the model is one iteration, called once for
 * each, and what comes out of it goes into the next without leaving the card: ONNX Runtime hands out a buffer instead
 * of numbers where it is told so when the model is loaded. A second model reads the buffers at the end, as onnxruntime-node 1.30
 * has no other way to. Each array that is read costs a wait for the card (some 3 ms on an H100), so what is read comes as one.
 */
import type { InferenceSession, Tensor as OrtTensor } from "onnxruntime-common";
import { sizeOf } from "../graph/shape.js";
import { NdArray } from "./array.js";
import type { Loop, LoopModel, Named, Session } from "./engine.js";
import { encodeModel, type OnnxModel, type ValueInfo } from "./onnx.js";
import { arraysOf, runSession, type TensorConstructor, tensorsOf } from "./session.js";
import { stackTrees } from "./stack.js";

/** Loads a model with ONNX Runtime, and says how its tensors are made. */
export type CreateSession = (
  model: Uint8Array,
  options: InferenceSession.SessionOptions,
) => Promise<readonly [InferenceSession, TensorConstructor]>;

/** A loop of ONNX Runtime on a graphics card. @throws EngineError where a model cannot be loaded */
export async function loadLoop(create: CreateSession, { body, carried }: LoopModel): Promise<Loop> {
  const [states, others] = [true, false].map((is) => body.outputs.filter(({ name }) => carried.has(name) === is));
  const results = packed(others!, "results");
  const location = Object.fromEntries([...carried.keys()].map((name) => [name, "gpu-buffer" as const]));
  const iteration = { ...withPacked(body, results), outputs: [...states!, ...results.outputs] };
  const [iterate, Tensor] = await create(encodeModel(iteration), { preferredOutputLocation: location });
  // Its inputs are called as the outputs are that it reads.
  const state = packed(states!, "state");
  const reading = { ...body, name: `${body.name}_state`, inputs: states!, nodes: [], initializers: [] };
  const [read] = await create(encodeModel({ ...withPacked(reading, state), outputs: state.outputs }), {});
  return {
    async run(before, inputs, constants) {
      const fixed = tensorsOf(constants, Tensor);
      const done: Named[] = [];
      let now = tensorsOf(before, Tensor);
      try {
        for (const each of inputs) {
          const outputs = await runSession(iterate, { ...now, ...fixed, ...tensorsOf(each, Tensor) });
          dispose(now);
          now = Object.fromEntries([...carried].map(([output, input]) => [input, outputs[output]!]));
          done.push(results.unpack(arraysOf(omit(outputs, carried))));
        }
        const named = Object.fromEntries([...carried].map(([output, input]) => [output, now[input]!]));
        const arrays = state.unpack(arraysOf(await runSession(read, named)));
        return { state: Object.fromEntries([...carried].map(([from, to]) => [to, arrays[from]!])), results: done };
      } finally {
        dispose(now);
      }
    },
    release: async () => {
      await iterate.release();
      await read.release();
    },
  };
}

/** Values of a model as fewer outputs: all floats in one. */
interface Packed extends Pick<OnnxModel, "nodes" | "initializers" | "outputs"> {
  unpack(outputs: Named): Named;
}

function packed(values: readonly ValueInfo[], name: string): Packed {
  const floats = values.filter(({ dtype }) => dtype === "f32");
  const others = values.filter(({ dtype }) => dtype !== "f32");
  const [all, flat] = [`packed.${name}`, `packed.${name}.flat`];
  const apart = (v: ValueInfo) => `${all}.${v.name}`;
  const sizes = floats.map(({ shape }) => sizeOf(shape as number[]));
  const node = (op: string, output: string, inputs: readonly string[], attributes = {}) => ({
    name: output,
    op,
    domain: "",
    inputs,
    outputs: [output],
    attributes,
  });
  return {
    initializers: [{ name: flat, dtype: "i64", shape: [1], bytes: new Uint8Array(8).fill(255) }], // -1
    nodes: [
      ...floats.map((v) => node("Reshape", apart(v), [v.name, flat])),
      ...others.map((v) => node("Identity", apart(v), [v.name])),
      ...(floats.length > 0 ? [node("Concat", all, floats.map(apart), { axis: 0 })] : []),
    ],
    outputs: [
      ...others.map((v) => ({ ...v, name: apart(v) })),
      ...(floats.length > 0 ? [{ name: all, dtype: "f32" as const, shape: [sizes.reduce((a, b) => a + b, 0)] }] : []),
    ],
    unpack({ [all]: together, ...rest }) {
      const separate = others.map((v) => [v.name, rest[apart(v)]!] as const);
      let at = 0;
      const views = floats.map(({ name, shape }, i) => {
        const data = together!.data.subarray(at, at + sizes[i]!);
        at += sizes[i]!;
        return [name, new NdArray(data, shape as number[])] as const;
      });
      return Object.fromEntries([...views, ...separate]);
    },
  };
}

const withPacked = (model: OnnxModel, { nodes, initializers }: Packed): OnnxModel => ({
  ...model,
  nodes: [...model.nodes, ...nodes],
  initializers: [...model.initializers, ...initializers],
});

const omit = <T>(record: Readonly<Record<string, T>>, names: ReadonlyMap<string, unknown>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => !names.has(name)));

const dispose = (tensors: Readonly<Record<string, OrtTensor>>): void => {
  for (const tensor of Object.values(tensors)) if (tensor.location === "gpu-buffer") tensor.dispose();
};

/** The loop as what a model with Scan would be: it takes the inputs of all iterations stacked, and gives all results so. */
export function loopSession(loop: Loop, { carried, prefix }: Omit<LoopModel, "body">): Session {
  return {
    async run(given) {
      const [state, stacked, constants]: Record<string, NdArray>[] = [{}, {}, {}];
      const states = new Set(carried.values());
      for (const [name, x] of Object.entries(given)) {
        if (states.has(prefix + name)) state![prefix + name] = x;
        else if (name.startsWith("xs")) stacked![prefix + name] = x;
        else constants![name] = x;
      }
      const count = Object.values(stacked!)[0]!.shape[0]!;
      const inputs = Array.from({ length: count }, (_, i) =>
        Object.fromEntries(Object.entries(stacked!).map(([name, x]) => [name, entry(x, i)])),
      );
      const done = await loop.run(state!, inputs, constants!);
      const outside = (name: string) => name.slice(prefix.length);
      const results = Object.entries(stackTrees(done.results)).map(([name, x]) => [outside(name), x] as const);
      const after = [...carried].map(([output, input]) => [outside(output), done.state[input]!] as const);
      return Object.fromEntries([...after, ...results]);
    },
    release: () => loop.release(),
  };
}

/** Entry i along the leading axis: a view. */
function entry({ data, shape: [, ...shape], dtype }: NdArray, i: number): NdArray {
  const size = sizeOf(shape);
  return new NdArray(data.subarray(i * size, (i + 1) * size), shape, dtype);
}
