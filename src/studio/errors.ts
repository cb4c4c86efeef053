/** Errors as the page gets them: a status and a sentence, never a stack. */
import type { FastifyError, FastifyInstance } from "fastify";
import type { ApiError } from "./api.js";

/** What was asked for cannot be had; the message says why, and the way out. */
export class RequestError extends Error {
  override readonly name = "RequestError";

  constructor(
    /** Of HTTP. */
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export const notFound = (what: string): RequestError => new RequestError(404, `there is no ${what}`);

/** What the library refuses in words for people, by the names of its errors. */
const REFUSALS: ReadonlySet<string> = new Set([
  "ConfigError",
  "CheckpointError",
  "DataError",
  "ExportError",
  "FigureError",
  "FileError",
  "InterchangeError",
]);

/** @param onProblem is told of errors that are the program's own */
export function answerErrors(app: FastifyInstance, onProblem: (error: Error) => void): void {
  app.setErrorHandler((error: FastifyError | Error, _, reply) => {
    const status = statusOf(error);
    if (status >= 500) onProblem(error);
    const body: ApiError = { error: status >= 500 ? `the studio failed: ${error.message}` : error.message };
    return reply.code(status).type("application/json; charset=utf-8").send(body);
  });
  app.setNotFoundHandler((_, reply) => {
    const body: ApiError = { error: "there is nothing at this address" };
    return reply.code(404).send(body);
  });
}

function statusOf(error: FastifyError | Error): number {
  if (error instanceof RequestError) return error.status;
  if (REFUSALS.has(error.name)) return 400;
  const status = "statusCode" in error ? error.statusCode : undefined;
  return status !== undefined && status >= 400 && status < 500 ? status : 500;
}
