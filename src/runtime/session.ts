/** What both engines share: ONNX Runtime's tensors as arrays and back. */
import type { InferenceSession, Tensor as OrtTensor, TypedTensor } from "onnxruntime-common";
import type { DType, TypedArray } from "../graph/tensor.js";
import { NdArray } from "./array.js";
import { EngineError, type Named, type Session } from "./engine.js";

const ORT_TYPE = { f32: "float32", i32: "int32", bool: "bool" } as const satisfies Record<DType, string>;
const DTYPE: Readonly<Record<string, DType>> = { float32: "f32", int32: "i32", bool: "bool" };

/** The tensor constructor of `onnxruntime-node` or `onnxruntime-web`. */
export type TensorConstructor = new (
  type: "float32" | "int32" | "bool",
  data: TypedArray,
  dims: readonly number[],
) => OrtTensor;

/** Wraps a session of ONNX Runtime. */
export function wrapSession(session: InferenceSession, Tensor: TensorConstructor): Session {
  return {
    run: async (inputs) => arraysOf(await runSession(session, tensorsOf(inputs, Tensor))),
    release: () => session.release(),
  };
}

/** @throws EngineError where the model fails. */
export async function runSession(
  session: InferenceSession,
  feeds: Record<string, OrtTensor>,
  fetches: Record<string, OrtTensor | null> = {},
): Promise<Record<string, OrtTensor>> {
  try {
    return (await session.run(feeds, fetches)) as Record<string, OrtTensor>; // no model of ours has other outputs
  } catch (cause) {
    throw new EngineError(`the model failed while running: ${message(cause)}`, { cause });
  }
}

export const tensorsOf = (arrays: Named, Tensor: TensorConstructor): Record<string, OrtTensor> =>
  Object.fromEntries(Object.entries(arrays).map(([name, x]) => [name, new Tensor(ORT_TYPE[x.dtype], x.data, x.shape)]));

export const arraysOf = (tensors: Readonly<Record<string, OrtTensor>>): Record<string, NdArray> =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, value]) => {
      const { data, dims, type } = value as TypedTensor<"float32">;
      return [name, new NdArray(data as TypedArray, dims, DTYPE[type]!)];
    }),
  );

/** The message of anything thrown. */
export const message = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
