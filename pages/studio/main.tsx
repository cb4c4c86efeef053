/** The studio's page: a frame with the views, one for each address behind the #. */
import { render } from "preact";
import { App } from "./app.js";
import "../shared/theme.css";
import "./studio.css";

render(<App />, document.getElementById("app")!);
