/** What just happened, or why it did not, told where assistive technology hears it. */
import "./parts.css";
export interface Notice {
  readonly text: string;
  readonly bad: boolean;
}

export const said = (text: string): Notice => ({ text, bad: false });
export const failed = (what: string, error: unknown): Notice => ({
  text: `${what}: ${error instanceof Error ? error.message : String(error)}`,
  bad: true,
});

export function NoticeLine({ notice, onClose }: { readonly notice: Notice | null; readonly onClose: () => void }) {
  return (
    <div class="notice-line" role="status">
      {notice !== null && (
        <p class={notice.bad ? "notice warning" : "notice"}>
          {notice.text}
          <button type="button" class="plain" aria-label="Close this notice" onClick={onClose}>
            ✕
          </button>
        </p>
      )}
    </div>
  );
}
