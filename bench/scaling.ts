/**
 * npm run bench:scaling: iterations per second of one process and of several ranks, each with a batch of the same size (weak scaling).
 *
 *   npm run bench:scaling -- [ROW …] [--ranks 2,4] [--iterations 20] [--rounds 5] [--threads 1] [--mpirun "mpirun --oversubscribe"]
 *
 * Every round runs all cases of a row one after the other, so that slow minutes of the machine hit all of them; medians are shown.
 */
import { spawnSync } from "node:child_process";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { markdown } from "./markdown.js";
import { type Measured, type Norm, ROWS } from "./scaling_rows.js";

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ranks: { type: "string", default: "2" },
    iterations: { type: "string", default: "20" },
    rounds: { type: "string", default: "5" },
    threads: { type: "string", default: "1" },
    mpirun: { type: "string", default: "mpirun --oversubscribe" },
  },
});
const unknown = positionals.filter((name) => ROWS[name] === undefined);
if (unknown.length > 0) throw new Error(`no row ${unknown.join(", ")}; there are ${Object.keys(ROWS).join(", ")}`);

interface Case {
  readonly ranks: number;
  readonly norm: Norm;
}
const several = flags.ranks.split(",").map(Number);
const CASES: readonly Case[] = [
  { ranks: 1, norm: "local" },
  ...several.flatMap((ranks) => (["synchronised", "local"] as const).map((norm) => ({ ranks, norm }))),
];

const CHILD = fileURLToPath(new URL("scaling_child.ts", import.meta.url));

function measure(row: string, { ranks, norm }: Case): Measured {
  const own = [process.execPath, ...process.execArgv, CHILD, row, norm, flags.iterations, flags.threads];
  const [program, ...args] = ranks === 1 ? own : [...flags.mpirun.split(" "), "-n", String(ranks), ...own];
  const { status, stdout, stderr } = spawnSync(program!, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${row}, ranks ${ranks}, ${norm}: ${stderr}`);
  return JSON.parse(stdout) as Measured; // what the child wrote
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

const rows: string[][] = [];
for (const name of positionals.length > 0 ? positionals : Object.keys(ROWS)) {
  const found = CASES.map((): Measured[] => []);
  for (let round = 0; round < Number(flags.rounds); round++)
    for (const [i, which] of CASES.entries()) {
      found[i]!.push(measure(name, which));
      console.error(`${name}, ranks ${which.ranks}, ${which.norm}: ${found[i]!.at(-1)!.milliseconds.toFixed(0)} ms`);
    }
  const alone = median(found[0]!.map(({ milliseconds }) => milliseconds));
  for (const [i, { ranks, norm }] of CASES.entries()) {
    const own = (what: (m: Measured) => number) => median(found[i]!.map(what));
    const time = own(({ milliseconds }) => milliseconds);
    const together =
      ranks === 1
        ? ["", "", "", ""]
        : [
            (alone / time).toFixed(2),
            own(({ exchanges }) => exchanges).toFixed(0),
            (own(({ bytes }) => bytes) / 1e6).toFixed(2),
            `${(100 * own(({ waited, milliseconds }) => waited / milliseconds)).toFixed(0)} %`,
          ];
    const title = i === 0 ? ROWS[name]!.title : "";
    rows.push([title, ranks === 1 ? "" : norm, String(ranks), (1000 / time).toFixed(2), ...together]);
  }
}
console.log(
  `${cpus()[0]?.model}, ${cpus().length} cores, ${flags.threads} threads a rank; medians of ${flags.rounds} rounds of ${flags.iterations} iterations.\n`,
);
const heads = ["", "batch norm", "ranks", "iterations/s", "of one process", "exchanges", "MB", "in exchanges"];
console.log(markdown([heads, ...rows], 2));
