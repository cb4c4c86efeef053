/** A training run in a process of its own, to be killed: flags as JSON in the first argument; one line per step. */
import { readSavedConfig, resolveConfig, train } from "../../src/runs/index.js";

const flags = JSON.parse(process.argv[2]!) as { resume?: string };
const sources = flags.resume === undefined ? { flags } : { flags, saved: await readSavedConfig(flags.resume) };
await train(resolveConfig(sources), {
  onProgress: ({ iteration }) => process.stdout.write(`${iteration}\n`),
  onMessage: () => {},
  signal: new AbortController().signal,
});
