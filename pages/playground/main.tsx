/** The playground: energy-based models that train in the page. */
import { render } from "preact";
import "../shared/theme.css";

render(<h1>vera playground</h1>, document.getElementById("app")!);
