/** What both engines share: ONNX Runtime's tensors as arrays and back. */
import type { InferenceSession, Tensor as OrtTensor, TypedTensor } from "onnxruntime-common";
import type { DType, TypedArray } from "../graph/tensor.js";
import { NdArray } from "./array.js";
import { EngineError, type Session } from "./engine.js";

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
    async run(inputs) {
      const feeds: Record<string, OrtTensor> = {};
      for (const [name, value] of Object.entries(inputs)) {
        feeds[name] = new Tensor(ORT_TYPE[value.dtype], value.data, value.shape);
      }
      let results: Record<string, unknown>;
      try {
        results = await session.run(feeds);
      } catch (cause) {
        throw new EngineError(`the model failed while running: ${message(cause)}`, { cause });
      }
      const out: Record<string, NdArray> = {};
      for (const [name, value] of Object.entries(results)) {
        const { data, dims, type } = value as TypedTensor<"float32">;
        out[name] = new NdArray(data as TypedArray, dims, DTYPE[type]!);
      }
      return out;
    },
    release: () => session.release(),
  };
}

/** The message of anything thrown. */
export const message = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
