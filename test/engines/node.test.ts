/** Providers that this machine may lack: they train, or say clearly that they cannot. */
import { describe, expect, test } from "vitest";
import { EngineError } from "../../src/runtime/engine.js";
import { type NodeProvider, nodeEngine } from "../../src/runtime/engine-node.js";
import { relativeDifference, train } from "./training.js";

const STEPS = 3;
const run = (provider: NodeProvider, threads = 1) =>
  train({ steps: STEPS, seed: 1, engine: nodeEngine({ provider, threads }) });

test("the description names provider and threads", () => {
  expect(nodeEngine({ threads: 1 }).description).toBe("onnxruntime-node cpu, 1 thread");
  expect(nodeEngine({ provider: "webgpu", threads: 2 }).description).toBe("onnxruntime-node webgpu, 2 threads");
});

test("two threads train as one does", async () => {
  // Rows of a product are divided between threads, sums within them are not.
  expect(relativeDifference(await run("cpu", 2), await run("cpu", 1)).difference).toBeLessThan(1e-5);
});

test("bytes that are no model are an EngineError", async () => {
  await expect(nodeEngine({ threads: 1 }).load(new Uint8Array([1, 2, 3]))).rejects.toThrow(EngineError);
});

describe.each(["webgpu", "cuda"] as const)("%s", (provider) => {
  test("trains, or says that it is not available", async () => {
    let result: Awaited<ReturnType<typeof run>>;
    try {
      result = await run(provider);
    } catch (error) {
      expect(error).toBeInstanceOf(EngineError);
      expect((error as Error).message).toContain(`the ${provider} provider is not available on this machine: it needs`);
      return;
    }
    expect(relativeDifference(result, await run("cpu")).difference).toBeLessThan(1e-3);
  });
});
