/** The stack of a pickle's machine. A mark begins a new part, whose values are taken together. */
import type { PickleValue } from "./pickle-values.js";

/** Taking what is not there is an error: the pickle is corrupt. */
export class PickleStack {
  private values: PickleValue[] = [];
  private readonly marks: PickleValue[][] = [];

  /** Nothing since the last mark. */
  get isEmpty(): boolean {
    return this.values.length === 0;
  }

  push(value: PickleValue): void {
    this.values.push(value);
  }

  top(): PickleValue {
    const value = this.values.at(-1);
    if (value === undefined) throw new Error("the stack is empty");
    return value;
  }

  pop(): PickleValue {
    const value = this.values.pop();
    if (value === undefined) throw new Error("the stack is empty");
    return value;
  }

  popMany(n: number): PickleValue[] {
    if (this.values.length < n) throw new Error("the stack is empty");
    return this.values.splice(-n);
  }

  mark(): void {
    this.marks.push(this.values);
    this.values = [];
  }

  /** All values since the last mark, which is taken, too. */
  endMark(): PickleValue[] {
    const below = this.marks.pop();
    if (below === undefined) throw new Error("no mark");
    const values = this.values;
    this.values = below;
    return values;
  }
}
