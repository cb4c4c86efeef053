/** Names for parts of a model, so that a compiled graph reads like the code that made it. */
const stack: string[] = [];

/** The path of the innermost scope, `generator/1/conv`; empty at the top. */
export const currentScope = (): string => stack.at(-1) ?? "";

/** Runs `body` with `name` appended to the path of every tensor it makes. */
export function scope<T>(name: string, body: () => T): T {
  const outer = currentScope();
  return inScope(outer === "" ? name : `${outer}/${name}`, body);
}

/** Runs `body` in the scope with exactly this path. */
export function inScope<T>(path: string, body: () => T): T {
  stack.push(path);
  try {
    return body();
  } finally {
    stack.pop();
  }
}
