/** `tsx on-card.ts`: trains every architecture on WebGPU in Node and prints the metrics as JSON, one line each, and then what operations make of extremes. A process of its own, since a Vulkan driver is found by variables that count when a process starts. */
import { nodeEngine } from "../../src/runtime/engine-node.js";
import { ARCHITECTURES, trainArchitecture } from "./architectures.js";
import { extremes } from "./extremes.js";

for (const name of ARCHITECTURES) {
  const metrics = await trainArchitecture(name, nodeEngine({ provider: "webgpu", threads: 1 }));
  process.stdout.write(`${JSON.stringify({ name, metrics })}\n`);
}
process.stdout.write(`${JSON.stringify(await extremes(nodeEngine({ provider: "webgpu", threads: 1 })))}\n`);
