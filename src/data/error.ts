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
