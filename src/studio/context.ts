/** What the parts of the server share. */
import type { Folders } from "./folders.js";
import type { Queue } from "./jobs/queue.js";
import type { Program } from "./program.js";
import type { Catalogue } from "./runs/catalogue.js";
import type { ColumnCache } from "./runs/curves.js";
import type { TemporaryFolder } from "./temporary.js";
import type { Uploads } from "./uploads.js";

export interface StudioContext {
  readonly folders: Folders;
  readonly catalogue: Catalogue;
  /** Of the runs that were looked at last. */
  readonly curves: ColumnCache;
  readonly queue: Queue;
  readonly temporary: TemporaryFolder;
  readonly uploads: Uploads;
  readonly program: Program;
}
