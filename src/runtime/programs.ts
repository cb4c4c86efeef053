/** Compiled programs and those who own them: what is released with its owner, all together. */

/** Holds memory of an engine until it is released; may be used again afterwards, and will load anew. */
export interface Releasable {
  release(): Promise<void>;
}

/** The programs of one owner. */
export class Programs implements Releasable {
  private readonly owned: Releasable[] = [];

  /** Takes charge of a program, and hands it back. */
  own<T extends Releasable>(program: T): T {
    this.owned.push(program);
    return program;
  }

  async release(): Promise<void> {
    for (const program of this.owned) await program.release();
  }
}
