/** The frame: navigation, and the view that the address names. */
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { address, useRoute } from "./route.js";
import { VIEWS, type ViewProps } from "./views.js";

export function App() {
  const route = useRoute();
  const view = VIEWS.find(({ name }) => name === (route.view || VIEWS[0]?.name));
  const [shown, show] = useState<{ readonly name: string; readonly component: ComponentType<ViewProps> } | null>(null);
  useEffect(() => {
    let current = true;
    view?.load().then((component) => current && show({ name: view.name, component }));
    document.title = view === undefined ? "vera studio" : `${view.title} · vera studio`;
    return () => {
      current = false;
    };
  }, [view]);
  const Shown = shown !== null && shown.name === view?.name ? shown.component : null;
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
