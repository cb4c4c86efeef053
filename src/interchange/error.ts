/** The one error of this folder. */

/** A checkpoint that cannot be read, or cannot become what was asked for; the message says why. */
export class InterchangeError extends Error {
  override readonly name = "InterchangeError";
}
