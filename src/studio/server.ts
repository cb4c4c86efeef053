/** The server of `vera studio`: on this machine alone, for the pages of its own, and the runs below its folders. */
import type { AddressInfo } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import Fastify, { type FastifyInstance } from "fastify";
import type { StudioContext } from "./context.js";
import { answerErrors } from "./errors.js";
import { Events } from "./events.js";
import { exportRoutes } from "./export.js";
import { Folders, OWN_FOLDER, stateOf } from "./folders.js";
import { Guard } from "./guard.js";
import { Queue } from "./jobs/queue.js";
import { jobRoutes } from "./jobs/routes.js";
import { Models } from "./models/models.js";
import { modelRoutes } from "./models/routes.js";
import { options } from "./options.js";
import { servePages } from "./pages.js";
import { Program } from "./program.js";
import { Catalogue } from "./runs/catalogue.js";
import { ColumnCache } from "./runs/curves.js";
import { editRoutes } from "./runs/edit.js";
import { runRoutes } from "./runs/routes.js";
import { TemporaryFolder } from "./temporary.js";
import { Uploads } from "./uploads.js";

export interface StudioOptions {
  /** With runs below. New ones are trained in the first. */
  readonly folders: readonly string[];
  /** 0 for any that is free. */
  readonly port: number;
  /** Folder of the built pages; null where there are none. */
  readonly pages: string | null;
  /** The command line that starts `vera`, to which arguments are added: runs are processes of their own. */
  readonly program: readonly string[];
  /** Where the queue is kept; default a folder of this user's. */
  readonly state?: string;
  /** Told of errors that are the program's own. */
  readonly onProblem?: (error: Error) => void;
}

export interface Studio {
  /** Lets a browser in: with the token. */
  readonly address: string;
  readonly port: number;
  /** What a browser holds that was let in. */
  readonly cookie: { readonly name: string; readonly value: string };
  close(): Promise<void>;
}

/** Bytes of a request that is JSON. */
const BODY = 2 ** 20;

const STATE = join(process.env.XDG_STATE_HOME ?? join(homedir(), ".local", "state"), "vera-studio");

/** Runs whose curves are in memory. */
const CURVES = 40;

/** @throws FolderError; Error with code EADDRINUSE or EACCES where the port cannot be had */
export async function startStudio({
  folders,
  port,
  pages,
  program,
  state = STATE,
  onProblem = () => {},
}: StudioOptions): Promise<Studio> {
  const served = await Folders.open(folders);
  const catalogue = new Catalogue(served);
  const events = new Events(catalogue);
  const temporary = new TemporaryFolder();
  const uploads = new Uploads(temporary, join(served.first.path, OWN_FOLDER, "data"));
  const vera = new Program(program);
  const queue = new Queue(stateOf(state, served.first), served, vera, (change) => events.tell(change));
  const context: StudioContext = {
    folders: served,
    catalogue,
    curves: new ColumnCache(CURVES),
    queue,
    uploads,
    temporary,
    program: vera,
  };
  const app = Fastify({ bodyLimit: BODY, forceCloseConnections: true, routerOptions: { maxParamLength: 500 } });
  const listening = (): number => (app.server.address() as AddressInfo).port;
  const guard = new Guard(listening);

  answerErrors(app, onProblem);
  await guard.protect(app);
  onlyJson(app);
  await servePages(app, pages);
  runRoutes(app, context);
  editRoutes(app, context);
  jobRoutes(app, context);
  exportRoutes(app, context);
  uploads.routes(app);
  modelRoutes(app, context, new Models());
  events.routes(app);
  app.get("/api/options", async () => options());

  await queue.open();
  await app.listen({ host: "127.0.0.1", port });
  // While the browser opens; what fails then is told when it asks.
  void catalogue.refresh().catch(() => undefined);
  return {
    address: guard.address,
    port: listening(),
    cookie: guard.cookie,
    async close() {
      events.close();
      await app.close();
      await queue.close();
      await temporary.close();
    },
  };
}

/** Forms of other sites can send text, which is no JSON to this server. */
function onlyJson(app: FastifyInstance): void {
  app.removeContentTypeParser("text/plain");
}
