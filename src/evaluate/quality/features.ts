/** Feature spaces in which samples are compared with data: a network given as an ONNX file, or the digit classifier. */
import { type Preprocessing, resizeImages } from "../../data/index.js";
import { chunksOf, joinRows } from "../../metrics/moments.js";
import { EngineError, NdArray } from "../../runtime/index.js";
import { rangeOf, toBytes } from "../images.js";
import type { DigitClassifier } from "../modes/digit-classifier.js";

/** Inputs `[N, …event]` of a run → features `[N, D]`. */
export interface FeatureNetwork {
  readonly name: string;
  features(x: NdArray): Promise<NdArray>;
  release(): Promise<void>;
}

export const digitFeatures = (classifier: DigitClassifier): FeatureNetwork => ({
  name: "digit classifier",
  features: (x) => classifier.features(x),
  release: () => classifier.release(),
});

/** No network: the inputs themselves, for points and tables. */
export const inputFeatures: FeatureNetwork = {
  name: "inputs",
  features: async (x) => new NdArray(x.data, [x.shape[0]!, x.size / x.shape[0]!]),
  release: async () => {},
};

export interface OnnxFeatureOptions {
  /** How a run's inputs are prepared: they are turned into bytes first, as for FID. */
  readonly preprocessing: Preprocessing;
  /** Values that the network takes for black and white. Default [-1, 1]. */
  readonly range?: readonly [number, number];
  /** Output to use. Default: the first. */
  readonly output?: string;
}

/** Images of one call, where the network leaves the choice. */
const BATCH = 50;

/**
 * A network from a file: its first input takes images `[N, C, H, W]`, one output gives features `[N, D]`, or maps `[N, D, H, W]` that
 * are averaged. Images are resized and grey ones given three channels where its input asks for it. Inputs that are no images go in
 * as they are.
 * @throws EngineError where the file cannot be loaded or takes something else.
 */
export async function onnxFeatures(path: string, options: OnnxFeatureOptions): Promise<FeatureNetwork> {
  const { preprocessing, range = [-1, 1] } = options;
  const { InferenceSession, Tensor: OrtTensor } = await import("onnxruntime-node");
  const session = await InferenceSession.create(path, { logSeverityLevel: 3 }).catch((cause) => {
    throw new EngineError(`cannot load ${path}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  });
  const [input] = session.inputMetadata;
  const output = options.output ?? session.outputNames[0]!;
  if (session.inputNames.length !== 1 || input === undefined || !input.isTensor || input.type !== "float32") {
    throw new EngineError(`${path} takes ${session.inputNames.join(", ")}: one input of 32-bit floats expected`);
  }
  if (!session.outputNames.includes(output)) {
    throw new EngineError(`${path} has no output "${output}", but ${session.outputNames.join(", ")}`);
  }
  const fixed = (axis: number) =>
    typeof input.shape[axis] === "number" && input.shape[axis] > 0 ? input.shape[axis] : null;
  const batch = fixed(0) ?? BATCH;
  const isImage = rangeOf(preprocessing) !== null;

  const prepare = (x: NdArray): NdArray => {
    if (!isImage) return x;
    const [n, channels, height, width] = x.shape as [number, number, number, number];
    const wanted = { channels: fixed(1) ?? channels, size: fixed(2) ?? height };
    if (wanted.channels !== channels && channels !== 1) {
      throw new EngineError(`${path} takes images of ${wanted.channels} channels, not of ${channels}`);
    }
    let bytes = toBytes(x, preprocessing);
    if (wanted.size !== height) bytes = resizeImages(bytes, [channels, height, width], wanted.size);
    const plane = bytes.length / (n * channels);
    const out = new Float32Array(n * wanted.channels * plane);
    const [black, white] = range;
    for (let i = 0; i < out.length; i++) {
      const image = Math.floor(i / (wanted.channels * plane));
      const channel = channels === 1 ? 0 : Math.floor(i / plane) % channels;
      out[i] = black + ((white - black) * bytes[(image * channels + channel) * plane + (i % plane)]!) / 255;
    }
    return new NdArray(out, [n, wanted.channels, wanted.size, wanted.size]);
  };

  /** A batch of the size that the network takes, filled up with zeros. */
  const run = async (x: NdArray): Promise<NdArray> => {
    const [n, ...event] = x.shape as [number, ...number[]];
    const size = fixed(0) === null ? n : batch;
    const data = new Float32Array((x.size / n) * size);
    data.set(x.data);
    const results = await session.run({ [input.name]: new OrtTensor("float32", data, [size, ...event]) });
    const value = results[output]!;
    const all = value.data as Float32Array;
    const [, width = 1, ...map] = value.dims;
    const places = map.reduce((a, b) => a * b, 1);
    const features = new Float32Array(n * width);
    for (let i = 0; i < features.length * places; i++) features[Math.floor(i / places)]! += all[i]! / places;
    return new NdArray(features, [n, width]);
  };

  return {
    name: path,
    release: () => session.release(),
    async features(x) {
      const parts: NdArray[] = [];
      for (const chunk of chunksOf(x, batch)) parts.push(await run(prepare(chunk)));
      return joinRows(parts);
    },
  };
}
