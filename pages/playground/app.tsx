/** The page: two chapters, and the address that holds all settings. */
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { PlaneChapter } from "./plane/chapter.js";
import { type Chapter, fromHash, type Settings, toHash } from "./settings/settings.js";

interface ChapterProps {
  readonly settings: Settings;
  readonly onChange: (change: Partial<Settings>) => void;
}

const TITLES: Readonly<Record<Chapter, string>> = {
  plane: "1 · A landscape in the plane",
  digits: "2 · Digits: what it knows",
};

export function App() {
  const [settings, setSettings] = useState(() => fromHash(location.hash));
  const [Digits, setDigits] = useState<ComponentType<ChapterProps> | null>(null);
  useEffect(() => {
    const changed = () => setSettings(fromHash(location.hash));
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  useEffect(() => {
    if (settings.chapter === "digits" && Digits === null)
      void import("./digits/chapter.js").then(({ DigitsChapter }) => setDigits(() => DigitsChapter));
  }, [settings.chapter]);
  const change = (part: Partial<Settings>) => {
    const next = { ...settings, ...part };
    setSettings(next);
    history.replaceState(null, "", toHash(next));
  };
  return (
    <>
      <header>
        <h1>Watch an energy landscape learn</h1>
        <nav aria-label="Chapters">
          {(["plane", "digits"] as const).map((chapter) => (
            <a
              key={chapter}
              href={toHash({ ...settings, chapter })}
              aria-current={settings.chapter === chapter ? "page" : undefined}
            >
              {TITLES[chapter]}
            </a>
          ))}
        </nav>
      </header>
      <main>
        {settings.chapter === "plane" ? (
          <PlaneChapter settings={settings} onChange={change} />
        ) : Digits === null ? (
          <p class="quiet">Loading …</p>
        ) : (
          <Digits settings={settings} onChange={change} />
        )}
      </main>
      <footer class="quiet">
        Everything is computed in this page, by <code>vera-ebm</code>: nothing that you draw or paste leaves it. The
        link in the address bar gives the same run again.
      </footer>
    </>
  );
}
