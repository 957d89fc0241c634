import { useEffect, useState } from 'preact/hooks';

/** Colors of the style, for what is drawn on a canvas. */
export interface Colors {
  text: string;
  grid: string;
  swatches: string[];
}

const SWATCHES = 7;

/** The colors as they are now; they change with the system's. */
export function useColors(): Colors {
  const [colors, setColors] = useState(readColors);
  useEffect(() => {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const onChange = () => setColors(readColors());
    dark.addEventListener('change', onChange);
    return () => dark.removeEventListener('change', onChange);
  }, []);
  return colors;
}

/** A canvas knows no custom property, so each is resolved by an element that has it. */
function readColors(): Colors {
  const probe = document.createElement('span');
  probe.hidden = true;
  document.body.append(probe);
  const colorOf = (name: string): string => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const colors = {
    text: colorOf('muted'),
    grid: colorOf('line'),
    swatches: Array.from({ length: SWATCHES }, (_none, index) => colorOf(`color-${index}`)),
  };
  probe.remove();
  return colors;
}
