/**
 * Which operators of a training step a graphics card leaves to the CPU: each costs copies, and a wait for the card.
 *
 * ONNX Runtime says where it places operators in its log alone, once it is told to say everything, and writes that past Node. So a process that does nothing else loads the model, and is listened to.
 */
import { spawn } from "node:child_process";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Dataset } from "../../data/index.js";
import { onEngine } from "../../runtime/engine-node.js";
import type { Engine } from "../../runtime/index.js";
import { encodeModel } from "../../runtime/onnx.js";
import type { TrainConfig } from "../config/index.js";
import { engineOf } from "./engine.js";
import type { Fits } from "./fits.js";
import { setup } from "./setup.js";

/** An operator as the log has it: its type, and its name, which begins with the part of the model. */
export interface Placed {
  readonly op: string;
  readonly name: string;
}

/** By provider, like `CPUExecutionProvider`: how many operators it has, and which, where there are others. */
export type Placements = ReadonlyMap<string, { readonly count: number; readonly nodes: readonly Placed[] }>;

const HEADING = /\bplaced on \[(\w+)\]\. Number of nodes: (\d+)/;
const NODE = /\bVerifyEachNodeIsAssignedToAnEp\]\s+(\S+) \((.*)\)$/;

/** Reads ONNX Runtime's log (1.30). */
export function parsePlacements(log: string): Placements {
  const found = new Map<string, { count: number; nodes: Placed[] }>();
  let nodes: Placed[] = [];
  for (const line of log.split("\n")) {
    const [, provider, count] = HEADING.exec(line) ?? [];
    const [, op, name] = NODE.exec(line.trimEnd()) ?? [];
    if (provider !== undefined) {
      nodes = [];
      found.set(provider, { count: Number(count), nodes });
    } else if (op !== undefined && name !== undefined) nodes.push({ op, name });
  }
  return found;
}

/** Takes the package and the provider as arguments, and the model as its input. */
const CHILD = `
const [, ort, provider] = process.argv;
const { InferenceSession } = await import(ort);
const parts = [];
for await (const part of process.stdin) parts.push(part);
const options = { executionProviders: [provider], intraOpNumThreads: 1, logSeverityLevel: 0, logVerbosityLevel: 0 };
await InferenceSession.create(Buffer.concat(parts), options);
`;

/** Null where it cannot be loaded, as without a card. */
export async function placementsOf(model: Uint8Array, provider: string): Promise<Placements | null> {
  const ort = import.meta.resolve("onnxruntime-node");
  const folder = await mkdtemp(join(tmpdir(), "vera-placements-"));
  try {
    // Native code does not wait for a pipe that is full: what does not fit is lost. A file takes it all.
    const log = await open(join(folder, "log"), "w+");
    try {
      const child = spawn(process.execPath, ["--input-type=module", "-e", CHILD, ort, provider], {
        stdio: ["pipe", "ignore", log.fd],
      });
      child.stdin!.on("error", () => {}); // it ended before it had read all: its code says so
      child.stdin!.end(model);
      const code = await new Promise<number | null>((resolve) => {
        child.on("error", () => resolve(null));
        child.on("close", resolve);
      });
      const placements = parsePlacements(await readFile(join(folder, "log"), "utf8"));
      return code === 0 && placements.size > 0 ? placements : null;
    } finally {
      await log.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Names that a line may have. */
const MOST_NAMES = 12;
const CPU = "CPUExecutionProvider";
const isCopy = ({ op }: Placed): boolean => op.startsWith("Memcpy");

/** In a line. */
export function aboutPlacements(placements: Placements): string {
  const all = [...placements.values()];
  const copies = all.flatMap(({ nodes }) => nodes.filter(isCopy)).length;
  const { count = 0, nodes = [] } = placements.get(CPU) ?? {};
  const left = nodes.filter((node) => !isCopy(node));
  const operators = all.reduce((sum, { count }) => sum + count, 0) - copies;
  const total = `${operators.toLocaleString("en")} operators of an iteration`;
  if (count > 0 && nodes.length === 0) return `all ${total} fall back to the CPU`;
  if (left.length === 0) return `all ${total} run on the card`;
  const more = left.length > MOST_NAMES ? `, and ${left.length - MOST_NAMES} more` : "";
  const names = left.slice(0, MOST_NAMES).map(({ op, name }) => `${op} (${name})`);
  return `of ${total} ${left.length.toLocaleString("en")} fall${left.length === 1 ? "s" : ""} back to the CPU, with ${copies} copies: ${names.join(", ")}${more}`;
}

class Captured extends Error {}

/** The model of the first iteration, as training has it; null where nothing is trained step by step. */
async function stepModel(config: TrainConfig, dataset: Dataset, fits: Fits): Promise<Uint8Array | null> {
  let model: Uint8Array | null = null;
  const { lowering, description } = engineOf(config);
  const engine: Engine = {
    description,
    lowering,
    load: async (bytes) => {
      model = bytes;
      throw new Captured();
    },
    loadLoop: async ({ body }) => {
      model = encodeModel(body);
      throw new Captured();
    },
  };
  await onEngine(engine, async () => {
    const { trainer, iterations } = setup(config, dataset, fits);
    if (iterations > 0) await trainer.advance(1);
  }).catch((cause: unknown) => {
    if (!(cause instanceof Captured)) throw cause;
  });
  return model;
}

/** What a graphics card leaves to the CPU of a run's training, in a line; null where nothing is trained. */
export async function onCard(config: TrainConfig, dataset: Dataset, fits: Fits): Promise<string | null> {
  const model = await stepModel(config, dataset, fits);
  if (model === null) return null;
  const placements = await placementsOf(model, config.provider);
  return placements === null
    ? `which operators the card would leave to the CPU is not known: the ${config.provider} provider finds no card on this machine`
    : aboutPlacements(placements);
}
