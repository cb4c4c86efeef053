/** What a command is to `vera`. */

/** Where a command writes. Results go to `out`; progress, notes and errors to `err`. */
export interface Terminal {
  readonly out: Output;
  readonly err: Output;
}

export interface Output {
  write(text: string): unknown;
  /** It shows text as it comes, and the cursor can be moved. */
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** @returns the exit code. @throws anything; `vera` reports it. */
export type Command = (argv: readonly string[], terminal: Terminal) => Promise<number>;

export const line = (output: Output, text: string): void => {
  output.write(`${text}\n`);
};
