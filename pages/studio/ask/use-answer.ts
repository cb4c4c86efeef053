/** The answer to what was asked last: while one is on its way, further questions wait, and only the last of them is asked. */
import { useRef, useState } from "preact/hooks";
import type { Answer } from "../../../src/studio/ask-api.js";

export interface Asked {
  readonly answer: Answer | null;
  readonly problem: string | null;
  readonly busy: boolean;
  readonly put: (question: () => Promise<Answer>) => void;
}

export function useAnswer(): Asked {
  const [state, set] = useState<Pick<Asked, "answer" | "problem" | "busy">>({
    answer: null,
    problem: null,
    busy: false,
  });
  const waiting = useRef<(() => Promise<Answer>) | null>(null);
  const running = useRef(false);
  const work = async () => {
    running.current = true;
    for (let question = waiting.current; question !== null; question = waiting.current) {
      waiting.current = null;
      set((old) => ({ ...old, busy: true }));
      try {
        const answer = await question();
        set({ answer, problem: null, busy: false });
      } catch (error) {
        const problem = error instanceof Error ? error.message : String(error);
        set((old) => ({ ...old, problem, busy: false }));
      }
    }
    running.current = false;
  };
  const put = (question: () => Promise<Answer>) => {
    waiting.current = question;
    if (!running.current) work();
  };
  return { ...state, put };
}
