/** The server of the examples answers over HTTP: a digit is a digit, noise is out of distribution, nonsense is refused. */
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createServer } from "../../examples/server/server.js";
import { loadDataset, type PixelSplit } from "../../src/data/index.js";
import { exportOnnx } from "../../src/export/index.js";
import { loadRun } from "../../src/runs/index.js";
import { Rng } from "../../src/runtime/index.js";
import { trainBriefly } from "../export/runs.js";
import { digitsModel, type ExportedModel } from "./digits-model.js";

let model: ExportedModel;
let server: FastifyInstance;
let address: string;
beforeAll(async () => {
  model = await digitsModel();
  server = await createServer(model.path);
  address = await server.listen({ host: "127.0.0.1", port: 0 });
}, 120_000);
afterAll(async () => {
  await server?.close();
  await model?.remove();
});

async function classify(features: unknown, at = address): Promise<{ status: number; answer: Record<string, unknown> }> {
  const response = await fetch(`${at}/classify`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ features }),
  });
  return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
}

test("digits are classified, and few of them are taken for something else", async () => {
  const split = (await loadDataset("digits")).splits.test as PixelSplit;
  let [right, alarms] = [0, 0];
  const count = 50;
  for (let i = 0; i < count; i++) {
    const { status, answer } = await classify(Array.from(split.pixels([i])));
    expect(status).toBe(200);
    right += Number(answer.class === String(split.y![i]));
    alarms += Number(answer.outOfDistribution);
  }
  expect(right).toBeGreaterThan(0.85 * count);
  expect(alarms).toBeLessThan(0.2 * count);
});

test("noise is out of distribution", async () => {
  const rng = new Rng(1);
  let alarms = 0;
  for (let i = 0; i < 20; i++) {
    const { answer } = await classify(Array.from({ length: 64 }, () => rng.below(17)));
    alarms += Number(answer.outOfDistribution);
  }
  expect(alarms).toBeGreaterThanOrEqual(17);
});

test.each([[[1, 2, 3]], [Array(64).fill("a")], ["text"], [Array(64).fill(null)]])(
  "a body that is no digit is refused",
  async (features) => {
    expect((await classify(features)).status).toBe(400);
  },
);

test("a model of a table takes rows by column name", async () => {
  const folder = dirname(model.path);
  const path = join(folder, "people.onnx");
  const rows = Array.from({ length: 60 }, (_, i) => [
    1.7e9 + 60 * (i % 2) + i / 10,
    ["Bern", "Chur"][i % 2],
    "ab"[i % 2],
  ]);
  await writeFile(join(folder, "people.csv"), ["seen,city,class", ...rows.map((row) => row.join(","))].join("\n"));
  const flags = { csv: join(folder, "people.csv"), label: "class", jem: true };
  await writeFile(path, await exportOnnx(await loadRun(await trainBriefly(join(folder, "people"), flags))));
  const people = await createServer(path);
  try {
    const at = await people.listen({ host: "127.0.0.1", port: 0 });
    const classOf = async (row: unknown) => (await classify(row, at)).answer;
    expect(await classOf({ seen: 1.7e9 + 2, city: "Bern" })).toMatchObject({ class: "a", outOfDistribution: false });
    expect(await classOf({ seen: 1.7e9 + 63, city: " Chur " })).toMatchObject({ class: "b", outOfDistribution: false });
    expect(await classOf({ seen: 1.8e9, city: null })).toMatchObject({ outOfDistribution: true });
    for (const bad of [{ city: "Bern" }, { seen: "soon", city: "Bern" }, [1, 2]])
      expect((await classify(bad, at)).status).toBe(400);
  } finally {
    await people.close();
  }
}, 120_000);
