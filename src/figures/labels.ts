/** Words around a plot. */
export interface Labels {
  readonly title?: string;
  readonly xLabel?: string;
  readonly yLabel?: string;
}

/** Size of the plot area in pixels, axes and labels not counted. */
export interface PlotSize {
  readonly width?: number;
  readonly height?: number;
}

/** A title, where there is one. */
export const titled = (title: string | undefined) => (title === undefined ? {} : { title });
