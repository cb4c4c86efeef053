/** What a worker does: orders one after another, and rounds of training between them for as long as it is let. */
export class Work {
  /** Whether rounds go on. */
  running = false;
  private looping = false;
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly failed: (why: string) => void) {}

  /** Carries an order out after all before it. One that fails ends the rounds, and is told. */
  enqueue(order: () => Promise<void>): Promise<void> {
    this.last = this.last.then(order).catch((error: unknown) => {
      this.running = false;
      this.failed(error instanceof Error ? error.message : String(error));
    });
    return this.last;
  }

  /** Does one round after another while {@link running}. */
  async loop(round: () => Promise<void>): Promise<void> {
    if (this.looping) return;
    this.looping = true;
    while (this.running) {
      await this.enqueue(async () => {
        if (this.running) await round();
      });
      // Orders come in between: the engine's promises alone do not let them.
      await new Promise((resolve) => setTimeout(resolve));
    }
    this.looping = false;
  }
}
