/**
 * An exported model behind an HTTP handler that says when it should not be asked.
 *
 *     npx tsx examples/server/server.ts digits.onnx
 *     curl -s localhost:3000/classify -H 'content-type: application/json' -d '{"features": [0, 3, 12, …]}'
 *
 * The answer: {"class": "3", "probability": 0.98, "outOfDistribution": false}. A model of a table takes a row by column name:
 * {"features": {"age": 41, "city": "Bern"}}. The model needs onnxruntime-node and nothing of this package; `readMetadata` gives it
 * names, `tableInputs` reads rows. In a project of your own, import them from "vera-ebm".
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import Fastify, { type FastifyInstance } from "fastify";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { type PublishedTable, readMetadata, tableInputs } from "../../src/index.js";

interface Answer {
  readonly class: string;
  /** Of that class, calibrated; it means nothing where the input is out of distribution. */
  readonly probability: number;
  readonly outOfDistribution: boolean;
}

/** What a request may send, as JSON schema, and the model's inputs for it. */
interface Reader<Features> {
  readonly schema: object;
  inputs(features: Features): InferenceSession.FeedsType;
}

/** The model's input as one list of numbers. */
function numbersReader(shape: readonly number[]): Reader<readonly number[]> {
  const size = shape.reduce((a, b) => a * b, 1);
  return {
    schema: { type: "array", items: { type: "number" }, minItems: size, maxItems: size },
    inputs: (features) => ({ x: new Tensor("float32", Float32Array.from(features), [1, ...shape]) }),
  };
}

/** A row by column name; null is a missing value. */
function rowReader(table: PublishedTable): Reader<Readonly<Record<string, string | number | null>>> {
  const types = { numeric: ["number", "null"], categorical: ["string", "number", "null"] };
  const properties = Object.fromEntries(table.columns.map(({ name, kind }) => [name, { type: types[kind] }]));
  return {
    schema: { type: "object", properties, required: Object.keys(properties) },
    inputs: (row) => tableInputs(table, [row]),
  };
}

/** POST /classify {features}. */
export async function createServer(path: string): Promise<FastifyInstance> {
  const model = await readFile(path);
  const { classes, oodThreshold, values } = readMetadata(model);
  if (classes === null || oodThreshold === null) throw new Error(`${path} has no classes, or no threshold`);
  const session = await InferenceSession.create(model);
  const [input] = session.inputMetadata;
  if (input?.isTensor !== true) throw new Error(`${path} does not take a tensor`);

  async function classify(inputs: InferenceSession.FeedsType): Promise<Answer> {
    const { probabilities, out_of_distribution } = await session.run(inputs);
    const p = probabilities!.data as Float32Array;
    const best = p.indexOf(Math.max(...p));
    return { class: classes![best]!, probability: p[best]!, outOfDistribution: out_of_distribution!.data[0] === 1 };
  }

  const server = Fastify({ ajv: { customOptions: { coerceTypes: false, allowUnionTypes: true } } });
  function answer<Features>({ schema, inputs }: Reader<Features>): void {
    const body = { type: "object", required: ["features"], properties: { features: schema } };
    server.post<{ Body: { features: Features } }>("/classify", { schema: { body } }, async ({ body }) =>
      classify(inputs(body.features)),
    );
  }
  if (values.kind === "table") answer(rowReader(values));
  else answer(numbersReader(input.shape.slice(1) as number[]));
  server.addHook("onClose", () => session.release());
  return server;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = await createServer(process.argv[2] ?? "digits.onnx");
  console.log(`listening on ${await server.listen({ host: "127.0.0.1", port: 3000 })}`);
}
