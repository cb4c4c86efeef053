/**
 * npm run bench: one training iteration side by side with PyTorch, on the rows of steps.json.
 *
 *   npm run bench -- [ROW …] [--seconds N] [--rounds N] [--threads N] [--provider webgpu] [--json FILE]
 *
 * Each measurement is a process of its own, one after the other, so that peaks of memory do not mix and nothing shares the
 * cores. Every round runs all three implementations of a row, so that slow minutes of the machine hit all of them.
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { NodeProvider } from "../src/runtime/engine-node.js";
import { type Report, ROWS } from "./steps_rows.js";

/** What runs a row: vera with a provider and perhaps iterations per call, or PyTorch with these arguments. */
type Implementation = { readonly title: string } & (
  | { readonly vera: NodeProvider; readonly scan?: number; readonly cheap?: boolean }
  | { readonly torch: "original" | "careful"; readonly args?: readonly string[] }
);

const ON_CPU: readonly Implementation[] = [
  { title: "original", torch: "original" },
  { title: "careful", torch: "careful" },
  { title: "vera", vera: "cpu" },
  { title: "vera, cheap", vera: "cpu", cheap: true },
];
/** PyTorch computes convolutions in TF32 unless told not to. */
const onCard = (provider: NodeProvider): readonly Implementation[] => [
  { title: "careful, TF32", torch: "careful", args: ["--device", "cuda"] },
  { title: "careful, single precision", torch: "careful", args: ["--device", "cuda", "--single"] },
  { title: `vera, ${provider}`, vera: provider },
  { title: `vera, ${provider}, one iteration a call`, vera: provider, scan: 1 },
  { title: "vera, cpu", vera: "cpu" },
];

// By its own extension, so that a bundle finds a bundle.
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const CHILD = here(`steps_child${extname(import.meta.url)}`);

/** A process that takes longer than this many times the seconds asked for, and a minute, is given up. */
const PATIENCE = 5;

function measure(row: string, which: Implementation, threads: string, seconds: string): Report | null {
  const [command, args] =
    "vera" in which
      ? [
          process.execPath,
          [
            ...process.execArgv,
            CHILD,
            row,
            threads,
            seconds,
            which.vera,
            `${which.scan ?? ""}`,
            ...(which.cheap === true ? ["cheap"] : []),
          ],
        ]
      : [
          process.env.PYTHON ?? "/usr/bin/python3",
          [here("steps_torch.py"), row, which.torch, threads, seconds, ...(which.args ?? [])],
        ];
  const timeout = (60 + PATIENCE * Number(seconds)) * 1000;
  const { status, stdout, stderr, signal } = spawnSync(command, args, {
    encoding: "utf8",
    maxBuffer: 1 << 26,
    timeout,
  });
  if (status === 0) return JSON.parse(stdout) as Report;
  console.error(`${row}, ${which.title}: ${signal ? "took too long" : stderr.trim().split("\n").at(-1)}`);
  return null;
}

/** The rounds of one implementation together. */
function together(reports: readonly (Report | null)[]): { median: number; least: number; report: Report } | null {
  const done = reports.filter((r) => r !== null);
  if (done.length === 0) return null;
  const times = done.flatMap(({ times }) => times).sort((a, b) => a - b);
  const report = { ...done[0]!, peakMb: Math.max(...done.map(({ peakMb }) => peakMb)) };
  return { median: times[times.length >> 1]!, least: times[0]!, report };
}

const digits = (ms: number) => ms.toFixed(ms < 10 ? 2 : ms < 100 ? 1 : 0);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "15" },
    rounds: { type: "string", default: "2" },
    threads: { type: "string", default: "2" },
    provider: { type: "string", default: "cpu" },
    json: { type: "string" },
  },
});
const unknown = positionals.filter((name) => ROWS[name] === undefined);
if (unknown.length > 0) throw new Error(`no row ${unknown.join(", ")}; there are ${Object.keys(ROWS).join(", ")}`);
const cpu = values.provider === "cpu";
const implementations = cpu ? ON_CPU : onCard(values.provider as NodeProvider);
const names = positionals.length > 0 ? positionals : Object.keys(ROWS).filter((name) => !(cpu && ROWS[name]!.cardOnly));

console.log(
  `${cpus()[0]?.model}, ${values.threads} threads, Node ${process.version}. Median ms per iteration (least), peak MB.\n`,
);
const ratios = cpu ? ["original ÷ vera (goal)", "careful ÷ vera", "original ÷ cheap"] : [];
const heads = ["row", ...implementations.map(({ title }) => title), ...ratios, "peak MB"];
console.log(`| ${heads.join(" | ")} |\n|---|${"--:|".repeat(heads.length - 1)}`);
const raw: Record<string, Record<string, readonly Report[]>> = {};
for (const name of names) {
  const row = ROWS[name]!;
  const rounds = Array.from({ length: Number(values.rounds) }, () =>
    implementations.map((which) => measure(name, which, values.threads, values.seconds)),
  );
  const results = implementations.map((_, i) => together(rounds.map((round) => round[i]!)));
  const counts = new Set(results.flatMap((r) => (r === null ? [] : [r.report.parameters])));
  if (counts.size > 1) throw new Error(`${name}: the implementations differ in parameters: ${[...counts].join(", ")}`);
  const times = results.map((r) => (r === null ? "–" : `${digits(r.median)} (${digits(r.least)})`));
  const ratio = (other: (typeof results)[number], own: (typeof results)[number] = results[2]!) =>
    other && own ? `${(other.median / own.median).toFixed(2)}×` : "–";
  const peaks = results.map((r) => (r === null ? "–" : r.report.peakMb.toFixed(0))).join(" / ");
  const title = `${row.title} (batch ${row.batch}, noise ${row.noise})`;
  const compared = cpu
    ? [`${ratio(results[0]!)} (${row.goal}×)`, ratio(results[1]!), ratio(results[0]!, results[3]!)]
    : [];
  console.log(`| ${[title, ...times, ...compared, peaks].join(" | ")} |`);
  raw[name] = Object.fromEntries(
    implementations.map(({ title }, i) => [title, rounds.map((round) => round[i]!).filter((r) => r !== null)]),
  );
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(raw)}\n`);
}
