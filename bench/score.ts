/**
 * Scoring and loading a long table, side by side with NumPy and scikit-learn's MLP (256, 256), in processor seconds of one thread.
 *
 *   npm run bench:score                    1,000,000 rows of 20 numbers, and with 5 categories more, as CSV and as Parquet
 *     --rows 1000000  --rounds 3           rounds run the programs one after the other; medians are shown
 *     --python python3                     with scikit-learn; "none" to do without
 *     --out runs/score                     where the tables are made and kept
 *
 * `network` is a JEM of the MLP for tables, as fast a model as scikit-learn's; `default` what `vera train --csv --label --jem` makes.
 */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Database } from "../src/tables/duckdb.js";
import { loadTable } from "../src/tables/index.js";

const { values: flags } = parseArgs({
  options: {
    rows: { type: "string", default: "1000000" },
    rounds: { type: "string", default: "3" },
    python: { type: "string", default: "python3" },
    out: { type: "string", default: "runs/score" },
    load: { type: "string" },
  },
});
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const rows = Number(flags.rows);
const TRAINED = 2000;

interface Cost {
  readonly seconds: number;
  readonly megabytes: number;
}

async function bench(): Promise<void> {
  await mkdir(flags.out, { recursive: true });
  for (const kind of ["numbers", "mixed"] as const) await makeTable(kind);
  const main = here("../dist/cli/main.js");
  if (!existsSync(main)) throw new Error("npm run build first: what users run is measured");
  const vera = (...args: string[]) => ["node", main, ...args, "--threads", "1"];
  const python = usable() ? flags.python : null;
  const programs: [name: string, command: string[]][] = [];
  for (const kind of ["numbers", "mixed"] as const) {
    const file = (end: string) => join(flags.out, `${kind}.${end}`);
    for (const model of ["network", "default"] as const) {
      const run = join(flags.out, `${kind}-${model}`);
      const network = model === "network" ? ["--energy-discrepancy", "--base", "none", "--n-iters", "300"] : [];
      if (!existsSync(run)) {
        const train = [
          "train",
          "--csv",
          file("train.csv"),
          "--label",
          "kind",
          "--jem",
          "--no-plots",
          "--save-dir",
          run,
        ];
        execFileSync("node", vera(...train, ...network).slice(1), { stdio: "ignore" });
      }
      programs.push([`${kind}, CSV to CSV, ${model}`, vera("score", run, file("csv"), "--out", file("scored.csv"))]);
      const parquet = vera("score", run, file("parquet"), "--out", file("scored.parquet"));
      programs.push([`${kind}, Parquet to Parquet, ${model}`, parquet]);
    }
    if (python !== null)
      programs.push([`${kind}, CSV to CSV, scikit-learn`, [python, here("score/peer.py"), flags.out, kind]]);
    const load = ["node", "--import", "tsx", here("score.ts"), "--load", file("csv")];
    programs.push([`${kind}, loading for training`, load]);
  }
  const costs = programs.map((): Cost[] => []);
  for (let round = 0; round < Number(flags.rounds); round++)
    for (const [i, [name, command]] of programs.entries()) {
      costs[i]!.push(await measured(command));
      console.error(`${name}: ${costs[i]!.at(-1)!.seconds.toFixed(1)} s`);
    }
  console.log(`${rows.toLocaleString("en-US")} rows, ${cpus()[0]!.model}, medians of ${flags.rounds}\n`);
  console.log("| | processor seconds (least) | MB |\n|---|--:|--:|");
  programs.forEach(([name], i) => {
    const seconds = costs[i]!.map((c) => c.seconds).sort((a, b) => a - b);
    const most = Math.max(...costs[i]!.map((c) => c.megabytes));
    console.log(
      `| ${name} | ${seconds[seconds.length >> 1]!.toFixed(1)} (${seconds[0]!.toFixed(1)}) | ${most.toFixed(0)} |`,
    );
  });
}

/** Numbers in six digits, words, and a class that a model can learn; the first rows as a file to train on. */
async function makeTable(kind: "numbers" | "mixed"): Promise<void> {
  const file = (end: string) => join(flags.out, `${kind}.${end}`);
  if (existsSync(file("train.csv"))) return;
  const database = await Database.open({ threads: 1 });
  const numbers = Array.from(
    { length: 20 },
    (_, j) => `round(sqrt(-2 * ln(1 - random())) * cos(6.28318530718 * random()), 5) AS n${j}`,
  );
  const words = ["red", "green", "blue", "violet", "orange", "grey"].map((w) => `'${w}'`).join(", ");
  const categories = Array.from(
    { length: kind === "mixed" ? 5 : 0 },
    (_, j) => `[${words}][1 + floor(6 * random())::INT] AS c${j}`,
  );
  await database.run("SELECT setseed(0.5)");
  await database.run(
    `CREATE TABLE t AS SELECT *, CASE WHEN n0 + n1 > 0 THEN 'yes' ELSE 'no' END AS kind FROM ` +
      `(SELECT ${[...numbers, ...categories].join(", ")} FROM range(${rows}))`,
  );
  await database.run(`COPY t TO '${file("csv")}'`);
  await database.run(`COPY t TO '${file("parquet")}' (FORMAT parquet)`);
  await database.run(`COPY (FROM t LIMIT ${TRAINED}) TO '${file("train.csv")}'`);
  database.close();
  await rm(join(flags.out, `${kind}-network`), { recursive: true, force: true });
  await rm(join(flags.out, `${kind}-default`), { recursive: true, force: true });
}

/** Processor time as the shell has it, and peak memory as the system does. */
async function measured(command: readonly string[]): Promise<Cost> {
  const env = { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1", TIMEFORMAT: "%U %S" };
  const child = spawn("bash", ["-c", 'time "$@"', "bash", ...command], { env, stdio: ["ignore", "ignore", "pipe"] });
  let text = "";
  child.stderr.on("data", (part) => {
    text += part;
  });
  let megabytes = 0;
  const watch = setInterval(() => {
    megabytes = Math.max(megabytes, ...childrenOf(child.pid!).map(peakOf));
  }, 50);
  const code = await new Promise((done) => child.on("close", done));
  clearInterval(watch);
  if (code !== 0) throw new Error(`${command.join(" ")}: ${text}`);
  const [user, system] = text.trim().split("\n").at(-1)!.split(" ").map(Number);
  return { seconds: user! + system!, megabytes };
}

const childrenOf = (pid: number): string[] => {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
  } catch {
    return [];
  }
};

function peakOf(pid: string): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

function usable(): boolean {
  try {
    execFileSync(flags.python, ["-c", "import sklearn"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

if (flags.load !== undefined) await loadTable(flags.load, { label: "kind" });
else await bench();
