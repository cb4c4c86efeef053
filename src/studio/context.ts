/** What the parts of the server share. */
import type { Folders } from "./folders.js";
import type { Program } from "./program.js";
import type { Catalogue } from "./runs/catalogue.js";
import type { Uploads } from "./uploads.js";

export interface StudioContext {
  readonly folders: Folders;
  readonly catalogue: Catalogue;
  readonly uploads: Uploads;
  readonly program: Program;
}
