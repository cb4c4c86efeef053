/** Whether the page hears of changes. */
export function Connection({ connected }: { readonly connected: boolean | null }) {
  if (connected === null) return null;
  return connected ? (
    <span class="connection good">
      <span aria-hidden="true">●</span> live
    </span>
  ) : (
    <span class="connection warning">
      <span aria-hidden="true">○</span> the server does not answer: what is shown may be old
    </span>
  );
}
