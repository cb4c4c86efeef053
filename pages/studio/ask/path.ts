/** Addresses of questions about a run's model. */
export const askPath = (id: string): string => `/api/ask/${encodeURIComponent(id)}`;
export const scoredPath = (key: string): string => `/api/scored/${encodeURIComponent(key)}`;
