/** The one error of this folder: a file or data set that is missing, damaged or not what was expected. */

/** The message names the file, what was found, and the way out where there is one. */
export class DataError extends Error {
  override readonly name = "DataError";

  /**
   * @param where file, or file and entry, or data set.
   * @param problem what was expected and what was found.
   * @param wayOut what the user can do about it.
   */
  constructor(
    readonly where: string,
    readonly problem: string,
    readonly wayOut?: string,
    options?: ErrorOptions,
  ) {
    super(`${where}: ${problem}${wayOut === undefined ? "" : `; ${wayOut}`}`, options);
  }
}

/** The message of anything thrown. */
export const reason = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

/** A count for messages: 50,000. */
export const show = (n: number): string => n.toLocaleString("en-US");

/** A file that cannot be used, and why. */
export interface BadFile {
  readonly path: string;
  readonly problem: string;
}

/** Bad files named in one message; of more their number is said. */
const NAMED = 20;

/** One error for all of them. @param where what they are part of. */
export function badFiles(where: string, bad: readonly BadFile[]): DataError {
  const [first] = bad;
  if (first !== undefined && bad.length === 1) return new DataError(first.path, first.problem, "replace or remove it");
  const named = bad.slice(0, NAMED).map(({ path, problem }) => `\n${path}: ${problem}`);
  const more = bad.length > NAMED ? `\nand ${show(bad.length - NAMED)} more` : "";
  return new DataError(
    where,
    `${show(bad.length)} files cannot be used:${named.join(";")}${more}`,
    "replace or remove them",
  );
}
