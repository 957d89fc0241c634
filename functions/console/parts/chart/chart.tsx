import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { visibleName } from '../../format/names.ts';
import { type Series, stack } from '../../format/series.ts';
import { useColors } from './colors.ts';

interface ChartProps {
  series: Series;
  /** What is drawn, for those who do not see it. The same figures stand in a table. */
  label: string;
  format: (value: number) => string;
  /** The user has marked a time. Seconds, UTC. */
  onZoom?: (from: number, to: number) => void;
}

const HEIGHT = 240;
/** Narrower marks are an accident. */
const MIN_ZOOM_PX = 8;

/** Bars over time, one on top of the other. */
export function Chart({ series, label, format, onZoom }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const zoom = useRef(onZoom);
  zoom.current = onZoom;
  const colors = useColors();

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const plot = new UPlot(optionsOf(series, element.clientWidth, format, colors, zoom), dataOf(series), element);
    const resize = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
    resize.observe(element);
    return () => {
      resize.disconnect();
      plot.destroy();
    };
  }, [series, format, colors]);

  return (
    <figure class="chart">
      <div ref={place} role="img" aria-label={label} />
      <figcaption>
        <ul class="legend">
          {series.rows.map(({ name }, index) => (
            <li key={name ?? ''}>
              <span class={`swatch color-${index % SWATCHES}`} aria-hidden="true" />
              <bdi class="name" title={name === null ? undefined : visibleName(name)}>
                {name === null ? 'all others' : visibleName(name) || 'none'}
              </bdi>
            </li>
          ))}
        </ul>
      </figcaption>
    </figure>
  );
}

const SWATCHES = 7;

/** The highest bar is drawn first, so that each lower one covers its part. */
const dataOf = ({ times, rows }: Series): UPlot.AlignedData => [
  times,
  ...stack(rows.map(({ values }) => values)).reverse(),
];

function optionsOf(
  { times, rows }: Series,
  width: number,
  format: (value: number) => string,
  { text, grid, swatches }: ReturnType<typeof useColors>,
  zoom: { current: ChartProps['onZoom'] },
): UPlot.Options {
  const bars = UPlot.paths.bars?.({ size: [0.8, 60], align: 1 });
  const axis = { stroke: text, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } };
  const step = (times[1] ?? 0) - (times[0] ?? 0);
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { drag: { x: zoom.current !== undefined, y: false, dist: MIN_ZOOM_PX } },
    scales: {
      x: { range: (_plot, min, max) => [min, max + step] },
      y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.08 : 1] },
    },
    axes: [
      { ...axis, space: 70 },
      { ...axis, size: 72, values: (_plot, values) => values.map((value) => (value === null ? '' : format(value))) },
    ],
    series: [
      {},
      ...rows
        .map(({ name }, index) => {
          const color = swatches[index % SWATCHES] ?? text;
          return {
            label: name ?? '',
            fill: color,
            stroke: color,
            width: 0,
            points: { show: false },
            ...(bars && { paths: bars }),
          };
        })
        .reverse(),
    ],
    hooks: {
      setSelect: [
        (plot) => {
          const { left, width: selected } = plot.select;
          if (selected < MIN_ZOOM_PX) return;
          const [from, to] = [plot.posToVal(left, 'x'), plot.posToVal(left + selected, 'x')];
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          zoom.current?.(from, to);
        },
      ],
    },
  };
}
