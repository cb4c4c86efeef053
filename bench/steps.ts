/**
 * npm run bench: one training iteration side by side with PyTorch, on the rows of steps.json.
 *
 *   npm run bench -- [ROW …] [--seconds N] [--rounds N] [--threads N]
 *
 * Each measurement is a process of its own, one after the other, so that peaks of memory do not mix and nothing shares the
 * cores. Every round runs all three implementations of a row, so that slow minutes of the machine hit all of them.
 */
import { spawnSync } from "node:child_process";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Report, ROWS } from "./steps_child.js";

const IMPLEMENTATIONS = ["original", "careful", "vera"] as const;
type Implementation = (typeof IMPLEMENTATIONS)[number];

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

function measure(row: string, which: Implementation, threads: string, seconds: string): Report | null {
  const [command, args] =
    which === "vera"
      ? [process.execPath, [...process.execArgv, here("steps_child.ts"), row, threads, seconds]]
      : [process.env.PYTHON ?? "/usr/bin/python3", [here("steps_torch.py"), row, which, threads, seconds]];
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", maxBuffer: 1 << 26 });
  if (status === 0) return JSON.parse(stdout) as Report;
  console.error(`${row}, ${which}: ${stderr.trim().split("\n").at(-1)}`);
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
  },
});
const unknown = positionals.filter((name) => ROWS[name] === undefined);
if (unknown.length > 0) throw new Error(`no row ${unknown.join(", ")}; there are ${Object.keys(ROWS).join(", ")}`);

console.log(
  `${cpus()[0]?.model}, ${values.threads} threads, Node ${process.version}. Median ms per iteration (least), peak MB.\n`,
);
console.log("| row | original | careful | vera | original ÷ vera (goal) | careful ÷ vera | peak MB |");
console.log("|---|--:|--:|--:|--:|--:|--:|");
for (const name of positionals.length > 0 ? positionals : Object.keys(ROWS)) {
  const row = ROWS[name]!;
  const rounds = Array.from({ length: Number(values.rounds) }, () =>
    IMPLEMENTATIONS.map((which) => measure(name, which, values.threads, values.seconds)),
  );
  const results = IMPLEMENTATIONS.map((_, i) => together(rounds.map((round) => round[i]!)));
  const counts = new Set(results.flatMap((r) => (r === null ? [] : [r.report.parameters])));
  if (counts.size > 1) throw new Error(`${name}: the implementations differ in parameters: ${[...counts].join(", ")}`);
  const [original, careful, vera] = results;
  const times = results.map((r) => (r === null ? "–" : `${digits(r.median)} (${digits(r.least)})`));
  const ratio = (other: typeof original) => (other && vera ? `${(other.median / vera.median).toFixed(2)}×` : "–");
  const peaks = results.map((r) => (r === null ? "–" : r.report.peakMb.toFixed(0)));
  const title = `${row.title} (batch ${row.batch}, noise ${row.noise})`;
  console.log(
    `| ${[title, ...times, `${ratio(original)} (${row.goal}×)`, ratio(careful), peaks.join(" / ")].join(" | ")} |`,
  );
}
