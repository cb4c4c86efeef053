/**
 * An exported model behind an HTTP handler that says when it should not be asked.
 *
 *     npx tsx examples/server/server.ts digits.onnx
 *     curl -s localhost:3000/classify -H 'content-type: application/json' -d '{"features": [0, 3, 12, …]}'
 *
 * The answer: {"class": "3", "probability": 0.98, "outOfDistribution": false}. The model needs onnxruntime-node and nothing of this
 * package; `readMetadata` gives it names. In a project of your own, import that from "vera-ebm".
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import Fastify, { type FastifyInstance } from "fastify";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { readMetadata } from "../../src/index.js";

interface Answer {
  readonly class: string;
  /** Of that class, calibrated; it means nothing where the input is out of distribution. */
  readonly probability: number;
  readonly outOfDistribution: boolean;
}

/** POST /classify {features}: the model's input as one list of numbers, null where one is missing (tables only). */
export async function createServer(path: string): Promise<FastifyInstance> {
  const model = await readFile(path);
  const { classes, oodThreshold, values } = readMetadata(model);
  if (classes === null || oodThreshold === null) throw new Error(`${path} has no classes, or no threshold`);
  const session = await InferenceSession.create(model);
  const [input] = session.inputMetadata;
  if (input?.isTensor !== true) throw new Error(`${path} does not take a tensor`);
  const event = input.shape.slice(1) as number[];
  const size = event.reduce((a, b) => a * b, 1);

  async function classify(features: readonly (number | null)[]): Promise<Answer> {
    const x = Float32Array.from(features, (v) => v ?? Number.NaN);
    const { probabilities, out_of_distribution } = await session.run({ x: new Tensor("float32", x, [1, ...event]) });
    const p = probabilities!.data as Float32Array;
    const best = p.indexOf(Math.max(...p));
    return { class: classes![best]!, probability: p[best]!, outOfDistribution: out_of_distribution!.data[0] === 1 };
  }

  const number = { type: values.kind === "table" ? ["number", "null"] : "number" };
  const features = { type: "array", items: number, minItems: size, maxItems: size };
  const body = { type: "object", required: ["features"], properties: { features } };
  const server = Fastify({ ajv: { customOptions: { coerceTypes: false } } });
  server.post<{ Body: { features: (number | null)[] } }>("/classify", { schema: { body } }, async (request) =>
    classify(request.body.features),
  );
  server.addHook("onClose", () => session.release());
  return server;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = await createServer(process.argv[2] ?? "digits.onnx");
  console.log(`listening on ${await server.listen({ host: "127.0.0.1", port: 3000 })}`);
}
