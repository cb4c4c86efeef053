/** The models' process as the server sees it: calls and answers. It is started with the first call, and anew after a crash, which fails the calls that were open and nothing else. */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Asked, CallName, Reply, Request, Told } from "./calls.js";

/** An error of that process: `name` is of the error there. */
export class ModelError extends Error {
  constructor(
    override readonly name: string,
    message: string,
  ) {
    super(message);
  }
}

interface Open {
  readonly resolve: (told: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** From source, as in tests, the process needs what runs TypeScript. */
const isSource = import.meta.url.endsWith(".ts");
const ENTRY = fileURLToPath(new URL(isSource ? "./child.ts" : "./child.js", import.meta.url));

export class Models {
  private child: ChildProcess | null = null;
  private readonly open = new Map<number, Open>();
  private next = 1;

  /** @throws ModelError as the process threw it, or where it ended */
  ask<N extends CallName>(name: N, asked: Asked<N>): Promise<Told<N>> {
    const child = this.started();
    const id = this.next++;
    return new Promise<Told<N>>((resolve, reject) => {
      this.open.set(id, { resolve: (told) => resolve(told as Told<N>), reject }); // what it says is of its own types
      const request: Request = { id, name, asked };
      child.send(request, (error) => error && this.fail(id, new ModelError("ModelError", error.message)));
    });
  }

  /** Ends the process. */
  close(): void {
    this.child?.kill();
    this.child = null;
  }

  private started(): ChildProcess {
    if (this.child !== null) return this.child;
    const child = fork(ENTRY, [], {
      serialization: "advanced",
      execArgv: isSource ? ["--import", "tsx"] : [],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    child.on("message", (reply: Reply) => {
      const open = this.open.get(reply.id);
      this.open.delete(reply.id);
      if ("error" in reply) open?.reject(new ModelError(reply.error.name, reply.error.message));
      else open?.resolve(reply.told);
    });
    const ended = () => {
      if (this.child === child) this.child = null;
      for (const id of this.open.keys())
        this.fail(
          id,
          new ModelError("ModelError", "the process that holds models ended: ask again, it is started anew"),
        );
    };
    child.on("error", ended);
    child.on("exit", ended);
    this.child = child;
    return child;
  }

  private fail(id: number, error: Error): void {
    this.open.get(id)?.reject(error);
    this.open.delete(id);
  }
}
