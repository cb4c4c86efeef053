/** Files that are given to the studio. */
import type { Uploaded } from "../../src/studio/api.js";
import { ask } from "./server.js";

/** @throws ServerError where it is larger than it may be */
export const upload = (file: Blob, name: string): Promise<Uploaded> =>
  ask<Uploaded>(`/api/uploads?name=${encodeURIComponent(name)}`, {
    method: "POST",
    headers: { "content-type": "application/octet-stream" },
    body: file,
  });

/** It is not needed any more; that it stays a while would do no harm. */
export const forget = (id: string): void => {
  ask(`/api/uploads/${encodeURIComponent(id)}`, { method: "DELETE" }).catch(() => {});
};
