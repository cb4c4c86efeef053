/**
 * How much memory a file may take: the one rule for everything that is built from one. What a file claims, and what its instructions
 * multiply, is spent before memory is taken, so that a small file cannot ask for gigabytes.
 */

/** Any file may take this much, however small. */
const SMALL = 2 ** 20;
/** Sound files swell up to this many times: labels and nearly empty pictures compress well, and a list of two bytes is an object. */
const SWELLING = { arrays: 32, objects: 64 } as const;
/** … but what they swell to is at most this. */
const LARGE = 2 ** 29;
/** Large files hold numbers as they are, copied up to this many times: half precision becomes single, and storages are shared. */
const COPIES = 4;

/**
 * Bytes that may be built from a file of this many: of arrays 1 MiB and 32 times the file, up to 512 MiB or 4 times the file; of
 * objects 1 MiB and 64 times, up to 512 MiB.
 */
export const allowance = (file: number, of: keyof typeof SWELLING = "arrays"): number =>
  Math.max(of === "arrays" ? COPIES * file : 0, Math.min(SMALL + SWELLING[of] * file, LARGE));

/** More was asked for than the file may take; the message says how much that is. */
export class BudgetError extends Error {
  override readonly name = "BudgetError";
}

/** What is left of a file's {@link allowance}. Whatever shares memory with the file, or with what was built before, costs nothing. */
export class Budget {
  private readonly most: number;
  private left: number;

  /** @param file its size in bytes, as it is on disk. */
  constructor(
    private readonly file: number,
    of: keyof typeof SWELLING = "arrays",
  ) {
    this.most = allowance(file, of);
    this.left = this.most;
  }

  /** @throws BudgetError where less than that is left; nothing more can be built then. */
  spend(bytes: number): void {
    this.left -= bytes;
    if (this.left >= 0) return;
    const [size, most] = [this.file, this.most].map((n) => n.toLocaleString("en-US"));
    throw new BudgetError(
      `refused: the file has ${size} bytes, and what is in it would exceed ${most} bytes of memory, which no sound file of its size does`,
    );
  }
}
