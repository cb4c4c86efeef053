/** Figures for papers and for watching a run: every plot function returns SVG text, image grids return PNG files. */
export { type BarChartOptions, type BarSeries, barChart } from "./bar-chart.js";
export { blues, type Colormap, greys, magma, viridis } from "./colormap.js";
export { type ConfusionMatrixOptions, confusionMatrix } from "./confusion-matrix.js";
export type { Extent } from "./grid.js";
export { type HeatmapOptions, heatmap } from "./heatmap.js";
export { type HistogramOptions, histograms, type Sample } from "./histogram.js";
export { type ChainGridOptions, chainGrid, type ImageGridOptions, imageGrid } from "./image-grid.js";
export { type LineChartOptions, lineChart, type Series } from "./line-chart.js";
export type { Labels, PlotSize } from "./panel.js";
export { type Reliability, reliabilityDiagram } from "./reliability.js";
export { renderPng } from "./render.js";
export { type RocCurve, rocCurves } from "./roc.js";
export { savePlot, savePng } from "./save.js";
export { type PointSet, type ScatterOptions, scatter } from "./scatter.js";
export { FigureError } from "./svg.js";
export { type ToyPanels, toyPanels } from "./toy-panels.js";
export { type TrajectoriesOptions, trajectories } from "./trajectories.js";
