/** How errors reach the user: one line, and an exit code. */
import { ConfigError } from "../runs/config/index.js";

/** The command line asks for something that does not exist. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** 2 for a command line or configuration that cannot be, 1 for what went wrong in doing it. */
export const exitCodeOf = (error: unknown): 1 | 2 =>
  error instanceof UsageError || error instanceof ConfigError ? 2 : 1;

/** `vera: what happened`, in one line; with `debug` the stack and causes. */
export function formatError(error: unknown, debug: boolean): string {
  if (!(error instanceof Error)) return `vera: ${String(error)}`;
  if (!debug) return `vera: ${error.message.trim().replace(/\s*\n\s*/g, " ")}`;
  const causes: string[] = [];
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) causes.push(`caused by ${cause.stack}`);
  return [`vera: ${error.stack}`, ...causes].join("\n");
}
