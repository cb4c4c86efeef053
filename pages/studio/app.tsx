/** The frame: navigation, and the view that the address names. */
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { address, useRoute } from "./route.js";
import { VIEWS, type View, type ViewProps, viewAt } from "./views.js";

export function App() {
  const route = useRoute();
  const view = viewAt(route);
  const [shown, show] = useState<{ readonly view: View; readonly component: ComponentType<ViewProps> } | null>(null);
  useEffect(() => {
    let current = true;
    view?.load().then((component) => current && show({ view, component }));
    document.title = view === undefined ? "vera studio" : `${view.title} · vera studio`;
    return () => {
      current = false;
    };
  }, [view]);
  const Shown = shown !== null && shown.view === view ? shown.component : null;
  return (
    <>
      <header class="bar">
        <a class="brand" href={address("")}>
          vera studio
        </a>
        <nav aria-label="Views">
          {VIEWS.filter(({ listed }) => listed).map(({ name, title }) => (
            <a key={name} href={address(name)} aria-current={name === view?.name ? "page" : undefined}>
              {title}
            </a>
          ))}
          <a href="/playground/">Playground</a>
        </nav>
      </header>
      <main>
        {view === undefined && (
          <p>
            There is no such page. <a href={address("")}>To the runs</a>
          </p>
        )}
        {view !== undefined && (Shown === null ? <p class="quiet">Loading …</p> : <Shown route={route} />)}
      </main>
    </>
  );
}
