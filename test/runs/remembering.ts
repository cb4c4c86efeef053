/** An engine that answers a model with inputs that it has seen before from memory: of options that change neither, nothing is computed. */
import { createHash } from "node:crypto";
import type { Engine, Named, Session } from "../../src/runtime/engine.js";

const digest = (...parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash("sha1");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
};

const bytesOf = (inputs: Named): (string | Uint8Array)[] =>
  Object.entries(inputs).flatMap(([name, { data, shape, dtype }]) => [
    `${name} ${dtype} ${shape};`,
    new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  ]);

/** The same engine to all who ask, but that a run of an equal model on equal inputs is the one that was. */
export function remembering(engine: Engine): Engine {
  const known = new Map<string, Promise<Named>>();
  return {
    description: engine.description,
    lowering: () => engine.lowering(),
    async load(model) {
      const program = digest(model);
      let loaded: Promise<Session> | null = null;
      const compute = async (inputs: Named) => {
        loaded ??= engine.load(model);
        return (await loaded).run(inputs);
      };
      return {
        run(inputs) {
          const key = digest(program, ...bytesOf(inputs));
          const result = known.get(key) ?? compute(inputs);
          known.set(key, result);
          return result;
        },
        release: async () => (await loaded)?.release(),
      };
    },
  };
}
