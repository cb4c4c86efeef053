/** The process that holds models: the studio starts it when a model is first asked, and anew where it ended. Trainings are processes of their own. */

import { nodeEngine } from "../../runtime/engine-node.js";
import { setDefaultEngine } from "../../runtime/index.js";
import type { CallName, Handlers, Reply, Request } from "./calls.js";
import { handlers } from "./handlers.js";

setDefaultEngine(nodeEngine());
const all = handlers();

/** Its name and what it is asked go together: the server's types say so. */
function answer(name: CallName, asked: unknown): Promise<unknown> {
  const handler: (asked: never) => Promise<unknown> = (all as Handlers)[name];
  return handler(asked as never);
}

process.on("message", ({ id, name, asked }: Request) => {
  answer(name, asked).then(
    (told) => reply({ id, told }),
    (cause: unknown) => {
      const { name: kind, message } = cause instanceof Error ? cause : new Error(String(cause));
      reply({ id, error: { name: kind, message } });
    },
  );
});
process.on("disconnect", () => process.exit(0));

const reply = (message: Reply): void => void process.send?.(message);
