/** A reader of pickles that can only build data: Python's plain values and NumPy's arrays. */
import { DataError, reason } from "../error.js";
import { Budget, BudgetError } from "./budget.js";
import { ByteSource } from "./pickle-bytes.js";
import { runPickle } from "./pickle-machine.js";
import { numpyGlobal } from "./pickle-numpy.js";
import { PYTHON_GLOBALS } from "./pickle-python.js";
import type { PickleGlobal, PickleValue } from "./pickle-values.js";

/** What a name stands for, under Python 2's names, too; undefined where it is no data. */
export function dataGlobal(module: string, name: string): PickleGlobal | undefined {
  const known = `${MODULES.get(module) ?? module}.${name}`;
  return PYTHON_GLOBALS.get(known) ?? numpyGlobal(known);
}

/** Python 2's names of modules. */
const MODULES = new Map([
  ["__builtin__", "builtins"],
  ["copy_reg", "copyreg"],
]);

/** @throws DataError where the file is truncated, corrupt, or would need a function that is not known to be harmless. */
export function unpickle(bytes: Uint8Array, file: string): PickleValue {
  const global = (module: string, name: string): PickleGlobal => {
    const known = dataGlobal(module, name);
    if (known !== undefined) return known;
    throw new DataError(
      file,
      `refused: this pickle wants to call ${module}.${name}, and only Python's plain values and NumPy's arrays are read`,
      "do not open it with Python either unless you trust where it came from",
    );
  };
  try {
    return runPickle(new ByteSource(bytes), { global }, new Budget(bytes.length, "objects"));
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    if (cause instanceof BudgetError) throw new DataError(file, cause.message, undefined, { cause });
    throw new DataError(file, `corrupt or truncated pickle (${reason(cause)})`, "fetch the file again", { cause });
  }
}
