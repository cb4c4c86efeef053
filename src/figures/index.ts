/** Figures for papers and for watching a run: every chart is a Vega-Lite specification, image grids are PNG files. */
export { type Chart, draw } from "./chart.js";
export { confusionMatrix } from "./confusion-matrix.js";
export { FigureError } from "./error.js";
export { histograms } from "./histogram.js";
export { chainGrid, imageGrid } from "./image-grid.js";
export { lineChart } from "./line-chart.js";
export { reliabilityDiagram } from "./reliability.js";
export { renderPng } from "./render.js";
export { rocCurves } from "./roc.js";
export { savePlot, savePng } from "./save.js";
export { scatter } from "./scatter.js";
export { toyPanels } from "./toy-panels.js";
export { trajectories } from "./trajectories.js";
