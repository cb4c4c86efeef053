/** The server's answers, with their types. */
import type { ApiError } from "../../src/studio/api.js";

/** What the server said instead of an answer. */
export class ServerError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** @throws ServerError with what the server says; TypeError where it does not answer */
export async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  const answer = await fetch(path, { ...init, credentials: "same-origin" });
  const body: unknown = await answer.json().catch(() => null);
  if (!answer.ok) {
    const { error } = (body ?? {}) as Partial<ApiError>;
    throw new ServerError(answer.status, error ?? `the server answered ${answer.status}`);
  }
  return body as T;
}

const sent =
  (method: string) =>
  <T>(path: string, body: unknown = {}): Promise<T> =>
    ask<T>(path, { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

export const post = sent("POST");
export const patch = sent("PATCH");
export const remove = sent("DELETE");
