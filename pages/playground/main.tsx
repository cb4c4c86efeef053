/** The playground: energy-based models that train in the page. */
import { render } from "preact";
import { App } from "./app.js";
import "../shared/theme.css";
import "./playground.css";

render(<App />, document.getElementById("app")!);
