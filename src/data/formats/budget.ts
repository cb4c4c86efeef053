/**
 * How much memory a file may take: the one rule for everything that is built from one. What a file claims, and what its instructions
 * multiply, is spent before memory is taken, so that a small file cannot ask for gigabytes.
 */

/** What is built: 1 MiB or more of any file, however small, and so many times its size. */
const KINDS = {
  /** What a compressed file holds: labels and nearly empty pictures are a hundredth of their size, and a small set of them is harmless. */
  inflated: { floor: 2 ** 24, times: 32 },
  /** Numbers copied out of a file: half precision becomes single, and storages are shared. */
  copies: { floor: 2 ** 20, times: 4 },
  /** Values of a pickle: a list of two numbers is 8 bytes there and an object of 300 here. */
  objects: { floor: 2 ** 20, times: 64 },
} as const;
type Kind = keyof typeof KINDS;

/** Only from files that are large themselves is more built than this, and of objects never: a heap of them has an end. */
const LARGE = 2 ** 29;

/**
 * Bytes that may be built from a file of so many: of what is inflated 16 MiB and 32 times the file, of copies 1 MiB and 4 times, of
 * objects 1 MiB and 64 times, up to 512 MiB; but for objects, 4 times the file in any case.
 */
export function allowance(file: number, kind: Kind): number {
  const { floor, times } = KINDS[kind];
  return Math.max(kind === "objects" ? 0 : KINDS.copies.times * file, Math.min(floor + times * file, LARGE));
}

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
    kind: Kind,
  ) {
    this.most = allowance(file, kind);
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
