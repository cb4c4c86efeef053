/** A training run in a process of its own, to be killed: flags as JSON in the first argument; one line per step. */
import { resolveConfig, train } from "../../src/runs/index.js";

await train(resolveConfig({ flags: JSON.parse(process.argv[2]!) }), {
  onProgress: ({ iteration }) => process.stdout.write(`${iteration}\n`),
  onMessage: () => {},
  signal: new AbortController().signal,
});
