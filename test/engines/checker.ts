/** The reference checker of ONNX models: Python's onnx.checker, in a process of its own. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Debian's Python, which has `python3-onnx`. Another one may be named. */
const PYTHON = process.env.PYTHON_WITH_ONNX ?? "/usr/bin/python3";
const SCRIPT = fileURLToPath(new URL("onnx_check.py", import.meta.url));

/** Types as `[element type, dimensions]`; a symbolic dimension is its name, an unknown one is empty. */
type Types = Readonly<Record<string, readonly [number, readonly (number | string)[]]>>;

export interface Report {
  readonly path: string;
  readonly error?: string;
  readonly ir_version: number;
  readonly opsets: Readonly<Record<string, number>>;
  readonly metadata: Readonly<Record<string, string>>;
  /** Of the inputs and outputs, as the model has them. */
  readonly inputs: Types;
  readonly declared: Types;
  /** Of the outputs, as shape inference finds them. */
  readonly inferred: Types;
}

/** @throws Error where Python or its onnx is missing: these tests never pass without. */
export function check(name: string, model: Uint8Array): Report {
  const folder = mkdtempSync(join(tmpdir(), "vera-onnx-"));
  try {
    const path = join(folder, `${name}.onnx`);
    writeFileSync(path, model);
    const { stdout, stderr, error } = spawnSync(PYTHON, [SCRIPT, path], { encoding: "utf8" });
    if (error !== undefined || stdout === "") throw new Error(`${PYTHON} could not check models: ${error ?? stderr}`);
    return JSON.parse(stdout) as Report;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
