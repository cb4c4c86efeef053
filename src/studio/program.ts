/** `vera` itself as a process beside the server: what fails there, or takes all memory, does not take the studio down. */
import { spawn } from "node:child_process";

export interface Outcome {
  /** Null of a process that was killed. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Characters of output that are kept. */
const KEPT = 2 ** 20;

export class Program {
  /** @param start command and first arguments that start `vera` */
  constructor(private readonly start: readonly string[]) {}

  /** Command and arguments that start it. */
  command(argv: readonly string[]): readonly [command: string, argv: readonly string[]] {
    const [command = process.execPath, ...first] = this.start;
    return [command, [...first, ...argv]];
  }

  /** Runs it to its end. @param limit milliseconds after which it is stopped */
  run(argv: readonly string[], limit: number): Promise<Outcome> {
    const [command, all] = this.command(argv);
    const child = spawn(command, all, { stdio: ["ignore", "pipe", "pipe"], timeout: limit, killSignal: "SIGKILL" });
    let [out, err] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out = (out + text).slice(-KEPT);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      err = (err + text).slice(-KEPT);
    });
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => resolve({ code, out, err }));
    });
  }
}

/** The last thing that `vera` said of an error: one line, without its name. */
export function errorIn(err: string): string {
  const line = err
    .split("\n")
    .map((each) => each.trim())
    .findLast((each) => each.startsWith("vera: "));
  return line === undefined ? err.trim().split("\n").at(-1) || "the process ended without a word" : line.slice(6);
}
