/** What a checkpoint of the original is a model of: read from it, from its args.txt, and from what the user says. */
import { readFile, stat } from "node:fs/promises";
import { DataError, type Dataset } from "../data/index.js";
import { checkSettings } from "../runs/config/check.js";
import { defaults } from "../runs/config/options.js";
import type { DataFacts } from "../runs/folder/run-info.js";
import { resolveConfig, type Settings, type TrainConfig } from "../runs/index.js";
import { loadData } from "../runs/setup/source.js";
import { argsBeside } from "./args.js";
import { InterchangeError } from "./error.js";
import { inferSettings } from "./infer.js";
import { type OriginalCheckpoint, readOriginal } from "./original.js";

export interface Understood {
  readonly original: OriginalCheckpoint;
  /** The args.txt that was found with the checkpoint, and gave what nobody else said. */
  readonly args: string | null;
  readonly given: Partial<Settings>;
  readonly inferred: Partial<Settings>;
  readonly config: TrainConfig;
  readonly data: KnownData;
}

export interface KnownData {
  /** Null where it is not on this machine. */
  readonly dataset: Dataset | null;
  readonly facts: DataFacts;
}

export interface UnderstandOptions {
  /** Options of `vera train`, in any spelling: what the checkpoint does not say. They win over what was inferred. */
  readonly flags?: Readonly<Record<string, unknown>>;
  /** The model is only to be used: what matters for further training alone is not asked for. Default false. */
  readonly toUse?: boolean;
}

/** Files above this cannot be read whole. */
const MAX_BYTES = 2 ** 31 - 1;

/**
 * @throws InterchangeError where the file is missing, damaged, hostile, or of none of the original's models; ConfigError naming a flag
 * that is missing or wrong; DataError where a table that must be read is missing
 */
export async function understand(
  file: string,
  { flags = {}, toUse = false }: UnderstandOptions = {},
): Promise<Understood> {
  const original = await readOriginal(await content(file), file);
  const { file: args, flags: beside } = await argsBeside(file);
  const given = checkSettings({ ...beside, ...flags }, (name) => `--${name}`);
  const inferred = inferSettings(original, given, { toUse });
  const config = sized(settled(inferred, given), original);
  return { original, args, given, inferred, config, data: await knownData(config) };
}

/** What is not inferred is the original's default, where a new run on a table would start from a preset. */
export const settled = (inferred: Partial<Settings>, flags: Partial<Settings>): TrainConfig =>
  resolveConfig({ file: { ...defaults(), ...inferred }, flags });

/** Hidden units of the original's generator for tables. */
const TABLE_WIDTH = 500;

/** Networks for tables have two sizes here and one in the original: the generator's width tells which these are. */
function sized(config: TrainConfig, { generator }: OriginalCheckpoint): TrainConfig {
  if (config.dataKind !== "table") return config;
  const width = generator.get("g.0.weight")?.shape[0];
  return { ...config, architecture: width === TABLE_WIDTH ? "mlp" : "small-mlp" };
}

async function content(file: string): Promise<Uint8Array> {
  const found = await stat(file).catch((cause) => {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new InterchangeError(code === "ENOENT" ? `${file}: no such file` : `cannot read ${file}: ${message}`, {
      cause,
    });
  });
  if (!found.isFile()) throw new InterchangeError(`${file} is no file: name the checkpoint in it`);
  const { size } = found;
  if (size > MAX_BYTES) throw new InterchangeError(`${file} has ${size} bytes; checkpoints up to 2 GiB are read`);
  return readFile(file);
}

/** The data set, or what is known of its images without it: enough to use the model, not to train it further. */
async function knownData(config: TrainConfig): Promise<KnownData> {
  try {
    const dataset = await loadData(config);
    return { dataset, facts: dataset };
  } catch (cause) {
    if (!(cause instanceof DataError) || config.dataKind !== "image" || config.dataset === null) throw cause;
    return { dataset: null, facts: imageFacts(config, config.dataset) };
  }
}

function imageFacts(config: TrainConfig, name: string): DataFacts {
  const [shape, names] = [config.shape!, Array.from({ length: config.classes ?? 0 }, (_, label) => String(label))];
  const [channels, height, width] = shape as [number, number, number];
  const side = channels === 1 ? 28 : null;
  return {
    name,
    fingerprint: "",
    shape,
    classes: names.length === 0 ? null : names,
    split: { seed: 0, train: 0, validation: 0, test: 0 },
    preprocessing: {
      kind: "image",
      scaling: config.scaling,
      max: 255,
      source: name === "digits" ? [1, 8, 8] : [channels, side ?? height, side ?? width],
    },
  };
}
